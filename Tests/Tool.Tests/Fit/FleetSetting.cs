using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Simulation;

namespace Tool.Tests;

/// <summary>Who learns in a <see cref="TriedFleet"/>, and from what.</summary>
internal sealed class FleetSetting
{
    private readonly Network _network;
    private readonly Lazy<LabelledWindows> _unseen;

    /// <summary><paramref name="recordings"/>: the folder of recordings; null: rows are generated.</summary>
    internal FleetSetting(string? recordings, int devices, long seed)
    {
        Seed = seed;
        Source = FleetSource.From(
            new() { Data = recordings is null ? null : new(recordings), Devices = devices, Seed = seed },
            generatedSeconds: LongForm.IsAsked ? 600 : 240);     // ten minutes are about what there is of a recorded person
        _network = HarNetwork.Create(seed);
        _unseen = new(() => LabelledWindows.Collect(Source, Source.Unseen, seed));
    }

    /// <summary>Eight devices, on recordings where they are there.</summary>
    internal static FleetSetting Default { get; } = new(Recordings.Folder, 8, 42);

    internal long Seed { get; }

    internal FleetSource Source { get; }

    internal FleetRun RunOf(string topics) => Pipelines.Run(
        Source, _network, Scenario.Load(Path.Join(AppContext.BaseDirectory, "faults.json")),
        new("async", Barrier: false, 1), Seed, continuous: false, fullSpeed: true, topics);

    /// <summary>Accuracy of the model in use on people whom no device has learned from.</summary>
    internal double AccuracyOf(FleetWatch watch) => Evaluation.Of(_network, watch.Newest!.Averaged, _unseen.Value.Sample).Accuracy;
}
