using StreamLearn.Fleets;
using StreamLearn.Nodes;
using StreamLearn.Operators;
using StreamLearn.Tables;

namespace StreamLearn.Programs;

/// <summary>A device of a fleet.</summary>
internal sealed record SensorOptions(
    string Name, FleetTopics Topics, IModel Model, Func<PipelineBuilder, Flow<Batch>> Measure, Schema Columns,
    Func<Flow<Batch>, Flow<Batch>> Windows)
{
    /// <summary>Rows excluded from learning. Default: only those that no clock and no sensor can produce.</summary>
    public CheckQualityOptions Quality { get; init; } = new() { DropFaulty = true };

    /// <summary>The training options.</summary>
    public TrainOptions Training { get; init; } = new();

    /// <summary>Split training of a network; default null: the device trains all layers by <see cref="Training"/>.</summary>
    public SplitOptions? Split { get; init; }

    /// <summary>Answers to its windows while it learns; default null: none.</summary>
    public AnswerOptions? Answering { get; init; }

    /// <summary>Shared answering with the aggregator, by the fleet's newest version; default null: the device alone.</summary>
    public AcrossOptions? Across { get; init; }

    /// <summary>Anomaly detection without labels; default null: none.</summary>
    public AnomalyWatch? Anomalies { get; init; }

    /// <summary>False: only watches its rows (<see cref="Anomalies"/>) and needs no aggregator. Default true.</summary>
    public bool Learns { get; init; } = true;

    /// <summary>Which changes an update sends, while the others accumulate; default null: all.</summary>
    public KeepSignificantOptions? Significant { get; init; }

    /// <summary>The coding of updates; default null: none.</summary>
    public CodeUpdatesOptions? Code { get; init; }

    /// <summary>Maximum bytes of a piece.</summary>
    public const int MaxPieceBytes = 1 << 20;

    /// <summary>Maximum bytes of an update message, at least 1,024; larger updates are sent in pieces, so a lost connection costs one
    /// piece. Default null: one message per update.</summary>
    public int? PieceBytes { get; init; }

    /// <summary>The error in the last source message that gave no rows, as text; null, or a null result: none.</summary>
    public Func<string?>? WhyUnread { get; init; }

    /// <summary>Heartbeat interval; null: never, as for finite rows.</summary>
    public TimeSpan? HeartbeatEvery { get; init; }

    /// <summary>Capabilities in its hello, which heartbeats send; null: none.</summary>
    public DeviceCapabilities? Capabilities { get; init; }

    /// <summary>Called at the end of its rows, so that the heartbeat can end too; null: none.</summary>
    public Action? OnRowsEnded { get; init; }

    /// <summary>The update codec; default <see cref="LearningCodecs.Deltas"/>.</summary>
    public ICodec<WeightDelta> Deltas { get; init; } = LearningCodecs.Deltas;

    /// <summary>Waiting for later labels over <see cref="FleetTopics.Labels"/>; default null: rows carry labels.</summary>
    public LaterLabels? Labels { get; init; }

    /// <summary>Called with each evaluation of the device's rows, with later labels of the earlier answers; default: nothing.</summary>
    public Action<Evaluation> OnEvaluation { get; init; } = static _ => { };

    /// <summary>Minimum interval of scores on its own rows, each answered before learning; default null: never.</summary>
    public TimeSpan? ScoreEvery { get; init; }

    /// <summary>Blocks that delay others, for its presence; null: not reported.</summary>
    public Func<IReadOnlyList<HoldUp>>? HeldUp { get; init; }

    /// <summary>Comparison of its model with the fleet's, by names; default null: none.</summary>
    public ModelCheck? Check { get; init; }

    /// <summary>Ledger of each update, written once a checkpoint holds it; null: none.</summary>
    public ITransport? Ledger { get; init; }
}
