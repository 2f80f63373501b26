namespace StreamLearn.Learning;

internal static class EvaluationMessages
{
    internal static IReadOnlyList<MessageCodec> All { get; } =
    [
        .. LearningCodecs.Messages, MessageCodec.Of<Evaluation>("evaluation/2", Evaluation.State),
        MessageCodec.Of<PrequentialScore>("prequential-score/1", State),
    ];

    private static void State(ref StateStream s, ref PrequentialScore score)
    {
        var device = s.Value(score?.Device ?? "");
        var (landmark, window) = (Matrix(ref s, score?.Landmark), Matrix(ref s, score?.Window));
        var (fading, noChange) = (s.Value(score?.FadingAccuracy ?? 0), s.Value(score?.NoChangeAccuracy ?? 0));
        var bins = s.Items(score?.Reliability.Bins ?? [], ushort.MaxValue, static (ref StateStream s, ref ReliabilityBin bin) =>
            bin = new(s.Value(bin.Rows), s.Value(bin.Correct), s.Value(bin.Confidence)));
        var (logLoss, windowLogLoss, brier) = (Mean(ref s, score?.LogLoss), Mean(ref s, score?.WindowLogLoss), Mean(ref s, score?.Brier));
        if (s.IsWriting) { return; }
        score = new()
        {
            Device = device,
            Landmark = landmark!,
            Window = window!,
            FadingAccuracy = fading,
            NoChangeAccuracy = noChange,
            Reliability = new(bins),
            LogLoss = logLoss,
            WindowLogLoss = windowLogLoss,
            Brier = brier,
        };
    }

    private static ConfusionMatrix? Matrix(ref StateStream s, ConfusionMatrix? matrix)
    {
        var counts = s.Array(matrix?.Counts ?? [], int.MaxValue);
        if (s.IsWriting) { return matrix; }
        try { return new(counts); }
        catch (ArgumentException e) { throw new StateException(e.Message); }
    }

    /// <summary>NaN represents null.</summary>
    private static double? Mean(ref StateStream s, double? mean) =>
        s.Value(mean ?? double.NaN) is var value && double.IsNaN(value) ? null : value;
}
