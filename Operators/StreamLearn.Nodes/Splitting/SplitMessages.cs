namespace StreamLearn.Nodes;

internal static class SplitMessages
{
    internal static IReadOnlyList<MessageCodec> All { get; } =
        [.. LearningCodecs.Messages, MessageCodec.Of<SplitReport>("split-report/1", State)];

    private static void State(ref StateStream s, ref SplitReport report)
    {
        var (source, first, end) = (s.Value(report?.Source ?? ""), s.Value(report?.First ?? 0), s.Value(report?.End ?? 0));
        var (loss, rolledBack, evaluation) = (s.Value(report?.Loss ?? 0), s.Value(report?.RolledBack ?? 0), report?.Evaluation);
        if (s.Value(evaluation is not null)) { Evaluation.State(ref s, ref evaluation!); }
        var weights = s.Value(report?.Weights, LearningCodecs.Weights);
        if (s.IsWriting) { return; }
        report = new()
        {
            Source = source,
            First = first,
            End = end,
            Loss = loss,
            RolledBack = rolledBack,
            Evaluation = evaluation,
            Weights = weights,
        };
    }
}
