namespace StreamLearn.Fleets.Tests;

/// <summary>Whole fleets in the dataflow host, over topics.</summary>
public sealed class FleetRunTests
{
    private const int Devices = 4;

    /// <summary>With so many rows before the first step, streams end with a whole update. What of one is left at the end goes with the
    /// version that a device has heard of by then, which real threads leave open.</summary>
    private const int WholeUpdates = 5;
    private static readonly Schema Rows = new(Field.Channel("x", Unit.One), Field.Channel("y", Unit.One), Field.Label());
    private static readonly SoftmaxRegression Model = new(2, 3, seed: 1);

    [Fact]
    public async Task In_lock_step_a_fleet_of_unequal_streams_ends_with_the_same_bits_each_time()
    {
        var first = await RunAsync(new FedAvg(Devices), TrainPace.LockStep);
        var second = await RunAsync(new FedAvg(Devices), TrainPace.LockStep);
        Assert.InRange(first.Version, 10, 1000);
        Assert.Equal((first.Version, first.Sha256()), (second.Version, second.Sha256()));
        Assert.InRange(Accuracy(first), 0.9, 1);
    }

    [Fact]
    public async Task Without_a_barrier_a_fleet_learns_too()
    {
        var last = await RunAsync(new FedBuff(3), TrainPace.Free);
        Assert.InRange(Accuracy(last), 0.9, 1);
    }

    [Fact]
    public async Task Who_starts_anew_without_a_number_is_no_repetition_of_itself()
    {
        await using var transport = new InProcessTransport();
        var device = Device(transport, new(1, 20));
        await using var server = Edge(transport, new FedBuff(1), static _ => { })
            .Start(new RunOptions(), TestContext.Current.CancellationToken);
        var sent = 0L;
        for (var start = 0; start < 2; start++)
        {
            var run = device.Start(new RunOptions { Pace = Pace.AsFastAsPossible }, TestContext.Current.CancellationToken);
            await run.Completion;
            var train = run.Metrics["train"];
            Assert.Equal(train.Counter("updates-sent"), train.Counter("updates-applied"));
            sent += train.Counter("updates-sent");
        }

        await server.DrainAsync();
        Assert.Equal(0, server.Metrics["aggregate"].Drops.GetValueOrDefault("duplicate"));
        Assert.InRange(server.Metrics["aggregate"].Counter("updates-applied"), sent - 2, sent);        // a farewell may be without steps
    }

    [Fact]
    public async Task A_device_that_is_drained_hears_what_has_become_of_its_updates()
    {
        await using var transport = new InProcessTransport();
        var learned = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var edge = Edge(transport, new FedBuff(2), round =>
        {
            if (round.Made.Version == 5) { learned.SetResult(); }
        });
        await using var server = edge.Start(new RunOptions(), TestContext.Current.CancellationToken);
        await using var run = Device(transport, new(1, int.MaxValue))
            .Start(new RunOptions { Pace = Pace.AsFastAsPossible }, TestContext.Current.CancellationToken);
        await learned.Task.WaitAsync(TestContext.Current.CancellationToken);
        await run.DrainAsync(TestContext.Current.CancellationToken);
        var train = run.Metrics["train"];
        Assert.Equal(train.Counter("updates-sent"), train.Counter("updates-answered"));
        Assert.Equal(0, train.Counter("updates-unknown") + train.Counter("version-timeouts"));
    }

    private static double Accuracy(Weights weights)
    {
        var random = new RandomStream(99, "unseen");
        var (features, labels) = (new float[600], new int[300]);
        for (var r = 0; r < 300; r++) { (features[2 * r], features[(2 * r) + 1], labels[r]) = Draw(random); }
        return Evaluation.Of(Model, weights, new(features, labels)).Accuracy;
    }

