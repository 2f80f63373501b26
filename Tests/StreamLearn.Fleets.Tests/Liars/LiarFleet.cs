namespace StreamLearn.Fleets.Tests;

/// <summary>Four devices that learn in a virtual world, and a fifth that says anything, as often as it can.</summary>
internal sealed class LiarFleet : IDisposable
{
    private const int Honest = 4;
    private const int Classes = 3;
    private const string Start = "sl/run";
    private static readonly Schema Ticks = new(Field.Channel("x", Unit.One));
    private static readonly SoftmaxRegression Model = new(ClassRows.Features, Classes, seed: 1);
    private readonly Strategy _strategy;
    private readonly int _lies;
    private readonly bool _isCareful;
    private readonly VirtualWorld _world;
    private readonly ITransport _edge;

    /// <param name="strategy">How versions are made.</param>
    /// <param name="lies">Messages of the liar a second; 0: there is none.</param>
    /// <param name="isCareful">True: it says only what could be true of a device.</param>
    internal LiarFleet(Strategy strategy, int lies, bool isCareful = false)
    {
        (_strategy, _lies, _isCareful) = (strategy, lies, isCareful);
        _world = new(new() { Seed = 7, Start = new(2026, 11, 26, 0, 0, 0, TimeSpan.Zero) });
        _edge = _world.Transport("edge");
        Add(Aggregator());
        for (var i = 0; i < Honest; i++) { Add(Device(i)); }
        if (lies > 0) { Add(Liar()); }
    }

    internal List<Round> Rounds { get; } = [];
    internal VirtualWorld World => _world;
    internal VirtualDevice Edge => _world.Devices[0];

    /// <summary>Updates of honest devices that are in versions.</summary>
    internal long Accepted => _world.Devices.Skip(1).Take(Honest).Sum(static d => d.Metrics["train"].Counter("updates-applied"));

    /// <summary>How well the model in use knows rows that nobody learned from.</summary>
    internal double Accuracy => Evaluation.Of(Model, Rounds[^1].Averaged, ClassRows.Unseen()).Accuracy;

    /// <summary>Goes on from what another one has saved.</summary>
    internal static LiarFleet Resumed(LiarFleet before)
    {
        LiarFleet fleet = new(before._strategy, before._lies, before._isCareful);
        fleet._world.Load(before._world.Save(), static _ => throw new InvalidOperationException("no device joins"));
        fleet.Rounds.AddRange(before.Rounds);
        return fleet;
    }

    internal void Run(TimeSpan time) => _world.RunFor(time);

    /// <inheritdoc />
    public void Dispose() => _world.Dispose();

    private void Add(Pipeline pipeline) => _world.Add(pipeline,
        new() { MultiplyAddsPerSecond = pipeline.Name[0] == 'd' ? 2000 : 2e9 }, new LinkProfile { Delay = TimeSpan.FromMilliseconds(20) });

    private Pipeline Aggregator() => Pipeline.Define("aggregator", p =>
    {
        p.Subscribe(_edge, $"{Start}/+/up/moments", DeviceMoments.Codec).MergeMoments().Discard();
        var pieces = p.Subscribe(_edge, $"{Start}/{{device}}/up/piece", UpdatePiece.Codec)
            .JoinPieces(Model.Plan, 64 << 10, 1 << 20);
        var (versions, rounds, receipts) = p.Subscribe(_edge, $"{Start}/{{device}}/up/delta", LearningCodecs.Deltas).Merge(pieces)
            .Aggregate(Model, _strategy, p.Subscribe(_edge, $"{Start}/{{device}}/up/presence", LearningCodecs.Presences),
                new() { Lease = TimeSpan.FromSeconds(9), Epoch = 5 });
        versions.PublishTo(_edge, new($"{Start}/aggregator/down/{{device}}/model"), LearningCodecs.Weights, v => v.Recipient!);
        receipts.PublishTo(_edge, new($"{Start}/aggregator/down/{{device}}/receipt"), LearningCodecs.Receipts, r => r.Device);
        rounds.ForEach("rounds", Rounds.Add);
    });

