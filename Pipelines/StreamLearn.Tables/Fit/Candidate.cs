namespace StreamLearn.Tables;

/// <summary><paramref name="Accuracies"/>: per held-out device.</summary>
internal sealed record Candidate(string Model, double[] Accuracies, double Accuracy)
{
    private const double UsualSpread = 0.05;    // of the loss difference between devices
    private const int UsualWeight = 3;          // its weight, in devices

    /// <summary>Variance of a device's accuracy from its window count; overlapping windows count half.</summary>
    internal double WindowVariance { get; init; }

    internal static Candidate Over(IReadOnlyList<Candidate> trials) =>
        new(trials[0].Model, [.. trials.SelectMany(static t => t.Accuracies)], trials.Average(static t => t.Accuracy))
        {
            WindowVariance = trials.Average(static t => t.WindowVariance),
        };

    /// <summary>The simplest candidate not significantly worse than the best.</summary>
    internal static Candidate Choose(IReadOnlyList<Candidate> candidates)
    {
        var best = candidates.MaxBy(static c => c.Accuracy)!;
        return candidates.First(c => ReferenceEquals(Better(c, best), c));
    }

    /// <summary>The first, which is simpler, unless the second is better by more than a standard error between devices.</summary>
    /// <remarks>Source: one-standard-error rule, Breiman, Friedman, Olshen, Stone (1984). With few devices the deviation is shrunk to a
    /// usual one.</remarks>
    internal static Candidate Better(Candidate first, Candidate second)
    {
        var differences = first.Accuracies.Zip(second.Accuracies, static (a, b) => b - a).ToList();
        var n = Math.Max(1, differences.Count);
        var mean = differences.Sum() / n;
        var variance = ((UsualWeight * UsualSpread * UsualSpread) + differences.Sum(d => (d - mean) * (d - mean))) / (UsualWeight + n - 1);
        var error = Math.Sqrt(Math.Max(variance, first.WindowVariance + second.WindowVariance) / n);
        return mean > error && second.Accuracy > first.Accuracy ? second : first;
    }

    /// <summary>The choice, its reason, and its bounds on devices that did not choose. <paramref name="spread"/>: of values the mean
    /// predictor's error; null: classes.</summary>
    internal static string Text(Candidate[] candidates, Candidate chosen, double? spread, int unseen, string where)
    {
        var tried = string.Join(", ", candidates.Select(c => $"{Score(c.Accuracy)} with {c.Model}"));
        return $"{chosen.Model}: {(spread is null ? "accuracy" : "mean absolute error")} {tried} {where}"
            + (DeviceBounds.Around(chosen, unseen, candidates.Length) is not var (mean, half) ? ", which says nothing about other devices"
                : spread is null ? $"; on {unseen} unseen {Score(Math.Max(0, mean - half))} to {Score(Math.Min(1, mean + half))}" + Sure
                : $"; on {unseen} unseen {Error(Math.Max(0, 1 - mean - half))} to {Error(1 - mean + half)}" + Sure);

        string Score(double accuracy) =>
            spread is null ? accuracy.ToString("0.000", CultureInfo.InvariantCulture) : Error(1 - accuracy);

        string Error(double share) => (share * spread!.Value).ToString("G4", CultureInfo.InvariantCulture);
    }

    private const string Sure = " with 95 % confidence";
}