    /// <summary>Three classes around three far points, in units that need scaling.</summary>
    private static (float X, float Y, int Label) Draw(RandomStream random)
    {
        var label = random.NextInt32(3);
        return ((float)(1000 + (100 * label) + (15 * random.NextGaussian())),
            (float)((label == 1 ? 0.01 : 0) + (0.001 * random.NextGaussian())), label);
    }

    /// <summary>An aggregator of one device that answers.</summary>
    private static Pipeline Edge(InProcessTransport transport, Strategy strategy, Action<Round> watch) => Pipeline.Define("edge", p =>
    {
        var (versions, rounds, receipts) = p.Subscribe(transport, "updates", LearningCodecs.Deltas)
            .Aggregate(Model, strategy, p.Subscribe(transport, "presences", LearningCodecs.Presences), new() { MaxNorm = 100 });
        versions.Publish(transport, "models", LearningCodecs.Weights);
        receipts.Publish(transport, "receipts", LearningCodecs.Receipts);
        rounds.ForEach("watch", watch);
    });

    private static Pipeline Device(InProcessTransport transport, RowsOptions rows) => Pipeline.Define("device", p =>
    {
        var (deltas, scores, presences) = p.From("rows", rows, RowsSource.Open, Rows)
            .Train(Model, p.Subscribe(transport, "models", LearningCodecs.Weights),
                p.Subscribe(transport, "receipts", LearningCodecs.Receipts));
        deltas.Publish(transport, "updates", LearningCodecs.Deltas);
        presences.Publish(transport, "presences", LearningCodecs.Presences);
        scores.Discard();
    });

    private static async Task<Weights> RunAsync(Strategy strategy, TrainPace pace)
    {
        await using var transport = new InProcessTransport();
        Weights? last = null;
        var edge = Pipeline.Define("edge", p =>
        {
            // a device may run its whole stream before it hears of a model
            var (versions, inUse) = p.Subscribe(transport, "updates", LearningCodecs.Deltas)
                .Aggregate(Model, strategy, new() { MaxNorm = 100 });
            versions.Publish(transport, "models", LearningCodecs.Weights);
            inUse.ForEach("keep", round => last = round.Averaged);
        });
        await using var server = edge.Start(new RunOptions(), TestContext.Current.CancellationToken);
        var devices = Enumerable.Range(0, Devices).Select(d => Pipeline.Define($"device-{d}", p =>
        {
            var (deltas, scores) = p.From("rows", new RowsOptions(d, 20 + (5 * d)), RowsSource.Open, Rows)
                .Train(Model, p.Subscribe(transport, "models", LearningCodecs.Weights), new()
                {
                    Pace = pace,
                    Optimizer = new Sgd(0.1f),
                    StartAfterRows = WholeUpdates,
                });
            deltas.Publish(transport, "updates", LearningCodecs.Deltas);
            scores.Discard();
        })).ToArray();
        var options = new RunOptions { Pace = Pace.AsFastAsPossible };
        var runs = devices.Select(d => d.Start(options, TestContext.Current.CancellationToken)).ToArray();
        await Task.WhenAll(runs.Select(r => r.Completion));
        await server.DrainAsync();
        Assert.Equal(0, server.Metrics["aggregate"].Drops.Values.Sum());
        return last!;
    }

    private sealed record RowsOptions(int Device, int Batches);

    private sealed class RowsSource(RowsOptions options, OperatorContext context) : Source<Batch>
    {
        private readonly RandomStream _random = new(options.Device, "rows");
        private int _made;
        internal static RowsSource Open(RowsOptions options, OperatorContext context) => new(options, context);
        public override DateTimeOffset? NextAt => _made < options.Batches ? OperatorProbe.Start.AddSeconds(_made) : null;

        public override Batch Next()
        {
            _made++;
            var batch = context.Pool.Rent(Rows, 4);
            for (var r = 0; r < batch.Rows; r++)
            {
                (batch["x"].Writable<float>()[r], batch["y"].Writable<float>()[r], batch["label"].Writable<int>()[r]) = Draw(_random);
            }
            return batch;
        }
    }
}
