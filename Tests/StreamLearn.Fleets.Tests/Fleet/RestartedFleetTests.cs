namespace StreamLearn.Fleets.Tests;

/// <summary>Virtual fleets of which devices and aggregator crash at any time, and go on from what they had on disk.</summary>
public sealed class RestartedFleetTests
{
    private const int Devices = 4;
    private const int Fleets = 50;
    private const int CrashesOfFleet = 14;
    internal static readonly Schema Rows = new(Field.Channel("x", Unit.One), Field.Channel("y", Unit.One), Field.Label());
    private static readonly SoftmaxRegression Model = new(2, 3, seed: 1);
    private static readonly LinkProfile Link = new() { Delay = TimeSpan.FromMilliseconds(20) };

    [Fact]
    public void In_lock_step_a_fleet_ends_with_the_bits_of_one_that_nothing_happened_to()
    {
        var undisturbed = Run(new FedAvg(Devices), TrainPace.LockStep, null);
        var crashes = 0;
        for (var seed = 0; seed < Fleets; seed++)
        {
            var disturbed = Run(new FedAvg(Devices), TrainPace.LockStep, seed);
            crashes += disturbed.Crashes;
            Assert.Equal((seed, undisturbed.Versions, undisturbed.Sha256), (seed, disturbed.Versions, disturbed.Sha256));
        }
        Assert.InRange(crashes, 500, int.MaxValue);
    }

    [Fact]
    public void Without_a_barrier_each_update_is_applied_or_refused_and_none_is_applied_twice()
    {
        for (var seed = 0; seed < Fleets; seed++)
        {
            var rounds = Run(new FedBuff(3), TrainPace.Free, seed).Rounds;
            var applied = rounds.SelectMany(static r => r.Contributions).Select(static c => (c.Device, c.Epoch, c.Sequence)).ToList();
            var refused = rounds.SelectMany(static r => r.Refusals).Select(static c => (c.Device, c.Epoch, c.Sequence));
            Assert.Equal(applied.Count, applied.Distinct().Count());
            foreach (var device in applied.Concat(refused).Distinct().GroupBy(static u => (u.Device, u.Epoch)))
            {
                var numbers = device.Select(static u => u.Sequence).Order();
                Assert.Equal(Enumerable.Range(1, device.Count()).Select(static n => (long)n), numbers);
            }
        }
    }

    private static FleetEnd Run(Strategy strategy, TrainPace pace, int? seed)
    {
        var rounds = new SortedDictionary<long, Round>();
        using var world = new VirtualWorld(new() { Seed = 7, GuardMemory = true });
        var transport = world.Transport("fleet");
        var checkpoints = new DeviceCheckpoints
        {
            Every = TimeSpan.FromSeconds(3),
            HoldAtMost = TimeSpan.FromMilliseconds(50),
            SyncTime = TimeSpan.FromMilliseconds(5),
        };
        List<VirtualDevice> fleet = [world.Add(Edge(transport, strategy, rounds), null, Link, checkpoints)];
        for (var d = 0; d < Devices; d++) { fleet.Add(world.Add(Device(transport, d, pace), null, Link, checkpoints)); }
        var crashes = 0;
        if (seed is { } number)
        {
            var random = new Random(number);
            for (var i = 0; i < CrashesOfFleet; i++)
            {
                var (who, at) = (random.Next(fleet.Count), TimeSpan.FromMicroseconds(random.Next(30_000_000)));
                var away = TimeSpan.FromMicroseconds(random.Next(2_000_000));
                world.At(TimeSpan.FromMicroseconds(random.Next(30_000_000)), fleet[who].SaveState);
                world.At(at, () =>
                {
                    if (fleet[who] is not { EndedAt: null } device) { return; }
                    crashes++;
                    var from = device.LastCheckpoint;
                    device.Crash();
                    world.At(at + away, () => fleet[who] = world.Add(device.Pipeline, null, Link, checkpoints, from));
                });
            }
        }

        world.RunToEnd(TestContext.Current.CancellationToken);

        Assert.All(world.Devices, static d => Assert.Null(d.Failure));
        Assert.Equal(0, world.Pool.RentedBatches);
        return new(rounds.Count, rounds.Values.Last().Averaged.Sha256(), [.. rounds.Values], crashes);
    }

    private static Pipeline Edge(
        ITransport transport, Strategy strategy, SortedDictionary<long, Round> rounds) => Pipeline.Define("edge", p =>
    {
        var (versions, made) = p.Subscribe(transport, "updates", LearningCodecs.Deltas).Aggregate(Model, strategy, new() { MaxNorm = 100 });
        versions.Publish(transport, "models", LearningCodecs.Weights, retain: true);
        made.ForEach("keep", round => rounds[round.Version] = round);      // one that is made again replaces the one that nobody has seen
    });

    private static Pipeline Device(ITransport transport, int device, TrainPace pace) => Pipeline.Define($"device-{device}", p =>
    {
        var (deltas, scores) = p.From("rows", new RowsOptions(device, 20 + (5 * device)), RowsSource.Open, Rows)
            .Train(Model, p.Subscribe(transport, "models", LearningCodecs.Weights), new() { Pace = pace, Optimizer = new Sgd(0.1f) });
        deltas.Publish(transport, "updates", LearningCodecs.Deltas);
        scores.Discard();
    });

    private sealed record FleetEnd(int Versions, string Sha256, IReadOnlyList<Round> Rounds, int Crashes);
    internal sealed record RowsOptions(int Device, int Batches);

    /// <summary>A batch each second: three classes around three far points.</summary>
    internal sealed class RowsSource(RowsOptions options, OperatorContext context) : Source<Batch>, ISeekable
    {
        private readonly DateTimeOffset _start = context.Now;
        private int _made;
        internal static RowsSource Open(RowsOptions options, OperatorContext context) => new(options, context);
        public override DateTimeOffset? NextAt => _made < options.Batches ? _start.AddSeconds(_made) : null;
        public void Seek(long messages) => _made = (int)messages;

        public override Batch Next()
        {
            var random = new RandomStream(options.Device, $"rows {_made}");
            _made++;
            var batch = context.Pool.Rent(Rows, 4);
            for (var r = 0; r < batch.Rows; r++)
            {
                var label = random.NextInt32(3);
                batch["x"].Writable<float>()[r] = (float)(1000 + (100 * label) + (15 * random.NextGaussian()));
                batch["y"].Writable<float>()[r] = (float)((label == 1 ? 0.01 : 0) + (0.001 * random.NextGaussian()));
                batch["label"].Writable<int>()[r] = label;
            }

            return batch;
        }
    }
}
