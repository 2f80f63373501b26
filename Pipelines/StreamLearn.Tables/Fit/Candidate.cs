namespace StreamLearn.Tables;

/// <summary><paramref name="Accuracies"/>: per held-out device.</summary>
internal sealed record Candidate(string Model, double[] Accuracies)
{
    private const double Tie = 0.5;             // standard errors between devices, or of few windows
    private const double TieOfStopped = 1;      // of what judged by the devices at which it stopped: on other ones it is worse than so
    private const double LeastGain = 0.01;      // share of the error that a learned forecast must save

    /// <summary>The mean over devices, each the same whatever its number of windows: so are the bounds on unseen ones.</summary>
    internal double Accuracy => Accuracies.DefaultIfEmpty(0).Average();

    /// <summary>Variance of a device's accuracy from its window count; overlapping windows count half.</summary>
    internal double WindowVariance { get; init; }

    /// <summary>Per held-out device; empty: the same number of each.</summary>
    internal double[] Windows { get; init; } = [];

    /// <summary>Accuracy of the most frequent class; 0 for values, which is that of the mean.</summary>
    internal double Trivial { get; init; }

    internal bool OfValues { get; init; }

    /// <summary>Versions of which it was the best.</summary>
    internal int Looks { get; init; } = 1;

    /// <summary>True if the held-out devices also said when to stop.</summary>
    internal bool IsStopped { get; init; }

    internal static Candidate Over(IReadOnlyList<Candidate> trials) =>
        new(trials[0].Model, [.. trials.SelectMany(static t => t.Accuracies)])
        {
            WindowVariance = trials.Average(static t => t.WindowVariance),
            Windows = [.. trials.SelectMany(static t => t.Windows)],
            Trivial = trials.Average(static t => t.Trivial),
            OfValues = trials[0].OfValues,
            IsStopped = trials[0].IsStopped,
        };

    /// <summary>Returns the best by mean over devices, or the simplest that ties with it, of those that all devices judged.</summary>
    internal static Candidate Choose(IReadOnlyList<Candidate> candidates)
    {
        var judged = candidates.GroupBy(static c => c.Accuracies.Length).MaxBy(static g => g.Key)!;
        var best = judged.MaxBy(static c => c.Accuracy)!;
        return judged.First(c => !c.IsBehind(best, best.IsStopped && !c.IsStopped ? TieOfStopped : Tie));
    }

    /// <summary>True if another is better on the same devices, and no tie.</summary>
    internal bool IsBehind(Candidate other, double tie = Tie)
    {
        double[] lead = [.. other.Accuracies.Zip(Accuracies, static (a, b) => a - b)];
        var mean = lead.Average();
        var variance = lead.Sum(d => (d - mean) * (d - mean)) / Math.Max(1, lead.Length - 1);
        return mean > tie * Math.Sqrt(Math.Max(variance, WindowVariance + other.WindowVariance) / lead.Length);
    }

    /// <summary>True if not even answers without an error would be better than a tie.</summary>
    internal bool CannotBeOvertaken =>
        Accuracies.Length > 0 && !IsBehind(this with { Accuracies = [.. Accuracies.Select(static _ => 1.0)], WindowVariance = 0 });

    private double Loss => 1 - Accuracy;

    /// <summary>Returns the simplest of those that are better than each plain one; if there is none, the best plain one.</summary>
    internal static Candidate Choose(IReadOnlyList<Candidate> learned, IReadOnlyList<Candidate> plain)
    {
        if (plain.Count == 0) { return Choose(learned); }
        var best = plain.MinBy(static c => c.Loss)!;
        var better = learned.Where(c => c.Accuracies.Length == best.Accuracies.Length && c.Loss <= (1 - LeastGain) * best.Loss).ToList();
        return better.Count > 0 ? Choose(better) : best;
    }

    /// <summary>Bounds on the accuracy, or the mean absolute error, on unseen devices; null: none that says something.</summary>
    internal (double Low, double High)? Promise(int unseen, int choices, double? spread) =>
        DeviceBounds.Of(this, unseen, choices + Looks - 1) is not var (low, high) ? null
        : spread is { } error ? (error * (1 - high), error * (1 - low)) : (low, high);

    /// <summary>Describes the choice, its reason, and its bounds on devices not used for choosing. <paramref name="spread"/>: for values,
    /// the error of predicting the mean; null for classes.</summary>
    internal static string Text(Candidate[] candidates, Candidate chosen, double? spread, int unseen, string where,
        string? reason = null)
    {
        var tried = string.Join(", ", candidates.Where(static c => c.Accuracies.Length > 0).Select(c =>
            $"{Score(c.Accuracy)} with {c.Model}"
            + (c.Accuracies.Length < chosen.Accuracies.Length ? $" (on {c.Accuracies.Length})" : "")));
        return $"{chosen.Model}: {(spread is null ? "accuracy" : "mean absolute error")} {tried} {where}{reason ?? Reason()}"
            + (chosen.Accuracies.Length < 2 ? ", which says nothing about other devices"
                : chosen.Promise(unseen, candidates.Length, spread) is var (low, high)
                    ? $"; on {unseen} unseen {Number(low)} to {Number(high)} with 95 % confidence"
                : $"; says nothing about {unseen} unseen: {chosen.Accuracies.Length} devices that differ so are too few");

        string Reason() =>
            Array.Exists(candidates, static c => c.Accuracies.Length == 0) ? ", so no other model can be clearly better"
            : candidates.Length == 1 ? ""
            : candidates.MaxBy(static c => (c.Accuracies.Length, c.Accuracy)) == chosen ? ", the best"
            : ", the simplest that no other is clearly better than";

        string Score(double accuracy) => Number(spread is { } error ? error * (1 - accuracy) : accuracy);

        string Number(double value) => value.ToString(spread is null ? "0.000" : "G4", CultureInfo.InvariantCulture);
    }
}
