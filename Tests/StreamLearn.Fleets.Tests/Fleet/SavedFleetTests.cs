using System.Globalization;

namespace StreamLearn.Fleets.Tests;

/// <summary>Virtual fleets that learn, are saved at any moment and gone on with by another world: with the bits of one that was left
/// alone.</summary>
public sealed class SavedFleetTests
{
    private const int Fleets = 50;
    private static readonly SoftmaxRegression Model = new(1, 2, seed: 1);
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(40);

    [Fact]
    public void A_fleet_saved_at_any_moment_makes_the_versions_of_an_undisturbed_one()
    {
        var (versions, devices, dropped) = (0, 0, 0L);
        for (var seed = 0; seed < Fleets; seed++)
        {
            var random = new RandomStream(seed, "moments");
            TimeSpan[] moments = [.. Enumerable.Range(0, 3).Select(_ => Length * random.NextDouble()).Order()];
            using var alone = new LoggedFleet(seed);
            var undisturbed = alone.Run([]);
            using var fleet = new LoggedFleet(seed);
            var saved = fleet.Run(moments);
            var same = undisturbed.Zip(saved).TakeWhile(static p => p.First == p.Second).Count();
            Assert.True(undisturbed.SequenceEqual(saved), $"seed {seed}, saved at {string.Join(", ", moments)}: event {same}: expected "
                + $"{undisturbed.ElementAtOrDefault(same)}, got {saved.ElementAtOrDefault(same)}");
            versions += undisturbed.Count(static line => line.StartsWith("version", StringComparison.Ordinal));
            devices += fleet.Joined;
            dropped += fleet.Lost;
        }

        Assert.True(versions > 1000 && devices > 10 && dropped > 100,
            $"only {versions} versions, {devices} devices that joined again, {dropped} messages lost");
    }

    /// <summary>A fleet drawn by a seed, over all worlds that it lives in.</summary>
    private sealed class LoggedFleet(int seed) : IDisposable
    {
        private readonly List<string> _log = [];
        private VirtualWorld _world = null!;
        private ITransport _edge = null!;
        internal int Joined { get; private set; }
        internal long Lost { get; private set; }

        /// <inheritdoc />
        public void Dispose() => _world?.Dispose();

        internal List<string> Run(TimeSpan[] moments)
        {
            Build();
            foreach (var moment in moments)
            {
                _world.RunFor(moment - _world.Elapsed);
                var saved = _world.Save();
                _world.Dispose();
                Build();
                var known = _world.Devices.Count;
                _world.Load(saved, Add);
                Joined += _world.Devices.Count - known;
            }

            _world.RunFor(Length - _world.Elapsed);
            Note();
            _world.Drain(TestContext.Current.CancellationToken);
            Note();
            Assert.Equal(0, _world.Pool.RentedBatches);
            _world.Dispose();
            return _log;
        }

        private void Note()
        {
            foreach (var device in _world.Devices)
            {
                Assert.Null(device.Failure);
                _log.Add($"{device.Name} {device.BytesUp} {device.BytesDown} {device.Busy.Ticks} {device.EndedAt}\n{device.Metrics}");
                Lost += device.Metrics.Blocks.Sum(static b => b.Drops.GetValueOrDefault("lost"));
            }
        }

        private void Build()
        {
            _world = new(new() { Seed = seed, GuardMemory = true, Trace = e => _log.Add($"{e}") });
            _edge = _world.Transport("edge");
            var random = new RandomStream(seed, "fleet");
            Add("aggregator");
            var devices = Devices;
            for (var i = 0; i < devices; i++) { Add($"device-{i}"); }
            for (var i = random.NextInt32(5); i > 0; i--)
            {
                var (at, away) = (2 + (25 * random.NextDouble()), 10 * random.NextDouble());
                var name = random.NextInt32(3) == 0 ? "aggregator" : $"device-{random.NextInt32(devices)}";
                if (random.NextInt32(2) == 0)
                {
                    At(at, () => Newest(name).Crash());
                    At(at + away, () => { if (Newest(name).EndedAt is not null) { Add(name); } });
                }
                else
                {
                    At(at, () => Newest(name).Disconnect());
                    At(at + away, () => Newest(name).Connect());
                }
            }
        }

