using System.Globalization;
using StreamLearn;
using StreamLearn.Adaptation;
using StreamLearn.Aggregation;
using StreamLearn.Learning;

namespace TauDemo;

/// <summary>The pipelines of nodes and aggregator: functions of their transport.</summary>
public static class TauPipelines
{
    /// <summary>The block in which versions wait.</summary>
    internal const string DelayBlock = "aggregation-time";

    /// <summary>The block that hands in the digits of a node.</summary>
    internal const string DigitsBlock = "digits";

    /// <summary>A node that learns from the digits it has.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="model">The model.</param>
    /// <param name="digits">Its digits.</param>
    /// <param name="batchRows">Rows of a step.</param>
    /// <param name="learningRate">The rate of a step.</param>
    /// <param name="air">Carries updates, versions and commands.</param>
    /// <param name="drawSeed">Seed of an order of rows that other nodes have too; null: it has its own.</param>
    /// <param name="log">Told what it sends and gets; null: nobody asks.</param>
    public static Pipeline Node(
        string name, IModel model, NodeDigits digits, int batchRows, float learningRate, ITransport air, long? drawSeed = null,
        Action<string>? log = null) =>
        Pipeline.Define(name, p =>
        {
            var (models, commands) = (p.Subscribe(air, "models", LearningCodecs.Weights), Commands(p, air));
            var (rows, alarms) = commands.Via(DigitsBlock, digits,
                static (NodeDigits of, OperatorContext context, IOutput<Batch> rows, IOutput<DriftAlarm> alarms) =>
                    new DigitsByCase(of, context, rows, alarms));
            var (updates, scores) = rows
                .Train(model, models, new()
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
            updates.ControlledBy(alarms);
            updates.Publish(air, "updates", LearningCodecs.Deltas);
            scores.Discard();
            if (log is null) { return; }
            commands.ForEach("log commands", command => log($"got {command}"));
            models.ForEach("log models", version => log($"got {TextOf(version)}"));
            updates.ForEach("log updates", update => log($"sent {TextOf(update)}"));
        });

    /// <summary>The aggregator.</summary>
    /// <param name="model">The model.</param>
    /// <param name="strategy">How it learns.</param>
    /// <param name="air">Carries updates, versions and commands.</param>
    /// <param name="onRound">Called with each round.</param>
    /// <param name="delay">What versions wait for on their way; null: nothing.</param>
    /// <param name="log">Told what it sends and gets; null: nobody asks.</param>
    public static Pipeline Aggregator(IModel model, AdaptiveTau strategy, ITransport air, Action<Round> onRound,
        DelayOptions? delay = null, Action<string>? log = null) =>
        Pipeline.Define("aggregator", p =>
        {
            var (incoming, commands) = (p.Subscribe(air, "updates", LearningCodecs.Deltas), Commands(p, air));
            var (versions, rounds) = incoming.Aggregate(model, strategy, new() { Averaging = Averaging.None });
            versions.ControlledBy(commands.Via("alarms", "when a case is set",
                static (string _, OperatorContext context, IOutput<DriftAlarm> output) => new CaseAlarms(context, output)));
            var sent = delay is null ? versions : versions.Via(DelayBlock, delay,
                static (DelayOptions options, OperatorContext context, IOutput<Weights> output) =>
                    new Delay<Weights>(options, LearningCodecs.Weights, context, output)).ControlledBy(commands);
            sent.Publish(air, "models", LearningCodecs.Weights);
            rounds.ForEach("rounds", onRound);
            if (log is null) { return; }
            commands.ForEach("log commands", command => log($"got {command}"));
            incoming.ForEach("log updates", update => log($"got {TextOf(update)}"));
            sent.ForEach("log models", version => log($"sent {TextOf(version)}"));
        });

    /// <summary>Gives a command to all, and ends.</summary>
    /// <param name="name">Its name, of its own.</param>
    /// <param name="command">The command.</param>
    /// <param name="air">Carries it.</param>
    public static Pipeline Console(string name, DemoCommand command, ITransport air)
    {
        ArgumentNullException.ThrowIfNull(command);
        return Pipeline.Define(name, p => p
            .From("command", command, static (DemoCommand given, OperatorContext context) => new GivenCommand(given, context))
            .Publish(air, DemoCommand.Topic, DemoCommand.Codec));
    }

    private static Flow<DemoCommand> Commands(PipelineBuilder p, ITransport air) =>
        p.Subscribe(air, DemoCommand.Topic, DemoCommand.Codec);

    private static string TextOf(Weights version) => string.Create(
        CultureInfo.InvariantCulture, $"version {version.Version}, tau {version.Directives[0].StepsPerUpdate ?? 1}");

    private static string TextOf(WeightDelta update) => update.Steps == 0
        ? $"announcement of {update.Device}"
        : string.Create(CultureInfo.InvariantCulture,
            $"update of {update.Device} on version {update.BaseVersion}: {update.Steps} steps, loss {update.Loss:0.0000}");
}
