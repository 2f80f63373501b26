using StreamLearn.Fleets;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Operators;

namespace StreamLearn.Programs;

/// <summary>A device of a fleet: what it measures, and how it learns from that.</summary>
/// <param name="Name">Its name in the fleet, and that of its pipeline.</param>
/// <param name="Topics">The fleet's topics.</param>
/// <param name="Model">What is learned; the same in all the fleet.</param>
/// <param name="Measure">Adds the sensor to the pipeline.</param>
/// <param name="Columns">The columns of its rows.</param>
/// <param name="Windows">Makes of sound rows what the model takes.</param>
public sealed record SensorOptions(
    string Name, FleetTopics Topics, IModel Model, Func<PipelineBuilder, Flow<Batch>> Measure, Schema Columns,
    Func<Flow<Batch>, Flow<Batch>> Windows)
{
    /// <summary>Which rows are kept out of learning. Default: none but those that no clock and no sensor can have.</summary>
    public CheckQualityOptions Quality { get; init; } = new() { DropFaulty = true };

    /// <summary>How it learns.</summary>
    public TrainOptions Training { get; init; } = new();

    /// <summary>How it trains some layers alone, with a network; null, the default: all of them, by <see cref="Training"/>.</summary>
    public SplitOptions? Split { get; init; }

    /// <summary>How it answers its windows while it learns; null, the default: it does not.</summary>
    public AnswerOptions? Answering { get; init; }

    /// <summary>How it watches its rows without labels; null, the default: it does not.</summary>
    public AnomalyWatch? Anomalies { get; init; }

    /// <summary>False: it only watches its rows (<see cref="Anomalies"/>), and needs no aggregator. Default true.</summary>
    public bool Learns { get; init; } = true;

    /// <summary>Which changes go with an update, while the others add up; null, the default: all.</summary>
    public KeepSignificantOptions? Significant { get; init; }

    /// <summary>How updates are coded; null, the default: they travel as they are.</summary>
    public CodeUpdatesOptions? Code { get; init; }

    /// <summary>Bytes of a piece that an aggregator takes at most.</summary>
    public const int MaxPieceBytes = 1 << 20;

    /// <summary>Bytes of an update in a message at most, 1,024 or more: larger ones go in pieces, and a connection that is lost costs a
    /// piece. Null, the default: an update is a message.</summary>
    public int? PieceBytes { get; init; }

    /// <summary>What was wrong with the last message of its source that could not be turned into rows, for people; null, or null of it:
    /// nothing.</summary>
    public Func<string?>? WhyUnread { get; init; }

    /// <summary>How often it says that it is there; null: never, as one does whose rows end.</summary>
    public TimeSpan? HeartbeatEvery { get; init; }

    /// <summary>What its hello says that it can do; null: nothing. A hello comes with heartbeats.</summary>
    public DeviceCapabilities? Capabilities { get; init; }

    /// <summary>Called once its rows have ended, so that the heartbeat can be ended too; null: nobody asks.</summary>
    public Action? OnRowsEnded { get; init; }

    /// <summary>How its updates are written; default <see cref="LearningCodecs.Deltas"/>.</summary>
    public ICodec<WeightDelta> Deltas { get; init; } = LearningCodecs.Deltas;

    /// <summary>How its windows wait for labels that come later, over <see cref="FleetTopics.Labels"/>; null, the default: labels come with
    /// the rows.</summary>
    public LaterLabels? Labels { get; init; }

    /// <summary>Called with each evaluation of the device's own rows; default: nothing. Where labels come later it is one of the answers
    /// that were given before.</summary>
    public Action<Evaluation> OnEvaluation { get; init; } = static _ => { };

    /// <summary>How often it says, at most, how it answered its own rows, each before it learned from it; null, the default:
    /// never.</summary>
    public TimeSpan? ScoreEvery { get; init; }

    /// <summary>Which blocks of it hold up others, for what it says of itself; null: it does not say.</summary>
    public Func<IReadOnlyList<HoldUp>>? HeldUp { get; init; }

    /// <summary>How its model is compared with the fleet's, by names; null, the default: it is not.</summary>
    public ModelCheck? Check { get; init; }

    /// <summary>Where it writes down each update that it makes, once a checkpoint holds it; null: nowhere.</summary>
    public ITransport? Ledger { get; init; }
}
