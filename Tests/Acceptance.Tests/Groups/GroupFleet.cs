namespace Acceptance.Tests;

internal sealed record PartOfSetup(LabeledRows[] Devices, LabeledRows Unseen, int Classes)
{
    /// <summary>Steps for which a device has time: fewer where they take long, and more than are needed in any case.</summary>
    internal int Steps { get; init; } = Unseen.Width > 500 ? 1200 : 4000;

    /// <summary>Width of the hidden layer where there is one.</summary>
    internal int Hidden => Unseen.Width > 500 ? 16 : 64;
}

/// <summary>A fleet in which each group that learns is a device, judged by groups of which nobody learns.</summary>
internal sealed class GroupFleet : IDisposable
{
    private const int Judgements = 60;
    private const int BatchRows = 16;
    private static readonly TimeSpan StepTime = TimeSpan.FromMilliseconds(10);

    private readonly VirtualWorld _world;
    private readonly Network _model;
    private readonly LabeledRows _unseen;
    private readonly TimeSpan _time;
    private TimeSpan _judgeAt;

    internal GroupFleet(Network model, Strategy strategy, AggregateOptions rules, PartOfSetup part, TrainOptions options, long seed)
    {
        (_world, _model, _unseen, _time) = (new(new() { Seed = seed }), model, part.Unseen, part.Steps * StepTime);
        var air = _world.Transport("air");
        _world.Add(Pipeline.Define("edge", p =>
        {
            var (versions, rounds) = p.Subscribe(air, "updates", LearningCodecs.Deltas).Aggregate(model, strategy, rules);
            versions.Publish(air, "models", LearningCodecs.Weights);
            rounds.ForEach("rounds", Judge);
        }));
        for (var d = 0; d < part.Devices.Length; d++) { Add(d, part.Devices[d], options, new RandomStream(seed, $"speed {d}")); }
    }

    internal double End { get; private set; }

    /// <summary>Accuracy of the best of some sixty versions, and of the models in use beside them.</summary>
    internal double Best { get; private set; }

    internal Round? Last { get; private set; }

    public void Dispose() => _world.Dispose();

    internal GroupFleet Run()
    {
        _world.RunFor(_time, TestContext.Current.CancellationToken);
        if (Last is { } last) { Judge(last.Averaged, last.Made); }
        return this;
    }

    private void Judge(Round round)
    {
        Last = round;
        if (_world.Elapsed < _judgeAt) { return; }
        _judgeAt = _world.Elapsed + (_time / Judgements);
        Judge(round.Averaged, round.Made);
    }

    private void Judge(Weights inUse, Weights made)
    {
        End = _unseen.Accuracy(_model, inUse.Values.AsSpan());
        Best = Math.Max(Best, Math.Max(End, _unseen.Accuracy(_model, made.Values.AsSpan())));
    }

    private void Add(int number, LabeledRows rows, TrainOptions options, RandomStream random)
    {
        var air = _world.Transport("air");
        var schema = new Schema([.. Enumerable.Range(0, rows.Width).Select(static c => new Field($"f{c}", ColumnType.Float32, Unit.One)),
            new Field(Schema.LabelColumn, ColumnType.Int32, Unit.One, Nullable: true)]);
        var pipeline = Pipeline.Define($"device-{number:000}", p =>
        {
            var (updates, scores) = p
                .From("rows", new GroupRows(schema, rows), static (GroupRows played, OperatorContext context) =>
                    new RowPlayer(played, context), schema)
                .Train(_model, p.Subscribe(air, "models", LearningCodecs.Weights),
                    options with { Continuous = true, BatchRows = BatchRows, StepsPerUpdate = 20, Announce = true });
            updates.Publish(air, "updates", LearningCodecs.Deltas);
            scores.Discard();
        });
        var rate = 3.0 * _model.Plan.MultiplyAdds * BatchRows / StepTime.TotalSeconds;
        _world.Add(pipeline, new() { MultiplyAddsPerSecond = rate, Speed = Math.Exp(0.2 * random.NextGaussian()) },
            new() { Delay = TimeSpan.FromMilliseconds(20) });
    }
}
