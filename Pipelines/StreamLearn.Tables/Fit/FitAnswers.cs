namespace StreamLearn.Tables;

/// <summary>Answers to held-out windows, in time order within a device. <paramref name="Outputs"/>: probabilities of
/// the classes, or a value, window after window. <paramref name="Targets"/>: empty: classes.</summary>
internal sealed record FitAnswers(float[] Outputs, int[] Labels, float[] Targets, int[] Owners)
{
    private const double Level = 0.01;      // p-value above which answers are no better than chance or the mean
    private const int MinDevices = 4;       // minimum devices for the test

    private bool OfValues => Targets.Length > 0;

    private int Width => Outputs.Length / Math.Max(1, Labels.Length);

    /// <summary>The devices, sorted.</summary>
    internal IEnumerable<int> Devices => Owners.Distinct().Order();

    /// <summary>Share of right classes, or mean absolute error.</summary>
    internal double Mean => MeanOf(Enumerable.Range(0, Labels.Length));

    /// <summary>The larger the better.</summary>
    internal double Rank => OfValues ? -Mean : Mean;

    internal static FitAnswers Of(Network network, Weights weights, FitWindows windows, float temperature = 1)
    {
        var outputs = new float[windows.Count * network.Plan.Outputs];
        if (network.Plan.Target == TargetKind.Value) { network.Infer(weights.Values.AsSpan(), windows.Sample, outputs, new()); }
        else
        {
            network.Answer(weights.Values.AsSpan(), new(windows.Features, windows.Count),
                ExitRule.Never(network.ExitCount) with { Temperature = temperature }, outputs, new int[windows.Count], new());
        }

        return new(outputs, windows.Labels, windows.Targets, windows.Owners);
    }

    internal static FitAnswers Over(IReadOnlyList<FitAnswers> parts) => new(
        [.. parts.SelectMany(static p => p.Outputs)], [.. parts.SelectMany(static p => p.Labels)],
        [.. parts.SelectMany(static p => p.Targets)], [.. parts.SelectMany(static p => p.Owners)]);

    internal double MeanOf(int device) => MeanOf(RowsOf(device));

    internal int[] RowsOf(int device) => [.. Enumerable.Range(0, Owners.Length).Where(r => Owners[r] == device)];

    /// <summary><paramref name="spread"/>: of values the mean predictor's error, a share of which the answers save.</summary>
    internal Candidate CandidateOf(string model, double spread)
    {
        double Score(double mean) => OfValues ? 1 - (mean / spread) : mean;
        var devices = Devices.ToList();
        Candidate candidate = new(model, [.. devices.Select(d => Score(MeanOf(d)))], Score(Mean));
        if (OfValues) { return candidate; }
        var share = (Math.Round(Mean * Labels.Length) + 2) / (Labels.Length + 4);       // Agresti, Coull (1998): avoids 0 and 1
        return candidate with { WindowVariance = share * (1 - share) * 2 * devices.Count / Math.Max(1, Labels.Length) };
    }

    /// <summary>Returns scores for a bound; null: too few devices.</summary>
    internal ConformalScores? Scores() => Labels.Length == 0 ? null
        : ConformalScores.Of([.. Enumerable.Range(0, Labels.Length).Select(ScoreOf)], Owners);

    /// <summary>Share of random pairings that score as well; null: too few pairings. <paramref name="tried"/>: models tried, as a
    /// correction for the best of several.</summary>
    internal double? Chance(long seed, int tried) => Labels.Length > 0 && ChanceTest.Least(Labels, Owners) * tried > Level ? null
        : Labels.Length == 0 ? 1
        : Math.Min(1, tried * ChanceTest.PValue([.. Outputs.Chunk(Width).Select(static p => ModelPlan.ClassOf(p))], Labels, Owners, seed));

    internal static bool IsChance(double? chance) => chance > Level;

    /// <summary>True if values are not significantly better than the mean on held-out devices, corrected for the number tried; false if
    /// too few can tell.</summary>
    internal bool IsNoBetterThan(double mean, int tried)
    {
        double[] gains = [.. Devices.Select(d => RowsOf(d).Average(r => Math.Abs(Targets[r] - mean)) - MeanOf(d))];
        if (gains.Length < MinDevices) { return false; }
        var average = gains.Average();
        var error = Math.Sqrt(gains.Sum(g => (g - average) * (g - average)) / (gains.Length - 1) / gains.Length);
        return !(average > DeviceBounds.Student(2 * Level / tried, gains.Length - 1) * error);      // one-sided
    }

    /// <summary>Share of the right classes or targets within the bound, and mean classes in a set; 0 of values.</summary>
    internal (double Covered, double Classes) Within(float bound)
    {
        if (OfValues) { return (Enumerable.Range(0, Labels.Length).Average(r => ScoreOf(r) <= bound ? 1.0 : 0), 0); }
        var (covered, count, set) = (0, 0, new int[Width]);
        foreach (var (row, p) in Outputs.Chunk(Width).Index())
        {
            var size = ConformalScores.Set(p, bound, set);
            count += size;
            if (set.AsSpan(0, size).Contains(Labels[row])) { covered++; }
        }

        return (covered / (double)Labels.Length, count / (double)Labels.Length);
    }

    /// <summary>Larger for a worse answer.</summary>
    private float ScoreOf(int row) => OfValues ? ConformalScores.OfValue(Outputs[row], Targets[row])
        : ConformalScores.OfClass(Outputs.AsSpan(row * Width, Width), Labels[row]);

    private double MeanOf(IEnumerable<int> rows) => rows.Select(r => OfValues ? ScoreOf(r)
        : ModelPlan.ClassOf(Outputs.AsSpan(r * Width, Width)) == Labels[r] ? 1.0 : 0).DefaultIfEmpty(0).Average();
}
