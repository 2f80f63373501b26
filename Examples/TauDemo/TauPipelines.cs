using System.Collections.Immutable;
using StreamLearn;
using StreamLearn.Adaptation;
using StreamLearn.Aggregation;
using StreamLearn.Learning;

namespace TauDemo;

/// <summary>The pipelines of nodes and aggregator: functions of their transport.</summary>
public static class TauPipelines
{
    /// <summary>Before new digits come, the old ones are forgotten.</summary>
    private static readonly TimeSpan Before = TimeSpan.FromTicks(1);

    /// <summary>A node that learns from the digits it has.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="model">The model.</param>
    /// <param name="digits">Its digits.</param>
    /// <param name="batchRows">Rows of a step.</param>
    /// <param name="learningRate">The rate of a step.</param>
    /// <param name="air">Carries updates and versions.</param>
    /// <param name="drawSeed">Seed of an order of rows that other nodes have too; null: it has its own.</param>
    public static Pipeline Node(
        string name, IModel model, NodeDigits digits, int batchRows, float learningRate, ITransport air, long? drawSeed = null) =>
        Pipeline.Define(name, p =>
        {
            var (updates, scores) = p
                .From("digits", digits, static (NodeDigits of, OperatorContext context) => new DigitsOnce(of, context), NodeDigits.Schema)
                .Train(model, p.Subscribe(air, "models", LearningCodecs.Weights), new()
                {
                    Optimizer = new Sgd(learningRate, Momentum: 0, ClipNorm: float.PositiveInfinity),
                    BufferRows = digits.MostRows,
                    StartAfterRows = digits.FewestRows,
                    Draw = DrawKind.Shuffle,
                    DrawSeed = drawSeed,
                    Continuous = true,
                    BatchRows = batchRows,
                    MaxBatchRows = Math.Max(batchRows, 1),
                    StepsPerUpdate = 1,
                    Pace = TrainPace.LockStep,
                    Announce = true,
                    Reaction = new(RateFactor: 1, Steps: 0) { Refill = true },
                });
            updates.ControlledBy(Told(p, [.. digits.Phases.Skip(1).Select(static phase => phase.At - Before)]));
            updates.Publish(air, "updates", LearningCodecs.Deltas);
            scores.Discard();
        });

    /// <summary>The aggregator.</summary>
    /// <param name="model">The model.</param>
    /// <param name="strategy">How it learns.</param>
    /// <param name="air">Carries updates and versions.</param>
    /// <param name="onRound">Called with each round.</param>
    /// <param name="changes">When the digits of the nodes change; default never.</param>
    /// <param name="onTheWay">What versions go through on their way; null: nothing.</param>
    public static Pipeline Aggregator(IModel model, AdaptiveTau strategy, ITransport air, Action<Round> onRound,
        ImmutableArray<TimeSpan> changes = default, Func<Flow<Weights>, Flow<Weights>>? onTheWay = null) =>
        Pipeline.Define("aggregator", p =>
        {
            var (versions, rounds) = p.Subscribe(air, "updates", LearningCodecs.Deltas)
                .Aggregate(model, strategy, new() { Averaging = Averaging.None });
            versions.ControlledBy(Told(p, changes.IsDefault ? [] : changes));
            (onTheWay?.Invoke(versions) ?? versions).Publish(air, "models", LearningCodecs.Weights);
            rounds.ForEach("rounds", onRound);
        });

    private static Flow<DriftAlarm> Told(PipelineBuilder p, ImmutableArray<TimeSpan> times) => p.From("changes", new Changes(times),
        static (Changes changes, OperatorContext context) => new ChangesTold(changes, context));
}
