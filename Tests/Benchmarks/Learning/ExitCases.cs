namespace Benchmarks;

/// <summary>What early exits save of the time of inference, beside what they save of its multiply-adds.</summary>
internal static class ExitCases
{
    private const int Rows = 4_096;
    private const double LeaveEarly = 0.7;      // the share that leaves at the first exit on real recordings
    private static readonly Network Network = HarNetwork.Create();
    private static readonly float[] Weights = [.. Network.Initial.Values];
    private static readonly float[] Features = HarSteps.Rows(Network, Rows).Features;
    private static readonly float[] Probabilities = new float[Rows * HarNetwork.Classes];
    private static readonly int[] Exits = new int[Rows];
    private static readonly Workspace Memory = new();
    internal static Sample Early() => Answer(Middle());
    internal static Sample First() => Answer(new(ExitMeasure.Entropy, [float.PositiveInfinity]));
    internal static Sample Whole() => Answer(ExitRule.Never(Network.Exits.Length));

    private static Sample Answer(ExitRule rule)
    {
        var executed = 0L;
        var sample = Measurement.NanosecondsPer(Rows,
            () => executed = Network.Answer(Weights, new(Features, Rows), rule, Probabilities, Exits, Memory));
        return sample with
        {
            Details = new Dictionary<string, double> { ["work_fraction"] = (double)executed / (Rows * Network.Plan.MultiplyAdds) },
        };
    }

    /// <summary>The rule that lets the wanted share of the rows leave: a quantile of their entropy.</summary>
    private static ExitRule Middle()
    {
        var (logits, classes) = (new float[Network.Exits.Length * Rows * Network.Plan.Outputs], Network.Plan.Outputs);
        Network.Logits(Weights, new(Features, Rows), logits, new());
        var (low, high) = (0f, MathF.Log(classes) + 1);
        for (var step = 0; step < 40; step++)
        {
            var rule = new ExitRule(ExitMeasure.Entropy, [(low + high) / 2]);
            var left = Enumerable.Range(0, Rows).Count(r => rule.Leaves(0, logits.AsSpan(r * classes, classes)));
            (low, high) = left < LeaveEarly * Rows ? ((low + high) / 2, high) : (low, (low + high) / 2);
        }
        return new(ExitMeasure.Entropy, [high]);
    }
}
