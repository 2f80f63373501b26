namespace StreamLearn.Learning;

/// <summary>How evaluations and scores are saved in a checkpoint.</summary>
internal static class EvaluationMessages
{
    internal static IReadOnlyList<MessageCodec> All { get; } =
    [
        .. LearningMessages.All, MessageCodec.Of<Evaluation>("evaluation/2", State),
        MessageCodec.Of<PrequentialScore>("prequential-score/1", State),
    ];

    internal static void State(ref StateStream s, ref Evaluation evaluation)
    {
        var (device, version) = (s.Value(evaluation?.Device ?? ""), s.Value(evaluation?.ModelVersion ?? 0));
        var (rows, correct, loss) = (s.Value(evaluation?.Rows ?? 0), s.Value(evaluation?.Correct ?? 0), s.Value(evaluation?.Loss ?? 0));
        var confusion = s.Array(evaluation?.Confusion ?? [], int.MaxValue);
        var rolledBack = s.Value(evaluation?.RolledBack ?? 0);
        var values = evaluation?.Values ?? default;
        ValueErrors.State(ref s, ref values);
        if (s.IsWriting) { return; }
        evaluation = new()
        {
            Device = device,
            ModelVersion = version,
            Rows = rows,
            Correct = correct,
            Loss = loss,
            Confusion = confusion,
            RolledBack = rolledBack,
            Values = values,
        };
    }

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
        try
        {
            return new(counts);
        }
        catch (ArgumentException e)
        {
            throw new StateException(e.Message);
        }
    }

    /// <summary>A mean is finite: NaN stands for none.</summary>
    private static double? Mean(ref StateStream s, double? mean) =>
        s.Value(mean ?? double.NaN) is var value && double.IsNaN(value) ? null : value;
}
