using System.Collections.Immutable;
using StreamLearn.Fleets;
using StreamLearn.Simulation;

namespace TauDemo;

/// <summary>What a fleet learns, from which data, and what it may use.</summary>
internal sealed record TauFleetSettings
{
    /// <summary>What is learned; default even digits against odd ones. The rest of what a model brings along is in
    /// <see cref="TauModel.Fleet"/>.</summary>
    public TauModel Model { get; init; } = TauModel.Svm;

    /// <summary>Nodes, at least 2; default 5.</summary>
    public int Nodes { get; init; } = 5;

    /// <summary>Which rows each has; default some of all kinds.</summary>
    public DataCase Case { get; init; } = DataCase.Uniform;

    /// <summary>What is asked of the fleet while it learns, and when; default nothing.</summary>
    public ImmutableArray<TimedCommand> Commands { get; init; } = [];

    /// <summary>By how much versions take longer on their way, at the start; default nothing.</summary>
    public TimeSpan AddedDelay { get; init; }

    /// <summary>Rows that the nodes share; default 10,000.</summary>
    public int Digits { get; init; } = 10_000;

    /// <summary>Rows that no node has; default 4,000.</summary>
    public int UnseenDigits { get; init; } = 4_000;

    /// <summary>Rows of a local step; null: all that the node has. Default 100.</summary>
    public int? BatchRows { get; init; } = 100;

    /// <summary>How long steps and aggregations take.</summary>
    public TimingModel Timing { get; init; } = TimingModel.Stochastic;

    /// <summary>How a node reaches the network, but for one beside the aggregator; default at no cost.</summary>
    public LinkProfile Link { get; init; } = LinkProfile.Unlimited;

    /// <summary>True: the aggregator runs in the process of the first node, and what they tell each other takes no link, as on a laptop
    /// that is both. Then steps and aggregations may not vary. False, the default: it has a machine of its own on the network.</summary>
    public bool IsAggregatorBesideNode { get; init; }

    /// <summary>How long learning may take; default 15 s.</summary>
    public TimeSpan Budget { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Bytes that may be sent and got; null, the default: as many as will.</summary>
    public long? Bytes { get; init; }

    /// <summary>All that learning may use; default <see cref="Budget"/> and <see cref="Bytes"/>, which count for nothing where something
    /// else is given.</summary>
    public ImmutableArray<Resource> Resources
    {
        get => !field.IsDefaultOrEmpty ? field
            : Bytes is { } bytes ? [Resource.Time(Budget), Resource.Bytes(bytes)]
            : [Resource.Time(Budget)];
        init;
    }

    /// <summary>Crashes of machines; default none. Where there are some, all machines keep <see cref="Checkpoints"/>.</summary>
    public ImmutableArray<PlannedCrash> Crashes { get; init; } = [];

    /// <summary>When machines save their state; default as soon as something waits for it, so that nothing takes longer by it.</summary>
    public DeviceCheckpoints Checkpoints { get; init; } = new() { HoldAtMost = TimeSpan.Zero };

    /// <summary>How steps are chosen.</summary>
    public TauSettings Settings { get; init; } = new();

    /// <summary>Seed of rows, order and times.</summary>
    public long Seed { get; init; }

    /// <summary>The cases that may be.</summary>
    internal ImmutableSortedSet<DataCase> Cases =>
        [Case, .. Commands.Select(static c => c.Command.Case).OfType<DataCase>()];
}