        private int Devices => 1 + new RandomStream(seed, "devices").NextInt32(6);
        private VirtualDevice Newest(string name) => _world.Devices.Last(d => d.Name == name);
        private void At(double seconds, Action action) => _world.At(TimeSpan.FromSeconds(seconds), action);

        private void Add(string name)
        {
            var epoch = _world.Devices.Count(d => d.Name == name);
            var random = new RandomStream(seed, name, epoch.ToString(CultureInfo.InvariantCulture));
            var link = new LinkProfile
            {
                UpBitsPerSecond = Math.Pow(10, 3.5 + (2.5 * random.NextDouble())),
                DownBitsPerSecond = Math.Pow(10, 3.5 + (2.5 * random.NextDouble())),
                Delay = TimeSpan.FromMilliseconds(300 * random.NextDouble()),
            };
            var profile = new DeviceProfile { MultiplyAddsPerSecond = Math.Pow(10, 2 + (2 * random.NextDouble())), Jitter = 0.2 };
            _world.Add(name == "aggregator" ? Aggregator(epoch) : Device(name, epoch, random), profile, link);
        }

        private Pipeline Aggregator(long epoch) => Pipeline.Define("aggregator", p =>
        {
            Strategy strategy = (seed % 4) switch
            {
                0 => new FedAvg(Devices),
                1 => new FedBuff(1 + (seed % 5)),
                2 => new FedAdam(Devices),
                _ => new FedBuff(3) { Staleness = Staleness.Polynomial(1) },
            };
            var (versions, rounds, receipts) = p.Subscribe(_edge, "sl/run/+/up/delta", LearningCodecs.Deltas).Aggregate(Model, strategy,
                p.Subscribe(_edge, "sl/run/+/up/presence", LearningCodecs.Presences),
                new()
                {
                    Lease = TimeSpan.FromSeconds(9),
                    Epoch = epoch,
                    Restore = epoch == 0 ? null : TimeSpan.FromSeconds(1),
                    Averaging = seed % 2 == 0 ? Averaging.None : Averaging.Polynomial(),
                });
            if (epoch > 0) { versions.ControlledBy(p.Subscribe(_edge, "sl/run/edge/down/all/model", LearningCodecs.Weights)); }
            versions.PublishTo(_edge, new("sl/run/edge/down/{device}/model"), LearningCodecs.Weights, v => v.Recipient!);
            receipts.PublishTo(_edge, new("sl/run/edge/down/{device}/receipt"), LearningCodecs.Receipts, r => r.Device);
            rounds.Made().Publish(_edge, "sl/run/edge/down/all/model", LearningCodecs.Weights, retain: true);
            rounds.ForEach("rounds", r => _log.Add($"version {r.Version} {r.Made.Sha256()} {r.Averaged.Sha256()}"));
        });

        private Pipeline Device(string name, long epoch, RandomStream random) => Pipeline.Define(name, p =>
        {
            var models = p.Subscribe(_edge, $"sl/run/edge/down/{name}/model", LearningCodecs.Weights);
            var receipts = p.Subscribe(_edge, $"sl/run/edge/down/{name}/receipt", LearningCodecs.Receipts);
            var (deltas, scores, presences) = p
                .From("rows", name[^1] - '0', static (int i, OperatorContext context) => new EndlessRows(i, context), EndlessRows.Columns)
                .Train(Model, models, receipts, new()
                {
                    Announce = true,
                    Continuous = random.NextInt32(2) == 0,
                    StartAfterRows = 2,
                    Pace = seed % 4 == 0 ? TrainPace.LockStep : TrainPace.Free,
                    Optimizer = new Sgd(0.01f, Momentum: 0.9f),
                    Epoch = epoch,
                    Credit = new() { Updates = 1 + random.NextInt32(3), ExtraSteps = random.NextInt32(2) * 8 },
                });
            deltas.ControlledBy(p.Connections(_edge));
            deltas.Publish(_edge, $"sl/run/{name}/up/delta", LearningCodecs.Deltas);
            scores.Discard();
            presences.Merge(p.Heartbeat(every: TimeSpan.FromSeconds(3), epoch: epoch))
                .Publish(_edge, $"sl/run/{name}/up/presence", LearningCodecs.Presences);
        });
    }
}
