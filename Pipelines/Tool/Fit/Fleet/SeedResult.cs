using System.Globalization;

namespace Tool;

/// <summary>What a run came to with one seed.</summary>
internal sealed record SeedResult
{
    /// <summary>The seed.</summary>
    public required long Seed { get; init; }

    /// <summary>Accuracy of the last model in use on people whom no device learned from, full network.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Virtual time to the target; null if it was not reached, or time is real.</summary>
    public required double? SecondsToTarget { get; init; }

    /// <summary>The last version.</summary>
    public required long Versions { get; init; }

    internal static SeedResult Of(long seed, RunResult run) => new()
    {
        Seed = seed,
        Accuracy = run.Accuracy,
        SecondsToTarget = run.VirtualSecondsToTarget,
        Versions = run.Versions,
    };
}

/// <summary>A mean over seeds, and how far they spread.</summary>
internal sealed record SeedSpread
{
    /// <summary>The run: <c>async</c> or <c>barrier</c>, with <c>-1x</c> where the recordings play at their own speed.</summary>
    public required string Mode { get; init; }

    /// <summary>Mean accuracy.</summary>
    public required double MeanAccuracy { get; init; }

    /// <summary>Standard deviation of the accuracies, with one degree of freedom less than seeds.</summary>
    public required double DeviationOfAccuracy { get; init; }

    /// <summary>The least accuracy.</summary>
    public required double LeastAccuracy { get; init; }

    /// <summary>The most accuracy.</summary>
    public required double MostAccuracy { get; init; }

    /// <summary>Seeds that reached the target.</summary>
    public required int Reached { get; init; }

    /// <summary>Mean virtual time to the target of those; null without one.</summary>
    public required double? MeanSecondsToTarget { get; init; }

    /// <summary>The seeds, in order.</summary>
    public required List<SeedResult> Seeds { get; init; }

    internal string Text => string.Create(CultureInfo.InvariantCulture,
        $"{Seeds.Count} seeds: accuracy {MeanAccuracy:0.000} ± {DeviationOfAccuracy:0.000} ({LeastAccuracy:0.000} to {MostAccuracy:0.000})")
        + (MeanSecondsToTarget is { } mean ? string.Create(CultureInfo.InvariantCulture,
            $", target after {mean:0} s in {Reached} of them") : "");

    internal static SeedSpread Of(string mode, IReadOnlyList<SeedResult> seeds)
    {
        var mean = seeds.Average(s => s.Accuracy);
        var reached = seeds.Where(s => s.SecondsToTarget is not null).ToList();
        return new()
        {
            Mode = mode,
            MeanAccuracy = mean,
            DeviationOfAccuracy = seeds.Count < 2 ? 0 : Math.Sqrt(seeds.Sum(s =>
                (s.Accuracy - mean) * (s.Accuracy - mean)) / (seeds.Count - 1)),
            LeastAccuracy = seeds.Min(s => s.Accuracy),
            MostAccuracy = seeds.Max(s => s.Accuracy),
            Reached = reached.Count,
            MeanSecondsToTarget = reached.Count == 0 ? null : reached.Average(s => s.SecondsToTarget!.Value),
            Seeds = [.. seeds],
        };
    }
}
