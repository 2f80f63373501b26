using StreamLearn.Fleets;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Simulation;

namespace StreamLearn.Simulated;

internal sealed record TrainingMode(string Name, bool Barrier, double ReplaySpeed)
{
    /// <summary>Suffix of a run without the code of the others.</summary>
    internal const string Float32 = "-float32";

    /// <summary>The main run comes first. <paramref name="speedOfSource"/>: null for that of the scenario. <paramref name="inStep"/>: true
    /// if each device has one class, so a version should use all devices.</summary>
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
    internal TensorCode? Code { get; init; }

    internal Strategy? Strategy { get; init; }

    internal Averaging? Averaging { get; init; }

    /// <summary>When versions were best for devices left out of trials; null: there were no trials.</summary>
    internal TimeSpan? BestAt { get; init; }
}
