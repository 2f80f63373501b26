using StreamLearn.Fleets;
using StreamLearn.Nodes;
using StreamLearn.Operators;
using StreamLearn.Tables;

namespace StreamLearn.Programs;

internal sealed record SensorOptions(
    string Name, FleetTopics Topics, IModel Model, Func<PipelineBuilder, Flow<Batch>> Measure, Schema Columns,
    Func<Flow<Batch>, Flow<Batch>> Windows)
{
    /// <summary>Which rows are excluded from learning. Default: only those that no clock and no sensor can produce.</summary>
    public CheckQualityOptions Quality { get; init; } = new() { DropFaulty = true };

    public TrainOptions Training { get; init; } = new();

    /// <summary>Split training of a network; default null: the device trains all layers by <see cref="Training"/>.</summary>
    public SplitOptions? Split { get; init; }

    /// <summary>Answers to its windows while it learns; default null: none.</summary>
    public AnswerOptions? Answering { get; init; }

    /// <summary>Shared answering with the aggregator, by the fleet's newest version; default null: the device answers alone.</summary>
    public AcrossOptions? Across { get; init; }

    /// <summary>Answering with layers computed in parts by nodes; default null: none.</summary>
    public InferPartsOptions? Parts { get; init; }

    public AnomalyWatch? Anomalies { get; init; }

    /// <summary>False if the device only watches its rows (<see cref="Anomalies"/>) and needs no aggregator. Default true.</summary>
    public bool Learns { get; init; } = true;

    /// <summary>Selects the changes that an update sends, while the others accumulate; default null: all.</summary>
    public KeepSignificantOptions? Significant { get; init; }

    public CodeUpdatesOptions? Code { get; init; }

    public const int MaxPieceBytes = 1 << 20;

    /// <summary>Maximum bytes of an update message, at least 1,024. Larger updates are sent in pieces, so a lost connection loses one
    /// piece. Default null: one message per update.</summary>
    public int? PieceBytes { get; init; }

    /// <summary>Returns the error in the last source message that gave no rows; null, or a null result, if there is none.</summary>
    public Func<string?>? WhyUnread { get; init; }

    /// <summary>Heartbeat interval; null for no heartbeats, as with finite rows.</summary>
    public TimeSpan? HeartbeatEvery { get; init; }

    /// <summary>Capabilities in its hello message, which heartbeats send; null for none.</summary>
    public DeviceCapabilities? Capabilities { get; init; }

    /// <summary>Called at the end of its rows, so that the heartbeat can end too; null: none.</summary>
    public Action? OnRowsEnded { get; init; }

    public ICodec<WeightDelta> Deltas { get; init; } = LearningCodecs.Deltas;

    /// <summary>Makes rows wait for later labels over <see cref="FleetTopics.Labels"/>; default null: rows carry labels.</summary>
    public LaterLabels? Labels { get; init; }

    /// <summary>Called with each evaluation on the device's rows; if labels come later, of its earlier answers. Default: nothing.</summary>
    public Action<Evaluation> OnEvaluation { get; init; } = static _ => { };

    /// <summary>Minimum interval between scores on its own rows, each answered before learning; default null: never.</summary>
    public TimeSpan? ScoreEvery { get; init; }

    /// <summary>How it tells its owner what it answers (<see cref="Answering"/>); default null: it does not.</summary>
    public NewsOptions? News { get; init; }

    /// <summary>Returns blocks that delay others, for its presence; null if they are not reported.</summary>
    public Func<IReadOnlyList<HoldUp>>? HeldUp { get; init; }

    public ModelCheck? Check { get; init; }

    /// <summary>Ledger of each update, written once a checkpoint includes it; null for none.</summary>
    public ITransport? Ledger { get; init; }
}
