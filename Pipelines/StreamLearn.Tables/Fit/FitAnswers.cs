namespace StreamLearn.Tables;

/// <summary>Answers to held-out windows, in time order per device. <paramref name="Outputs"/>: class probabilities or a value, window after
/// window. <paramref name="Targets"/>: empty for classes.</summary>
internal sealed record FitAnswers(float[] Outputs, int[] Labels, float[] Targets, int[] Owners)
{
    private const double Level = 0.01;      // p-value above which answers are no better than chance or the mean
    private const double MinShare = 1e-6;   // of a class, so that one answer does not decide
    private const int MinDevices = 4;       // minimum devices for the test
    private const int MinRanked = 7;        // fewer devices are in order by chance

    private bool OfValues => Targets.Length > 0;

    private int Width => Outputs.Length / Math.Max(1, Labels.Length);

    /// <summary>The devices, sorted.</summary>
    internal IEnumerable<int> Devices => Owners.Distinct().Order();

    /// <summary>Returns the share of correct classes, or the mean absolute error.</summary>
    internal double Mean => MeanOf(Enumerable.Range(0, Labels.Length));

    /// <summary>A measure for each device that is larger for better answers.</summary>
    internal IEnumerable<double> Ranks => Devices.Select(d => OfValues ? -MeanOf(d) : MeanOf(d));

    /// <summary>Mean log loss of the true classes; 0 for values.</summary>
    internal double LogLoss => OfValues ? 0 : Enumerable.Range(0, Labels.Length)
        .Select(r => -Math.Log(Math.Max(MinShare, Outputs[(r * Width) + Labels[r]]))).DefaultIfEmpty(0).Average();

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

    /// <summary><paramref name="spread"/>: for values, the error of predicting the mean, to which the error of the answers is
    /// compared. <paramref name="overlap"/>: windows that share a row.</summary>
    internal Candidate CandidateOf(string model, double spread, double overlap = 2)
    {
        double Score(double mean) => OfValues ? 1 - (mean / spread) : mean;
        var devices = Devices.ToList();
        Candidate candidate = new(model, [.. devices.Select(d => Score(MeanOf(d)))])
        {
            Windows = [.. devices.Select(d => (double)RowsOf(d).Length)],
            OfValues = OfValues,
        };
        if (OfValues || Labels.Length == 0) { return candidate; }
        var share = (Math.Round(Mean * Labels.Length) + 2) / (Labels.Length + 4);       // Agresti, Coull (1998): avoids 0 and 1
        return candidate with
        {
            WindowVariance = share * (1 - share) * overlap * devices.Count / Labels.Length,
            Trivial = Labels.CountBy(static l => l).Max(static c => c.Value) / (double)Labels.Length,
        };
    }

    /// <summary>Returns scores for a bound; null if there are too few devices.</summary>
    internal ConformalScores? Scores(double coverage) => Devices.Count() < ConformalScores.GroupsFor(coverage) ? null
        : ConformalScores.Of([.. Enumerable.Range(0, Labels.Length).Select(ScoreOf)], Owners);

    /// <summary>Share of random pairings that score at least as well; null if there are too few pairings. <paramref name="tried"/>: number
    /// of models tried, as a correction for the best of several.</summary>
    internal double? Chance(long seed, int tried) => Labels.Length > 0 && ChanceTest.Least(Labels, Owners) * tried > Level ? null
        : Labels.Length == 0 ? 1
        : Math.Min(1, tried * ChanceTest.PValue([.. Outputs.Chunk(Width).Select(static p => ModelPlan.ClassOf(p))], Labels, Owners, seed));

    internal static bool IsChance(double? chance) => chance > Level;

    /// <summary>Returns true if values are not significantly better than the mean on held-out devices, corrected for the number tried;
    /// false if there are too few devices to tell.</summary>
    /// <remarks>Each device counts the same whatever its scale. Its gain is the difference of the errors as a share of their sum; t-test.
    /// Without a gain, answers may still be high where a device's targets are, which pairings show as for classes, or of devices whose
    /// targets are high: Spearman's correlation.</remarks>
    internal bool IsNoBetterThan(double mean, long seed, int tried)
    {
        var (devices, level) = (Devices.Select(RowsOf).ToList(), Level / tried);
        var n = devices.Count;
        if (n < MinDevices) { return false; }
        double[] gains = [.. devices.Select(rows => (Own: MeanOf(rows), OfMean: rows.Average(r => (double)Math.Abs(Targets[r] - mean))))
            .Select(static e => e.Own == e.OfMean ? 0 : (e.OfMean - e.Own) / (e.OfMean + e.Own))];
        var average = gains.Average();
        var error = Math.Sqrt(gains.Sum(g => (g - average) * (g - average)) / (n - 1) / n);
        if (average > DeviceBounds.Student(level, n - 1) * error) { return false; }      // one-sided, with half of the level
        var squares = RanksOf(Outputs).Zip(RanksOf(Targets), static (a, b) => (double)(a - b) * (a - b)).Sum();
        var r = 1 - (6 * squares / (n * ((double)(n * n) - 1)));
        if (n >= MinRanked && r > DeviceBounds.Student(0.4 * level, n - 2) * Math.Sqrt((1 - (r * r)) / (n - 2))) { return false; }
        return ChanceTest.PValue(Highs(Outputs), Highs(Targets), Owners, seed, ChanceTest.DefaultDraws * tried) > 0.2 * level;

        IEnumerable<int> RanksOf(float[] values)
        {
            double[] means = [.. devices.Select(rows => rows.Average(r => values[r]))];
            return means.Select(m => means.Count(o => o < m));
        }

        int[] Highs(float[] values)         // above the middle one of the device
        {
            var middles = devices.ToDictionary(
                rows => Owners[rows[0]], rows => rows.Select(r => values[r]).Order().ElementAt(rows.Length / 2));
            return [.. values.Select((v, row) => v > middles[Owners[row]] ? 1 : 0)];
        }
    }

    /// <summary>Share of the true classes or targets within the bound, and number of classes in a set, 0 for values; means of
    /// devices, as promised.</summary>
    internal (double Covered, double Classes) Within(float bound)
    {
        var set = new int[Width];
        return (Devices.Average(d => Within(d, bound)), OfValues ? 0 : Devices.Average(d => RowsOf(d).Average(Size)));

        double Size(int row) => ConformalScores.Set(Outputs.AsSpan(row * Width, Width), bound, set);
    }

    /// <summary>Share of a device's true classes or targets within the bound.</summary>
    internal double Within(int device, float bound)
    {
        var set = new int[Width];
        return RowsOf(device).Average(row => OfValues ? ScoreOf(row) <= bound ? 1.0 : 0
            : set.AsSpan(0, ConformalScores.Set(Outputs.AsSpan(row * Width, Width), bound, set)).Contains(Labels[row]) ? 1 : 0);
    }

    /// <summary>Returns a score that is larger for a worse answer.</summary>
    private float ScoreOf(int row) => OfValues ? ConformalScores.OfValue(Outputs[row], Targets[row])
        : ConformalScores.OfClass(Outputs.AsSpan(row * Width, Width), Labels[row]);

    private double MeanOf(IEnumerable<int> rows) => rows.Select(r => OfValues ? ScoreOf(r)
        : ModelPlan.ClassOf(Outputs.AsSpan(r * Width, Width)) == Labels[r] ? 1.0 : 0).DefaultIfEmpty(0).Average();
}
