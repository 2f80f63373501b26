using System.Globalization;
using System.Text.Json.Serialization;

namespace StreamLearn.Simulated;

/// <summary><paramref name="Accuracy"/>: of the last model in use on unseen people, full network. <paramref name="SecondsToTarget"/>:
/// virtual; null: not reached.</summary>
internal sealed record SeedResult(long Seed, double Accuracy, double? SecondsToTarget, long Versions)
{
    internal static SeedResult Of(long seed, RunResult run) => new(seed, run.Accuracy, run.VirtualSecondsToTarget, run.Versions);
}

internal sealed record SeedSpread(string Mode, [property: JsonPropertyOrder(1)] IReadOnlyList<SeedResult> Seeds)
{
    public double MeanAccuracy => Seeds.Average(static s => s.Accuracy);

    public double DeviationOfAccuracy => Seeds.Count < 2 ? 0
        : Math.Sqrt(Seeds.Sum(s => (s.Accuracy - MeanAccuracy) * (s.Accuracy - MeanAccuracy)) / (Seeds.Count - 1));

    public double LeastAccuracy => Seeds.Min(static s => s.Accuracy);

    public double MostAccuracy => Seeds.Max(static s => s.Accuracy);

    public int Reached => Seeds.Count(static s => s.SecondsToTarget is not null);

    public double? MeanSecondsToTarget => Seeds.Average(static s => s.SecondsToTarget);

    internal string Text => string.Create(CultureInfo.InvariantCulture,
        $"{Seeds.Count} seeds: accuracy {MeanAccuracy:0.000} ± {DeviationOfAccuracy:0.000} ({LeastAccuracy:0.000} to {MostAccuracy:0.000})")
        + (MeanSecondsToTarget is { } mean ? string.Create(CultureInfo.InvariantCulture,
            $", target after {mean:0} s in {Reached} of them") : "");
}
