using System.Collections.Immutable;
using System.Globalization;

namespace Aggregator;

/// <summary><paramref name="Name"/>: with its unit, as in metrics.</summary>
internal readonly record struct UsedResource(string Name, double Used, double Limit)
{
    /// <summary>Formatted as <c>12.1 of 60 s</c>.</summary>
    internal string Text => Name switch
    {
        Resource.TimeName => string.Create(CultureInfo.InvariantCulture, $"{Used:0.#} of {Limit:0.#} s"),
        Resource.BytesName when Limit < 1e5 => string.Create(CultureInfo.InvariantCulture, $"{Used:#,0} of {Limit:#,0} bytes"),
        Resource.BytesName => string.Create(CultureInfo.InvariantCulture, $"{Used / 1e6:0.0#} of {Limit / 1e6:0.0#} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Used:0.##} of {Limit:0.##} {Name}"),
    };
}

/// <summary><paramref name="Steps"/>: local steps of this round. <paramref name="Delta"/>: divergence of the devices' gradients; NaN if
/// unknown.</summary>
internal sealed record FleetBudget(int Steps, TauStage Stage, double Delta, ImmutableArray<UsedResource> Resources)
{
    internal bool HasEnded => Stage == TauStage.Ended;

    /// <summary>Used share of the most used resource; may slightly exceed 1.</summary>
    internal double Share => Resources.Max(static r => r.Used / r.Limit);

    private string StepsWord => Steps == 1 ? "step" : "steps";

    internal string Used => $"{string.Join(" and ", Resources.Select(static r => r.Text))} used";

    internal string Text => $"{Used}; " + Stage switch
    {
        TauStage.Learning => string.Create(CultureInfo.InvariantCulture, $"{Steps} {StepsWord} a round"),
        TauStage.LastLearning => string.Create(CultureInfo.InvariantCulture, $"last round, of {Steps} {StepsWord}"),
        TauStage.Evaluating => "evaluating the last version",
        _ => "learning has ended",
    };

    /// <summary>Returns the used budget; null: no round has ended.</summary>
    internal static FleetBudget? Of(IReadOnlyDictionary<string, double> gauges, ImmutableArray<Resource> budget) =>
        gauges.TryGetValue("tau", out var steps)
            ? new((int)steps, (TauStage)gauges.GetValueOrDefault("stage"), gauges.GetValueOrDefault("delta", double.NaN),
                [.. budget.Select(r => new UsedResource(r.Name, gauges.GetValueOrDefault($"used-{r.Name}"), r.Limit))])
            : null;
}
