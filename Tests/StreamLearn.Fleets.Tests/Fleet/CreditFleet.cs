using System.Globalization;

namespace StreamLearn.Fleets.Tests;

/// <summary>A fleet drawn by a seed, that checks itself while it runs.</summary>
internal sealed class CreditFleet : IDisposable
{
    private const double TroubleEnds = 60;
    private const double Ends = 140;
    private static readonly SoftmaxRegression Model = new(1, 2, seed: 1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);
    private readonly int _seed;
    private readonly RandomStream _random;
    private readonly VirtualWorld _world;
    private readonly ITransport _edge;
    private readonly int _credit;
    private readonly bool _barrier;
    private readonly bool _continuous;
    private readonly int _extraSteps;
    private readonly int _buffered;
    private readonly int _devices;
    private readonly double _aggregatorSpeed;
    private readonly List<Life> _lives = [];
    private readonly List<VirtualDevice> _aggregators = [];
    private readonly List<Round> _rounds = [];
    private readonly HashSet<(string, long, long)> _applied = [];
    private bool _trouble;

    internal CreditFleet(int seed)
    {
        _seed = seed;
        _random = new(seed, "fleet");
        _world = new(new() { Seed = seed });
        _edge = _world.Transport("edge");
        _credit = 1 + _random.NextInt32(4);
        _barrier = _random.NextInt32(3) == 0;
        _continuous = _random.NextInt32(2) == 0;
        _extraSteps = _random.NextInt32(3) == 0 ? 8 : 0;
        _devices = 1 + _random.NextInt32(7);
        _buffered = 1 + _random.NextInt32(_devices * 2);
        _aggregatorSpeed = Math.Pow(10, 1 + (3 * _random.NextDouble()));
    }

    /// <summary>The newest version that was made.</summary>
    internal Weights Last => _rounds[^1].Made;

    internal void Run(CancellationToken cancellationToken)
    {
        AddAggregator(0);
        for (var i = 0; i < _devices; i++) { AddDevice(i, 0); }
        PlanTrouble();
        _world.RunFor(TimeSpan.FromSeconds(Ends), cancellationToken);
        CheckFailures();
        var late = _rounds.Count(r => r.Ended > _world.Now - Patience);
        Assert.True(late > 0, $"{this}: no version in the last {Patience.TotalSeconds} s; versions {_rounds.Count}\n{Story()}");
        _world.Drain(cancellationToken);
        Check();
    }

