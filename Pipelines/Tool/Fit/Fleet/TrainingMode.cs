using StreamLearn.Fleets;
using StreamLearn.Models;
using StreamLearn.Simulation;

namespace Tool;

/// <summary>How a fleet is trained: one of the runs that the report compares.</summary>
internal sealed record TrainingMode(string Name, bool Barrier, double ReplaySpeed)
{
    /// <summary>The runs that the options ask for, the main one first. <paramref name="speedOfSource"/>: how fast they play instead; null:
    /// as the scenario says.</summary>
    /// <paramref name="inStep"/>: each device has rows of one class, so that a version should be of all.
    internal static List<TrainingMode> Of(JobOptions options, Scenario scenario, double? speedOfSource = null, bool inStep = false)
    {
        var speed = speedOfSource ?? scenario.ReplaySpeed;
        List<TrainingMode> modes = [];
        var choice = options.Mode ?? (!options.IsVirtual ? ModeChoice.Async : inStep ? ModeChoice.Barrier : ModeChoice.Both);
        if (choice != ModeChoice.Barrier) { modes.Add(new("async", Barrier: false, speed)); }
        if (choice != ModeChoice.Async) { modes.Add(new("barrier", Barrier: true, speed)); }
        if (options.Contrast && options.IsVirtual && modes.Count == 2 && speed != 1)
        {
            modes.Add(new("async-1x", Barrier: false, 1));
            modes.Add(new("barrier-1x", Barrier: true, 1));
        }

        return modes;
    }
}

/// <summary>All that the pipelines of one run depend on.</summary>
internal sealed record FleetRun(FleetSource Source, Network Network, Scenario Scenario, TrainingMode Mode, long Seed, bool Continuous,
    bool FullSpeed, string Topics = "sl/quickstart", long AggregatorEpoch = 0)
{
    /// <summary>How versions are made; null: as the mode says.</summary>
    internal Strategy? Strategy { get; init; }

    /// <summary>How the model in use follows from versions; null: as the mode says.</summary>
    internal Averaging? Averaging { get; init; }

    /// <summary>Where devices send what they learned.</summary>
    internal string Deltas => $"{Topics}/+/up/delta";
}
