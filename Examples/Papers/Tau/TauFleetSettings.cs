namespace Papers;

/// <summary>Duration of a local step and of an aggregation: normally distributed, at least 0. An aggregation is the duration of a round
/// without the steps of the slowest node.</summary>
/// <remarks>Source: the authors' public code of Wang et al. (2019), as measured with five nodes.</remarks>
internal sealed record TimingModel(TimeSpan Step, TimeSpan StepDeviation, TimeSpan Aggregation, TimeSpan AggregationDeviation)
{
    /// <summary>Durations of steps on a hundred rows.</summary>
    internal static TimingModel Stochastic { get; } = Of(13.015, 6.946, 131.604, 53.873);
    internal TimingModel Steady => this with { StepDeviation = TimeSpan.Zero, AggregationDeviation = TimeSpan.Zero };

    /// <summary>Durations of steps on all rows. In case 3, a node has five times the rows.</summary>
    internal static TimingModel Deterministic(DataCase dataCase) => dataCase switch
    {
        DataCase.Uniform => Of(20.613, 8.154, 137.094, 55.485),
        DataCase.ByLabel => Of(21.811, 8.043, 123.221, 48.079),
        DataCase.Replicated => Of(95.353, 16.689, 157.256, 66.722),
        _ => Of(22.076, 8.528, 108.598, 44.627),
    };

    internal TimingModel Delayed(double factor) =>
        this with { Aggregation = factor * Aggregation, AggregationDeviation = factor * AggregationDeviation };

    private static TimingModel Of(params ReadOnlySpan<double> ms) => new(TimeSpan.FromMilliseconds(ms[0]),
        TimeSpan.FromMilliseconds(ms[1]), TimeSpan.FromMilliseconds(ms[2]), TimeSpan.FromMilliseconds(ms[3]));
}

/// <summary>A crash of a machine, which then continues from its disk. Node: null for the aggregator's machine.</summary>
internal readonly record struct PlannedCrash(TimeSpan At, TimeSpan Away, int? Node = null);

internal sealed record TauFleetSettings
{
    internal TauModel Model { get; init; } = TauModel.Svm;
    internal int Nodes { get; init; } = 5;
    internal DataCase Case { get; init; } = DataCase.Uniform;
    internal ImmutableArray<TimedCommand> Commands { get; init; } = [];
    internal TimeSpan AddedDelay { get; init; }
    internal int Digits { get; init; } = 10_000;
    internal int UnseenDigits { get; init; } = 4_000;

    /// <summary>Rows per local step; null for all rows of the node.</summary>
    internal int? BatchRows { get; init; } = 100;
    internal TimingModel Timing { get; init; } = TimingModel.Stochastic;

    /// <summary>A node's link to the network, except for one in the aggregator's process; default: no cost.</summary>
    internal LinkProfile Link { get; init; } = LinkProfile.Unlimited;

    /// <summary>True if the aggregator runs in the process of the first node, so that their messages use no link. Then steps and
    /// aggregations may not vary.</summary>
    internal bool IsAggregatorBesideNode { get; init; }
    internal TimeSpan Budget { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Maximum bytes sent and received; null: no limit.</summary>
    internal long? Bytes { get; init; }

    /// <summary>The resources that learning may use; default <see cref="Budget"/> and <see cref="Bytes"/>, without effect if this is
    /// set.</summary>
    internal ImmutableArray<Resource> Resources
    {
        get => !field.IsDefaultOrEmpty ? field
            : Bytes is { } bytes ? [Resource.Time(Budget), Resource.Bytes(bytes)]
            : [Resource.Time(Budget)];
        init;
    }

    /// <summary>Planned crashes. If there are any, all machines keep checkpoints.</summary>
    internal ImmutableArray<PlannedCrash> Crashes { get; init; } = [];
    internal DeviceCheckpoints Checkpoints { get; init; } = new() { HoldAtMost = TimeSpan.Zero };
    internal TauSettings Settings { get; init; } = new();
    internal long Seed { get; init; }
    internal ImmutableSortedSet<DataCase> Cases => [Case, .. Commands.Select(static c => c.Command.Case).OfType<DataCase>()];
}
