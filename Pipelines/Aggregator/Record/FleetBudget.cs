using System.Collections.Immutable;
using System.Globalization;
using StreamLearn.Fleets;

namespace Aggregator;

/// <summary>A resource of a budget. <paramref name="Name"/>: its name with its unit, as metrics have it.</summary>
internal readonly record struct UsedResource(string Name, double Used, double Limit)
{
    /// <summary>For people: <c>12.1 of 60 s</c>.</summary>
    internal string Text => Name switch
    {
        Resource.TimeName => string.Create(CultureInfo.InvariantCulture, $"{Used:0.#} of {Limit:0.#} s"),
        Resource.BytesName when Limit < 1e5 => string.Create(CultureInfo.InvariantCulture, $"{Used:#,0} of {Limit:#,0} bytes"),
        Resource.BytesName => string.Create(CultureInfo.InvariantCulture, $"{Used / 1e6:0.0#} of {Limit / 1e6:0.0#} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Used:0.##} of {Limit:0.##} {Name}"),
    };
}

/// <summary>How a fleet that learns under a budget stands. Immutable. <paramref name="Steps"/>: local steps of the round at hand.
/// <paramref name="Delta"/>: how far the gradients of the devices lie apart; not a number: not known.</summary>
internal sealed record FleetBudget(int Steps, TauStage Stage, double Delta, ImmutableArray<UsedResource> Resources)
{
    /// <summary>True once the budget is spent.</summary>
    internal bool HasEnded => Stage == TauStage.Ended;

    /// <summary>The share of the resource of which most has been used: 0 to 1, or a little more.</summary>
    internal double Share => Resources.Max(static r => r.Used / r.Limit);

    private string StepsWord => Steps == 1 ? "step" : "steps";

    /// <summary>What has been used, for people.</summary>
    internal string Used => $"{string.Join(" and ", Resources.Select(static r => r.Text))} used";

    /// <summary>How it stands, for people.</summary>
    internal string Text => $"{Used}; " + Stage switch
    {
        TauStage.Learning => string.Create(CultureInfo.InvariantCulture, $"{Steps} {StepsWord} a round"),
        TauStage.LastLearning => string.Create(CultureInfo.InvariantCulture, $"last round, of {Steps} {StepsWord}"),
        TauStage.Evaluating => "evaluating the last version",
        _ => "learning has ended",
    };

    /// <summary>Reads it from gauges of the block that aggregates; null: none of its rounds has ended.</summary>
    internal static FleetBudget? Of(IReadOnlyDictionary<string, double> gauges, ImmutableArray<Resource> budget) =>
        gauges.TryGetValue("tau", out var steps)
            ? new((int)steps, (TauStage)gauges.GetValueOrDefault("stage"), gauges.GetValueOrDefault("delta", double.NaN),
                [.. budget.Select(r => new UsedResource(r.Name, gauges.GetValueOrDefault($"used-{r.Name}"), r.Limit))])
            : null;
}
