namespace StreamLearn.Learning;

/// <summary>How the messages of split sides are saved in a checkpoint.</summary>
internal static class SplitMessages
{
    internal static IReadOnlyList<MessageCodec> All { get; } =
        [.. LearningMessages.All, MessageCodec.Of<SplitReport>("split-report/1", Write, Read)];

    private static void Write(StateWriter writer, SplitReport report)
    {
        writer.Write(report.Source);
        writer.Write(report.First);
        writer.Write(report.End);
        writer.Write(report.Loss);
        writer.Write(report.RolledBack);
        writer.Write(report.Evaluation is not null);
        if (report.Evaluation is not null) { EvaluationMessages.Write(writer, report.Evaluation); }
        writer.Write(LearningCodecs.Weights, report.Weights);
    }

    private static SplitReport Read(ref StateReader reader) => new()
    {
        Source = reader.ReadText(),
        First = reader.ReadInt32(),
        End = reader.ReadInt32(),
        Loss = reader.ReadSingle(),
        RolledBack = reader.ReadInt64(),
        Evaluation = reader.ReadBoolean() ? EvaluationMessages.ReadEvaluation(ref reader) : null,
        Weights = reader.Read(LearningCodecs.Weights),
    };
}