    /// <inheritdoc />
    public void Dispose() => _world.Dispose();

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"seed {_seed}, {_devices} devices, credit {_credit}, {(_barrier ? "barrier" : $"buffer {_buffered}")}, "
        + $"{(_continuous ? "continuous" : "by rows")}, extra {_extraSteps}, aggregator {_aggregatorSpeed:0}, trouble {_trouble}");

    /// <summary>All counters, for people who look for the reason.</summary>
    private string Story() => string.Join('\n', _world.Devices.SelectMany(d => d.Metrics.Blocks.Select(b => (d, b)))
        .Where(b => b.b.Block is "train" or "aggregate" || b.b.Drops.Count > 0)
        .Select(b => string.Create(CultureInfo.InvariantCulture, $"{b.d.Name}/{b.b.Block}: in {b.b.ItemsIn}, out {b.b.ItemsOut}, drops "
            + $"{string.Join(' ', b.b.Drops)}, {string.Join(' ', b.b.Counters)}, {string.Join(' ', b.b.Gauges)}")));

    private void PlanTrouble()
    {
        for (var i = _random.NextInt32(5); i > 0; i--)
        {
            _trouble = true;
            var (at, away) = (5 + (40 * _random.NextDouble()), 10 * _random.NextDouble());
            var device = _random.NextInt32(_devices);
            switch (_random.NextInt32(4))
            {
                case 0:
                    At(at, () => _lives.Last(l => l.Index == device).Device.Crash());
                    At(at + away, () => Rejoin(device));
                    break;
                case 1:
                    At(at, () => _lives.Last(l => l.Index == device).Device.Disconnect());
                    At(at + away, () => _lives.Last(l => l.Index == device).Device.Connect());
                    break;
                case 2:
                    At(at, () => _aggregators[^1].Crash());
                    At(at + away, () =>
                    {
                        if (_aggregators[^1].EndedAt is not null) { AddAggregator(_aggregators.Count); }
                    });
                    break;
                default:
                    At(at, () => _aggregators[^1].Disconnect());
                    At(at + away, () => _aggregators[^1].Connect());
                    break;
            }
        }
    }

    private void At(double seconds, Action action) => _world.At(TimeSpan.FromSeconds(Math.Min(seconds, TroubleEnds)), action);

    private void Rejoin(int device)
    {
        var last = _lives.Last(l => l.Index == device);
        if (last.Device.EndedAt is not null) { AddDevice(device, last.Epoch + 1); }
    }

    private void AddAggregator(long epoch)
    {
        Strategy strategy = _barrier ? new FedAvg(_devices) : new FedBuff(_buffered);
        var link = new LinkProfile { UpBitsPerSecond = 1e6, DownBitsPerSecond = 1e6, Delay = TimeSpan.FromMilliseconds(5) };
        _aggregators.Add(_world.Add(Pipeline.Define("aggregator", p =>
        {
            var updates = p.Subscribe(_edge, "sl/run/+/up/delta", LearningCodecs.Deltas);
            updates.ForEach("received", Received);
            var (versions, rounds, receipts) = updates.Aggregate(Model, strategy,
                p.Subscribe(_edge, "sl/run/+/up/presence", LearningCodecs.Presences),
                new()
                {
                    Lease = TimeSpan.FromSeconds(9),
                    Epoch = epoch,
                    Restore = epoch == 0 ? null : TimeSpan.FromSeconds(1),
                    MaxNorm = 1000,
                });
            if (epoch > 0) { versions.ControlledBy(p.Subscribe(_edge, "sl/run/edge/down/all/model", LearningCodecs.Weights)); }
            versions.ForEach("sent", v => LifeOf(v.Recipient!).Versions++);
            versions.PublishTo(_edge, new("sl/run/edge/down/{device}/model"), LearningCodecs.Weights, v => v.Recipient!);
            receipts.PublishTo(_edge, new("sl/run/edge/down/{device}/receipt"), LearningCodecs.Receipts, r => r.Device);
            rounds.Made().Publish(_edge, "sl/run/edge/down/all/model", LearningCodecs.Weights, retain: true);
            rounds.ForEach("rounds", Made);
        }), new() { MultiplyAddsPerSecond = _aggregatorSpeed }, link));
    }

    private void AddDevice(int index, long epoch)
    {
        var name = $"device-{index}";
        var life = new Life(index, epoch);
        var link = new LinkProfile
        {
            UpBitsPerSecond = Math.Pow(10, 3.5 + (2.5 * _random.NextDouble())),
            DownBitsPerSecond = Math.Pow(10, 3.5 + (2.5 * _random.NextDouble())),
            Delay = TimeSpan.FromMilliseconds(300 * _random.NextDouble()),
        };
        var pace = _barrier ? TrainPace.LockStep : TrainPace.Free;
        _lives.Add(life);
        life.Device = _world.Add(Pipeline.Define(name, p =>
        {
            var models = p.Subscribe(_edge, $"sl/run/edge/down/{name}/model", LearningCodecs.Weights);
            var receipts = p.Subscribe(_edge, $"sl/run/edge/down/{name}/receipt", LearningCodecs.Receipts);
            receipts.ForEach("answered", r => life.UnderWay.ExceptWith(r.Fates.Select(f => f.Sequence)));
            var (deltas, scores, presences) = p
                .From("rows", index, static (int device, OperatorContext context) => new EndlessRows(device, context), EndlessRows.Columns)
                .Train(Model, models, receipts, new()
                {
                    Announce = true,
                    Continuous = _continuous,
                    MaxVisits = null,       // what has learned all that it may stands still
                    StartAfterRows = 2,
                    Pace = pace,
                    Optimizer = new Sgd(0.01f),
                    Epoch = epoch,
                    Credit = new() { Updates = _credit, ExtraSteps = _extraSteps },
                });
            deltas.ControlledBy(p.Connections(_edge));
            deltas.ForEach("sent", d => Sent(life, d));
            deltas.Publish(_edge, $"sl/run/{name}/up/delta", LearningCodecs.Deltas);
            scores.Discard();
            presences.Merge(p.Heartbeat(every: TimeSpan.FromSeconds(3), epoch: epoch))
                .Publish(_edge, $"sl/run/{name}/up/presence", LearningCodecs.Presences);
        }), new() { MultiplyAddsPerSecond = Math.Pow(10, 2 + (2 * _random.NextDouble())) }, link);
    }

    private Life LifeOf(string name) => _lives.Last(l => l.Device.Name == name);

    /// <summary>An update is under way from the first time that it is sent to the first time that it is received, or answered.</summary>
    private void Sent(Life life, WeightDelta update)
    {
        if (!life.Sent.Add(update.Sequence)) { return; }
        life.Steps = Math.Max(life.Steps, update.Steps);
        life.UnderWay.Add(update.Sequence);
        var free = (update.Steps == 0 ? 1 : 0) + (update.Leaving ? 1 : 0);
        Assert.True(life.UnderWay.Count <= _credit + free + 1 && (free > 0 || life.UnderWay.Count(s => s > 1) <= _credit),
            $"{this}: {life.UnderWay.Count} updates of {update.Device} under way");
    }

    private void Received(WeightDelta update) =>
        _lives.Find(l => l.Device.Name == update.Device && l.Epoch == update.Epoch)!.UnderWay.Remove(update.Sequence);

    private void Made(Round round)
    {
        _rounds.Add(round);
        foreach (var c in round.Contributions)
        {
            Assert.True(_applied.Add((c.Device, c.Epoch, c.Sequence)), $"{this}: {c.Device}/{c.Epoch}/{c.Sequence} was applied twice");
        }
        foreach (var life in _lives)
        {
            Assert.True(_trouble || life.VersionsUnderWay <= 2, $"{this}: {life.VersionsUnderWay} versions wait for {life.Device.Name}");
        }
    }

    private void CheckFailures() =>
        Assert.All(_world.Devices, d => Assert.True(d.Failure is null, $"{this}: {d.Failure?.InnerException?.Message}"));

    private void Check()
    {
        CheckFailures();
        foreach (var life in _lives)
        {
            var train = life.Device.Metrics["train"];
            var known = new[] { "updates-applied", "updates-refused", "updates-lost", "updates-unknown", "updates-unreported" }
                .Sum(train.Counter) + (long)train.Gauges.GetValueOrDefault("updates-held");
            var sent = train.Counter("updates-sent");
            Assert.True(life.Device.HasCrashed ? known <= sent : known == sent,
                $"{this}: {life.Device.Name} sent {sent}, knows of {known}");
            Assert.True(life.Device.HasCrashed || life.Sent.Count == sent,
                $"{this}: {life.Device.Name} sent {life.Sent.Count}, counted {sent}");
            Assert.True(
                _trouble || _aggregatorSpeed < 300 || train.Counter("updates-unknown") == 0,
                $"{this}: {train.Counter("updates-unknown")} unknown\n{Story()}");
            Assert.InRange(life.Steps, 0, 4 + _extraSteps);
        }
    }

    /// <summary>A life of a device.</summary>
    private sealed record Life(int Index, long Epoch)
    {
        internal VirtualDevice Device { get; set; } = null!;
        internal HashSet<long> Sent { get; } = [];
        internal HashSet<long> UnderWay { get; } = [];

        /// <summary>Versions that were sent to it.</summary>
        internal long Versions { get; set; }

        /// <summary>Versions that are on the way to it, or wait somewhere on it.</summary>
        internal long VersionsUnderWay => Versions - Device.Metrics[$"subscribe sl/run/edge/down/{Device.Name}/model"].ItemsOut;
        internal int Steps { get; set; }
    }
}
