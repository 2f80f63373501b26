using System.Collections.Immutable;
using StreamLearn.Models;
using StreamLearn.Nodes;

namespace Partition;

/// <summary>FedAdapt on its test bed: two Pi 3, two Pi 4 and a Jetson Nano for a hundred rounds.</summary>
internal sealed record FedAdaptCase(LayerCosts Model, RateTrace Up, RateTrace Down, double BytesPerValue, bool HasDrops = false)
{
    internal const int Rounds = 100;

    /// <summary>The rate to which links drop.</summary>
    internal const double Drop = 10e6;

    /// <summary>Below this rate a device is in the group of slow links. The source has 5 Mbit/s, above which a link of 10 stays.</summary>
    internal const double Slow = 15e6;

    private const int FirstDrop = 50;
    private const int DropRounds = 10;

    internal FedAdaptCase(LayerCosts model, double bitsPerSecond, double bytesPerValue, bool hasDrops = false)
        : this(model, RateTrace.Constant(bitsPerSecond), RateTrace.Constant(bitsPerSecond), bytesPerValue, hasDrops)
    {
    }

    /// <summary>Time alone; the optimizer has a momentum.</summary>
    internal Objective Objective => new() { Alpha = 1, BytesPerValue = BytesPerValue, BytesPerGradient = BytesPerValue };

    /// <summary>The devices and links at the start.</summary>
    internal ResourceView Start => World(0, 0);

    /// <summary>Classic federated learning at the start: all layers on each device.</summary>
    internal Plan Local => PlanValue.Local(Model, Start, Objective);

    /// <summary>How its agent learns.</summary>
    internal FedAdaptTraining Training => new()
    {
        SlowBitsPerSecond = HasDrops ? Slow : 0,
        Simulation = new() { DropBitsPerSecond = HasDrops ? Drop : null },
    };

    /// <summary>The device whose link has dropped in a round, from 0; null: none.</summary>
    internal int? DroppedIn(int round) => HasDrops && round >= FirstDrop ? (round - FirstDrop) / DropRounds : null;

    /// <summary>The devices and links in a round.</summary>
    internal ResourceView World(int round, double elapsed)
    {
        var view = TestBed.View(Model, Up.At(elapsed), Down.At(elapsed), TestBed.FedAdapt.AsSpan());
        return DroppedIn(round) is { } device ? TestBed.WithLink(view, TestBed.FedAdapt[device].Name, Drop, Drop) : view;
    }

    /// <summary>Trains its agent.</summary>
    internal FedAdapt Train(long seed, Action<int, int, int, double>? onEpisode = null, CancellationToken cancellationToken = default) =>
        Training.Train(Model, Start, Objective, seed, onEpisode, cancellationToken);

    /// <summary>Plays the rounds. FedAdapt begins with a round of classic federated learning, whose times it goes by.</summary>
    internal ImmutableArray<PlayedRound> Play(Planner planner) =>
        PlayedRounds.Play(Model, Objective, planner, Rounds, World, planner is FedAdapt ? Local : null);

    /// <summary>Plays the best split that all devices can have in common, by the seconds of all rounds.</summary>
    internal ImmutableArray<PlayedRound> PlayBestCommon() => Enumerable.Range(1, Model.Count)
        .Select(split => Play(new FixedSplit(split))).MinBy(static rounds => rounds.Seconds());
}
