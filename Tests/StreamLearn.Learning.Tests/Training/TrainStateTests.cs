using static StreamLearn.Learning.Tests.OneChannel;

namespace StreamLearn.Learning.Tests;

/// <summary>The state of <c>Train</c>: what is damaged or of other settings is refused, and settings that changed are in force.</summary>
public sealed class TrainStateTests
{
    private static readonly TrainOptions Options = new()
    {
        StartAfterRows = 1,
        BufferRows = 4,
        BatchRows = 2,
        StepsPerUpdate = 3,
        Draw = DrawKind.Shuffle,
        Epoch = 5,
        Tuning = new() { Every = 100 },
    };

    [Fact]
    public void A_state_that_is_damaged_is_refused_or_is_another_one() =>
        SavedState.Of(Used(receipts: true).State).DamagedInto(() => Made(receipts: true).State);

    [Theory]
    [InlineData("expected a block with receipts, got one without", false)]
    [InlineData("expected a block without receipts, got one with", true)]
    public void A_state_with_receipts_is_not_one_without(string message, bool saved) => Assert.Equal(message,
        Assert.Throws<StateException>(() => SavedState.Of(Used(receipts: saved).State).Into(Made(receipts: !saved).State)).Message);

    [Fact]
    public void A_state_of_another_model_buffer_or_optimizer_is_refused()
    {
        var state = SavedState.Of(Used(receipts: false).State);
        Refused(Made(receipts: false, model: new SoftmaxRegression(2, 2, seed: 1)), "expected");
        Refused(Made(receipts: false, Options with { BufferRows = 3 }), "expected 0 to 3, got 4");
        Refused(Made(receipts: false, Options with { Optimizer = new Adam(0.1f) }), "numbers, got");

        void Refused(Train train, string message) => Assert.Contains(
            message, Assert.Throws<StateException>(() => state.Into(train.State)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_that_no_directive_has_changed_are_those_of_the_block_that_takes_up_the_state()
    {
        var later = Options with { StepsPerUpdate = 9, BatchRows = 5, Optimizer = new Sgd(0.3f), Proximal = 0.5f };
        var asked = LocalSettings.Of(Options).After(new() { BatchRows = 7, RoundTime = TimeSpan.FromSeconds(1) }, 64);
        var (taken, none) = (LocalSettings.Of(later), (default(LocalSettings), default(Directive)));
        SavedState.Of((ref s) => asked.State(ref s, Options, 64, ref none))
            .Into((ref s) => taken = taken.State(ref s, later, 64, ref none));
        Assert.Equal(new(9, 7, later.Optimizer, 0.5f, TimeSpan.FromSeconds(1), TrainPace.Free), taken);
    }

    [Fact]
    public async Task Numbers_that_may_have_been_sent_are_not_given_again_where_the_newest_checkpoint_is_lost()
    {
        var folder = Directory.CreateTempSubdirectory("streamlearn-").FullName;
        try
        {
            Assert.Equal([1, 2], await LearnAsync(updates: 2));
            Assert.Equal([3, 4], await LearnAsync(updates: 2));
            await File.WriteAllTextAsync(Directory.GetFiles(folder, "checkpoint-*").Order().Last(), "damaged");
            Assert.Equal([MessageNumbers.Reserved + 3, MessageNumbers.Reserved + 4], await LearnAsync(updates: 2));
            Assert.Equal([MessageNumbers.Reserved + 5], await LearnAsync(updates: 1));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        async Task<List<long>> LearnAsync(int updates)
        {
            var numbers = new List<long>();
            var run = Pipeline.Define("sensor", p =>
            {
                var (deltas, evaluations) = p.Input<Batch>("rows", Rows).Train(Model, p.Input<Weights>("models"), Options);
                deltas.ForEach("numbers", d => numbers.Add(d.Sequence));
                evaluations.Discard();
            }).Start(new() { Checkpoints = new(folder), StartFrom = Checkpoint.Newest(folder) });
            var all = run.Metrics["numbers"].ItemsIn + updates;      // over all runs
            for (var i = 0; i < updates * Options.StepsPerUpdate; i++)
            {
                await run.SendAsync("rows", Batches.Of(run.Pool, Rows, new[] { 1f }, new[] { i % 2 }));
            }

            while (run.Metrics["numbers"].ItemsIn < all) { await Task.Yield(); }
            await run.StopAsync();
            return numbers;
        }
    }

    [Fact]
    public void No_more_reasons_have_counters_of_their_own_after_a_state_was_taken_up()
    {
        var (first, second) = (new BlockMetrics("train"), new BlockMetrics("train"));
        var (before, after) = (new RefusalReasons(Contexts.New(first)), new RefusalReasons(Contexts.New(second)));
        for (var reason = 0; reason < 15; reason++) { before.Count($"{reason}"); }
        SavedState.Of(before.State).Into(after.State);
        for (var reason = 14; reason < 20; reason++) { after.Count($"{reason}"); }
        Assert.Equal(["updates-refused-14", "updates-refused-15"], second.Counters.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Rows_are_chosen_from_the_gradients_before_the_state_too()
    {
        var (held, random) = (new ReplayBuffer(200, 1, 2), new RandomStream(3, "rows"));
        for (var row = 0; row < 200; row++) { held.Add([1 + (random.NextInt32(100) / 100f)], random.NextInt32(3) == 0 ? 0 : 1, random); }
        var (whole, parted) = (Tuned(), Tuned());
        var (weights, gradients, memory) = (Model.Initial.Values.ToArray(), new float[Model.Plan.Values], new Workspace());
        var rows = new List<int>();

        for (var choice = 1; choice <= 20; choice++)
        {
            var next = Tuned(parted.Context);
            SavedState.Of(parted.Batch.State).Into(next.Batch.State);
            parted = next;
            whole.Batch.Choose(weights, 100 * choice, new([], 0), gradients, memory);
            parted.Batch.Choose(weights, 100 * choice, new([], 0), gradients, memory);
            Assert.Equal(whole.Batch.Rows, parted.Batch.Rows);
            rows.Add(whole.Batch.Rows);
        }

        Assert.InRange(rows.Distinct().Count(), 4, 20);

        (TunedBatch Batch, OperatorContext Context) Tuned(OperatorContext? context = null)
        {
            context ??= Contexts.New();
            var options = new TrainOptions { Tuning = new(), BatchRows = 4, MaxBatchRows = 100 };
            var tuned = new TunedBatch(options.Tuning, Model, options, context, held);
            tuned.Ask(4, 0);
            return (tuned, context);
        }
    }

    /// <summary>A block that has seen a version, rows, a receipt and a connection, in the middle of a round.</summary>
    private static Train Used(bool receipts)
    {
        var train = Made(receipts);
        var pool = new BatchPool();
        train.WakeUp();
        train.Control(Model.Initial with { Version = 1, Epoch = 1, Directives = [new() { LearningRate = 0.1f, BatchRows = 3 }] });
        train.Process(Batches.Of(pool, Rows, new float[] { 1, 2, 3, 4, 5 }, new int?[] { 1, 0, 1, 0, 1 }));
        if (!receipts) { return train; }
        train.Control(new Receipt
        {
            Device = "device",
            Epoch = 5,
            Aggregator = "edge",
            Newest = new(1, 2),
            Fates = [new(1, UpdateOutcome.Refused, "norm")],
        });
        train.Process(Batches.Of(pool, Rows, new float[] { 1, 2, 3, 4 }, new int?[] { 1, 0, 1, 0 }));
        train.Control(new ConnectionChange { Transport = "edge", Session = "up", IsConnected = true, Connects = 1 });
        return train;
    }

    private static Train Made(bool receipts, TrainOptions? options = null, IModel? model = null) => new(
        new(model ?? Model, options ?? Options, receipts), Contexts.New(), new Unheard<WeightDelta>(), new Unheard<Evaluation>(),
        receipts ? new Unheard<Presence>() : null);
}
