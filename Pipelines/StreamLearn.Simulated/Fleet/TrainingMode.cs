using StreamLearn.Fleets;
using StreamLearn.Models;
using StreamLearn.Simulation;

namespace StreamLearn.Simulated;

/// <summary>One of the training runs that the report compares.</summary>
internal sealed record TrainingMode(string Name, bool Barrier, double ReplaySpeed)
{
    /// <summary>The main run comes first. <paramref name="speedOfSource"/>: null: from the scenario. <paramref name="inStep"/>: each device
    /// has one class, so a version should use all.</summary>
    internal static List<TrainingMode> Of(FleetOptions options, Scenario scenario, double? speedOfSource = null, bool inStep = false)
    {
        var speed = speedOfSource ?? scenario.ReplaySpeed;
        List<TrainingMode> modes = [];
        var choice = options.Mode ?? (inStep ? ModeChoice.Barrier : ModeChoice.Both);
        if (choice != ModeChoice.Barrier) { modes.Add(new("async", Barrier: false, speed)); }
        if (choice != ModeChoice.Async) { modes.Add(new("barrier", Barrier: true, speed)); }
        if (options.Contrast && modes.Count == 2 && speed != 1)
        {
            modes.Add(new("async-1x", Barrier: false, 1));
            modes.Add(new("barrier-1x", Barrier: true, 1));
        }

        return modes;
    }
}

internal sealed record FleetRun(FleetSource Source, Network Network, RunPipelines Pipelines, Scenario Scenario, TrainingMode Mode,
    long Seed, bool Continuous, bool FullSpeed, string Topics = "sl/quickstart", long AggregatorEpoch = 0)
{
    /// <summary>The strategy; null: from the mode.</summary>
    internal Strategy? Strategy { get; init; }

    /// <summary>The averaging; null: from the mode.</summary>
    internal Averaging? Averaging { get; init; }

    internal string Deltas => $"{Topics}/+/up/delta";
}