    private Pipeline Device(int number) => Pipeline.Define($"device-{number}", p =>
    {
        var down = $"{Start}/aggregator/down/{p.Name}";
        var (deltas, scores, presences) = p
            .From("rows", number, static (int device, OperatorContext context) => new ClassRows(device, context), ClassRows.Columns)
            .Train(Model, p.Subscribe(_edge, $"{down}/model", LearningCodecs.Weights),
                p.Subscribe(_edge, $"{down}/receipt", LearningCodecs.Receipts),
                new()
                {
                    Announce = true,
                    StartAfterRows = 4,
                    BatchRows = 8,
                    Optimizer = new Sgd(0.05f),
                    Epoch = 1,
                    Pace = PaceOf(_strategy),
                });
        deltas.Publish(_edge, $"{Start}/{p.Name}/up/delta", LearningCodecs.Deltas);
        scores.Discard();
        presences.Merge(p.Heartbeat(every: TimeSpan.FromSeconds(3), epoch: 1))
            .Publish(_edge, $"{Start}/{p.Name}/up/presence", LearningCodecs.Presences);
    });

    private Pipeline Liar() => Pipeline.Define("liar", p =>
    {
        var (updates, presences) = p.From("ticks", _lies, static (int perSecond, OperatorContext context) => new Tick(perSecond, context))
            .Via("lie", _isCareful, static (bool isCareful, OperatorContext context, IOutput<WeightDelta> updates,
                IOutput<Presence> presences) => new Lie(Model, isCareful, context, updates, presences))
            .ControlledBy(p.Subscribe(_edge, $"{Start}/aggregator/down/liar/model", LearningCodecs.Weights));
        updates.Publish(_edge, $"{Start}/liar/up/delta", LearningCodecs.Deltas);
        presences.Publish(_edge, $"{Start}/liar/up/presence", LearningCodecs.Presences);
        var (pieces, moments, versions) = p
            .From("seldom", 20, static (int perSecond, OperatorContext context) => new Tick(perSecond, context))
            .Via("lie-otherwise", _isCareful, static (bool isCareful, OperatorContext context, IOutput<UpdatePiece> pieces,
                IOutput<DeviceMoments> moments, IOutput<Weights> versions) =>
                    new OtherLie(Model, isCareful, context, pieces, moments, versions));
        pieces.Publish(_edge, $"{Start}/liar/up/piece", UpdatePiece.Codec);
        moments.Publish(_edge, $"{Start}/liar/up/moments", DeviceMoments.Codec);
        versions.PublishTo(_edge, new($"{Start}/aggregator/down/{{device}}/model"), LearningCodecs.Weights, static v => v.Recipient!);
    });

    private static TrainPace PaceOf(Strategy strategy) => strategy is FedBuff or FedAsync ? TrainPace.Free : TrainPace.LockStep;

    private sealed class Tick(int perSecond, OperatorContext context) : Source<Batch>
    {
        private readonly DateTimeOffset _start = context.Now;
        private int _made;
        public override DateTimeOffset? NextAt => _start + TimeSpan.FromSeconds((double)(_made + 1) / perSecond);

        public override Batch Next()
        {
            _made++;
            return Batches.Of(context.Pool, Ticks, new float[] { 0 });
        }
    }
}

/// <summary>Rows of three classes that overlap, sixteen a second; each device sees two of them more often than the third.</summary>
internal sealed class ClassRows(int device, OperatorContext context) : Source<Batch>
{
    internal const int Features = 8;

    internal static readonly Schema Columns = new([.. Enumerable.Range(0, Features).Select(static i => Field.Channel($"x{i}", Unit.One)),
        Field.Label()]);

    private readonly DateTimeOffset _start = context.Now;
    private readonly RandomStream _random = new(device, "rows");
    private int _made;
    public override DateTimeOffset? NextAt => _start + TimeSpan.FromSeconds(_made / 2.0);

    public override Batch Next()
    {
        const int Rows = 8;
        _made++;
        var batch = context.Pool.Rent(Columns, Rows);
        for (var row = 0; row < Rows; row++)
        {
            var label = _random.NextInt32(4) == 0 ? device % 3 : _random.NextInt32(3);
            for (var f = 0; f < Features; f++) { batch.Columns[f].Writable<float>()[row] = Draw(_random, label, f); }
            batch.Columns[Features].Writable<int>()[row] = label;
        }
        return batch;
    }

    internal static Sample Unseen()
    {
        const int Rows = 3000;
        RandomStream random = new(99, "unseen");
        var (features, labels) = (new float[Rows * Features], new int[Rows]);
        for (var row = 0; row < Rows; row++)
        {
            labels[row] = row % 3;
            for (var f = 0; f < Features; f++) { features[(row * Features) + f] = Draw(random, labels[row], f); }
        }
        return new(features, labels);
    }

    private static float Draw(RandomStream random, int label, int feature) =>
        (float)((3 * random.NextGaussian()) + 20 + (feature % 3 == label ? 3 : 0));
}
