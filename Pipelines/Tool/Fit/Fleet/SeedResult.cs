using System.Globalization;
using System.Text.Json.Serialization;

namespace Tool;

/// <summary>What a run came to with one seed. <paramref name="Accuracy"/>: of the last model in use on people whom no device learned from,
/// full network. <paramref name="SecondsToTarget"/>: virtual time to the target; null if it was not reached, or time is real.</summary>
internal sealed record SeedResult(long Seed, double Accuracy, double? SecondsToTarget, long Versions)
{
    internal static SeedResult Of(long seed, RunResult run) => new(seed, run.Accuracy, run.VirtualSecondsToTarget, run.Versions);
}

/// <summary>A mean over seeds, and how far they spread.</summary>
internal sealed record SeedSpread(string Mode, [property: JsonPropertyOrder(1)] IReadOnlyList<SeedResult> Seeds)
{
    public double MeanAccuracy => Seeds.Average(static s => s.Accuracy);

    /// <summary>Standard deviation, with one degree of freedom less than seeds.</summary>
    public double DeviationOfAccuracy => Seeds.Count < 2 ? 0
        : Math.Sqrt(Seeds.Sum(s => (s.Accuracy - MeanAccuracy) * (s.Accuracy - MeanAccuracy)) / (Seeds.Count - 1));

    public double LeastAccuracy => Seeds.Min(static s => s.Accuracy);

    public double MostAccuracy => Seeds.Max(static s => s.Accuracy);

    /// <summary>Seeds that reached the target.</summary>
    public int Reached => Seeds.Count(static s => s.SecondsToTarget is not null);

    /// <summary>Of those that reached the target; null without one.</summary>
    public double? MeanSecondsToTarget => Seeds.Average(static s => s.SecondsToTarget);

    internal string Text => string.Create(CultureInfo.InvariantCulture,
        $"{Seeds.Count} seeds: accuracy {MeanAccuracy:0.000} ± {DeviationOfAccuracy:0.000} ({LeastAccuracy:0.000} to {MostAccuracy:0.000})")
        + (MeanSecondsToTarget is { } mean ? string.Create(CultureInfo.InvariantCulture,
            $", target after {mean:0} s in {Reached} of them") : "");
}
