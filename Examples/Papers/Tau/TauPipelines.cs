using StreamLearn.Operators;

namespace Papers;

/// <summary>The aggregator's pipeline. Log: receives a line per message.</summary>
internal sealed record AggregatorPart(IModel Model, AdaptiveTau Strategy, Action<Round> OnRound, DelayOptions Delay, Action<string>? Log);

/// <summary>A node's pipeline. Log: receives a line per message.</summary>
internal sealed record NodePart(NodeRows Rows, int BatchRows, float LearningRate, long? DrawSeed, Action<string>? Log);

internal static class TauPipelines
{
    internal const string DelayBlock = "aggregation-time", RowsBlock = "rows", AggregateBlock = "aggregate";
    private const string Versions = "models", Updates = "updates", CommandTopic = "commands";

    internal static Pipeline Node(string name, NodePart part, ITransport air) => Pipeline.Define(name, p =>
        AddNode(part, p.Subscribe(air, Versions, LearningCodecs.Weights), Commands(p, air)).Publish(air, Updates, LearningCodecs.Deltas));

    internal static Pipeline Aggregator(AggregatorPart part, ITransport air) => Pipeline.Define("aggregator", p =>
        AddAggregator(part, p.Subscribe(air, Updates, LearningCodecs.Deltas).Named("updates"), Commands(p, air))
            .Publish(air, Versions, LearningCodecs.Weights));

    /// <summary>Runs the aggregator and one node in one process. Inside carries messages between the two, air the others.</summary>
    internal static Pipeline Both(string name, AggregatorPart aggregator, NodePart node, ITransport inside, ITransport air) =>
        Pipeline.Define(name, p =>
        {
            var commands = Commands(p, air);
            AddNode(node, p.Subscribe(inside, Versions, LearningCodecs.Weights).Named("own models"), commands)
                .Publish(inside, Updates, LearningCodecs.Deltas);
            var updates = p.Subscribe(inside, Updates, LearningCodecs.Deltas).Named("own updates")
                .Merge(p.Subscribe(air, Updates, LearningCodecs.Deltas).Named("updates of others"));
            var versions = AddAggregator(aggregator, updates, commands);
            versions.Publish(inside, Versions, LearningCodecs.Weights).Named("publish own models");
            versions.Publish(air, Versions, LearningCodecs.Weights);
        });

    internal static Pipeline Console(string name, DemoCommand command, ITransport air) => Pipeline.Define(name, p => p
        .From("command", command, static (DemoCommand given, OperatorContext context) => new GivenCommand(given, context))
        .Publish(air, CommandTopic, DemoCommand.Codec));

    private static Flow<Weights> AddAggregator(AggregatorPart part, Flow<WeightDelta> updates, Flow<DemoCommand> commands)
    {
        var (versions, rounds) = updates.Aggregate(part.Model, part.Strategy, new() { Averaging = Averaging.None });
        versions.ControlledBy(commands.Filter("cases", static c => c.Case is not null)
            .Map("alarms", static c => RowsByCase.AlarmOf(c.Case!.Value)));
        var sent = versions.Via(DelayBlock, part.Delay, static (DelayOptions options, OperatorContext context, IOutput<Weights> output) =>
            new Delay(options, context, output)).ControlledBy(commands);
        rounds.ForEach("rounds", part.OnRound);
        if (part.Log is not { } log) { return sent; }
        commands.ForEach("log commands of aggregator", command => log($"got {command}"));
        updates.ForEach("log updates of nodes", update => log($"got {TextOf(update)}"));
        sent.ForEach("log versions", version => log($"sent {TextOf(version)}"));
        return sent;
    }

    private static Flow<WeightDelta> AddNode(NodePart part, Flow<Weights> models, Flow<DemoCommand> commands)
    {
        var (rows, alarms) = commands.Via(RowsBlock, part.Rows,
            static (NodeRows of, OperatorContext context, IOutput<Batch> rows, IOutput<DriftAlarm> alarms) =>
                new RowsByCase(of, context, rows, alarms));
        if (part.Log is { } tell) { commands.ForEach("log commands", command => tell($"got {command}")); }
        var (updates, scores) = rows.Train(part.Rows.Model.Model, models, new()
        {
            Optimizer = new Sgd(part.LearningRate, Momentum: 0, ClipNorm: float.PositiveInfinity),
            BufferRows = part.Rows.MostRows,
            StartAfterRows = part.Rows.FewestRows,
            Draw = DrawKind.Shuffle,
            DrawSeed = part.DrawSeed,
            Continuous = true,
            MaxVisits = null,       // the budget limits the run
            BatchRows = part.BatchRows,
            MaxBatchRows = Math.Max(part.BatchRows, 1),
            StepsPerUpdate = 1,
            Pace = TrainPace.LockStep,
            Announce = true,
            Reaction = new(RateFactor: 1, Steps: 0) { Refill = true },
        });
        updates.ControlledBy(alarms);
        scores.Discard();
        if (part.Log is not { } log) { return updates; }
        models.ForEach("log models", version => log($"got {TextOf(version)}"));
        updates.ForEach("log updates", update => log($"sent {TextOf(update)}"));
        return updates;
    }

    private static Flow<DemoCommand> Commands(PipelineBuilder p, ITransport air) =>
        p.Subscribe(air, CommandTopic, DemoCommand.Codec).Named("commands");

    private static string TextOf(Weights version) =>
        Invariant($"version {version.Version}, tau {version.Directives[0].StepsPerUpdate ?? 1}");

    private static string TextOf(WeightDelta update) => update.Steps == 0
        ? $"announcement of {update.Device}"
        : Invariant($"update of {update.Device} on version {update.BaseVersion}: {update.Steps} steps, loss {update.Loss:0.0000}");
}
