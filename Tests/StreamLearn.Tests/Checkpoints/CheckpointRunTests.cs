using System.Collections.Concurrent;

namespace StreamLearn.Tests;

/// <summary>A run that keeps checkpoints loses nothing and does nothing twice, whenever it is killed.</summary>
public sealed class CheckpointRunTests
{
    private const int Messages = 400;
    private const int AtOnce = 5;

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6)]
    public async Task A_run_that_is_killed_at_any_time_and_goes_on_takes_each_message_once(int seed)
    {
        var random = new Random(seed);
        var (server, disk) = (new KeepingServer(Messages), new FaultyStorage());
        for (var kills = 0; server.Published.Count < Messages / AtOnce; kills++)
        {
            var machine = new Machine(server, disk);
            var from = CheckpointFiles.Read(machine);
            await using var run = Start(machine, from);
            var until = Math.Min(server.Published.Count + random.Next(1 + (kills / 4)), Messages / AtOnce);
            await Eventually.TrueAsync(() => server.Published.Count >= until);
            for (var turns = random.Next(200); turns > 0; turns--) { await Task.Yield(); }
            machine.Kill();
        }
        Assert.False(server.HasContradiction);
        Assert.Equal(Messages / AtOnce, server.Published.Count);
        Assert.Equal(Messages * (Messages - 1) / 2, server.Published.Sum(static p => int.Parse(p, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task Nothing_is_acknowledged_or_published_before_a_checkpoint_that_holds_it_is_on_disk()
    {
        var (server, disk) = (new KeepingServer(64), new FaultyStorage { Space = 0 });
        var machine = new Machine(server, disk);
        await using var run = Start(machine, null);
        await Eventually.TrueAsync(() => run.CheckpointFailure is not null && run.Metrics["add-up"].ItemsIn >= AtOnce);
        Assert.Equal(64, server.Open);
        Assert.Empty(server.Published);
        await Assert.ThrowsAnyAsync<IOException>(run.CheckpointAsync);
        disk.Space = long.MaxValue;
        await Eventually.TrueAsync(() => server.Open == 0 && server.Published.Count == 12);
        Assert.Null(run.CheckpointFailure);
    }

    [Fact]
    public async Task A_message_that_comes_again_is_known_and_dropped()
    {
        var (server, disk) = (new KeepingServer(40), new FaultyStorage());
        await using (var run = Start(new(server, disk), null)) { await Eventually.TrueAsync(() => server.Open == 0); }
        var again = new KeepingServer(40);
        await using var second = Start(new(again, disk), CheckpointFiles.Read(disk));
        await Eventually.TrueAsync(() => again.Open == 0);
        Assert.Equal(40, second.Metrics["subscribe in"].Drops["duplicate"]);
    }

    [Fact]
    public async Task A_copy_is_not_acknowledged_before_a_checkpoint_holds_the_message()
    {
        var (server, disk) = (new KeepingServer(20), new FaultyStorage { Space = 0 });
        await using var run = Start(new(server, disk) { Copies = 3 }, null);
        await Eventually.TrueAsync(() => run.CheckpointFailure is not null
            && run.Metrics["subscribe in"].Drops.GetValueOrDefault("duplicate") == 40);
        Assert.Equal(20, server.Open);
        disk.Space = long.MaxValue;
        await Eventually.TrueAsync(() => server.Open == 0 && run.Metrics["add-up"].ItemsIn == 20);
    }

    [Fact]
    public async Task Counters_go_on_and_count_a_publication_that_is_sent_again_once()
    {
        var (server, disk) = (new KeepingServer(40), new FaultyStorage());
        await using var first = Start(new(server, disk) { Confirming = new TaskCompletionSource().Task }, null);
        await Eventually.TrueAsync(() => server.Published.Count == 40 / AtOnce && server.Open == 0);
        await first.StopAsync();
        Assert.Equal(40 / AtOnce, first.Metrics["publish sums"].ItemsIn);

        await using var second = Start(new(server, disk), CheckpointFiles.Read(disk));
        await Eventually.TrueAsync(() => server.Sent == 2 * 40 / AtOnce);
        await second.StopAsync();

        var counted = CheckpointFiles.Read(disk)!.ReadMetrics();
        Assert.Equal((40, 40), (counted["subscribe in"].ItemsOut, counted["add-up"].ItemsIn));
        Assert.Equal((40 / AtOnce, 40 / AtOnce), (counted["add-up"].ItemsOut, counted["publish sums"].ItemsIn));
        Assert.False(server.HasContradiction);
    }

    [Fact]
    public async Task The_programs_own_state_is_saved_with_the_run_at_the_same_moment()
    {
        var (server, disk) = (new KeepingServer(40), new FaultyStorage());
        for (var life = 1; life <= 4; life++)
        {
            var (seen, until) = (new Seen(), 10 * life);
            var options = new RunOptions
            {
                Checkpoints = new("memory") { Storage = disk, Every = Timeout.InfiniteTimeSpan, HoldAtMost = TimeSpan.Zero, State = seen },
                StartFrom = CheckpointFiles.Read(disk),
            };
            await using var run = Blocks.Start(
                p => p.Subscribe(new Machine(server, disk), "in", NumberCodec.Default, new() { Capacity = 4 })
                    .ForEach("see", _ => seen.Count++),
                options);
            await Eventually.TrueAsync(() => seen.Count >= until);
            if (life == 4) { await run.StopAsync(); }
        }
        var (saved, last) = (CheckpointFiles.Read(disk)!, new Seen());
        saved.LoadState(last);
        Assert.Equal((40, 40), (saved.ReadMetrics()["see"].ItemsIn, last.Count));
        Assert.Throws<StateException>(() => saved.LoadState(new Seen { StateFormat = "seen/2" }));
    }

    [Fact]
    public async Task An_operator_is_woken_when_it_asked_for_that_as_it_took_up_its_state()
    {
        var (disk, woken) = (new FaultyStorage(), new Seen());
        var options = new RunOptions { Checkpoints = new("memory") { Storage = disk, Every = Timeout.InfiniteTimeSpan } };
        var pipeline = Pipeline.Define("test", p => p.Input<Batch>("in").Via("wakes", new WakesOptions(woken)).Discard());
        await using (var run = pipeline.Start(options, Cancellation)) { await run.CheckpointAsync(); }
        var from = options with { StartFrom = CheckpointFiles.Read(disk) };
        await using var again = pipeline.Start(from, Cancellation);
        await Eventually.TrueAsync(() => woken.Count == 1);
    }

    [Fact]
    public async Task A_block_that_has_ended_before_others_is_saved_as_ended()
    {
        var (disk, gate, seen) = (new FaultyStorage(), new Gate(), new ConcurrentQueue<int>());
        Pipeline Counting(Action wait) => Pipeline.Define("test", p => p.Numbers(5).Via("emptied", new EmptiedOptions()).ForEach("see", b =>
            {
                wait();
                seen.Enqueue(b.Rows);
            }));
        var options = new RunOptions { Checkpoints = new("memory") { Storage = disk, Every = Timeout.InfiniteTimeSpan } };
        await using (var run = Counting(gate.Pass).Start(options, Cancellation))
        {
            await gate.Reached;
            await Eventually.TrueAsync(() => run.Stages.Single(static s => s.Node.Name == "emptied").Closed);
            var saving = run.StopAsync();
            gate.Open();
            await saving;
        }
        await using var next = Counting(static () => { }).Start(options with { StartFrom = CheckpointFiles.Read(disk) }, Cancellation);
        await next.Completion;
        Assert.Equal(5, seen.Count);
    }

    [Fact]
    public async Task A_run_that_is_being_stopped_writes_no_checkpoint_of_what_is_left()
    {
        var (disk, gate) = (new FaultyStorage(), new Gate());
        var run = Blocks.Start(
            p => p.Input<Batch>("in").ForEach("wait", _ => gate.Pass()),
            new RunOptions { Checkpoints = new("memory") { Storage = disk, Every = Timeout.InfiniteTimeSpan } });
        await run.SendAsync("in", Blocks.Number(run.Pool, 1));
        await gate.Reached;

        var stopped = run.DisposeAsync();
        await Eventually.TrueAsync(() => run.Stages[0].Closed);
        var refused = run.CheckpointAsync();
        gate.Open();

        await Assert.ThrowsAsync<InvalidOperationException>(() => refused);
        await stopped;
        Assert.Null(CheckpointFiles.Read(disk));
    }

    [Theory, InlineData(0), InlineData(2)]
    public async Task A_checkpoint_is_whole_though_publications_end_while_it_is_saved(int failing)
    {
        var disk = new FaultyStorage();
        var options = new RunOptions { Checkpoints = new("memory") { Storage = disk, Every = Timeout.InfiniteTimeSpan } };
        await using var run = Blocks.Start(p => Build(p, new EndingTransport(failing)), options);
        for (var number = 0; number < 400; number++)
        {
            await run.CheckpointAsync();
            var from = options with { Checkpoints = null, StartFrom = CheckpointFiles.Read(disk) };
            await using var next = Blocks.Start(p => Build(p, new EndingTransport(failing)), from);
        }

        static void Build(PipelineBuilder p, ITransport transport)
        {
            p.Numbers(int.MaxValue).Publish(transport, "out", NumberCodec.Default).OnError(ErrorPolicy.DeadLetter);
            p.DeadLetters.Discard();
        }
    }

    [Fact]
    public async Task A_stopped_run_goes_on_and_a_drained_one_does_not()
    {
        var disk = new FaultyStorage();
        var numbers = new List<int>();
        void Build(PipelineBuilder p) => p.Input<Batch>("in").Via("add-up", new AddUpOptions(3)).Collect(numbers);
        var options = new RunOptions { Checkpoints = new("memory") { Storage = disk } };
        var first = Blocks.Start(Build, options);
        foreach (var number in new[] { 1, 2 }) { await first.SendAsync("in", Blocks.Number(first.Pool, number)); }
        var saved = await first.StopAsync();

        var second = Blocks.Start(Build, options with { StartFrom = CheckpointFiles.Read(disk) });
        await second.SendAsync("in", Blocks.Number(second.Pool, 4));
        await second.DrainAsync();

        Assert.Equal(1, saved.Number);
        Assert.Equal([7], numbers);
        var ended = CheckpointFiles.Read(disk)!;
        Assert.True(ended.HasEnded);
        var refusal = Assert.Throws<StateException>(() => Blocks.Start(Build, options with { StartFrom = ended }));
        Assert.Contains("had ended", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_pipeline_says_what_fits_and_goes_on_without_the_rest()
    {
        var disk = new FaultyStorage();
        var options = new RunOptions { Checkpoints = new("memory") { Storage = disk } };
        var numbers = new List<int>();
        Action<PipelineBuilder> With(string block) => p =>
            p.Input<Batch>("in").Via(block, new AddUpOptions(3)).Via("kept", new AddUpOptions(1)).Collect(numbers);
        var first = Blocks.Start(With("old"), options);
        foreach (var number in new[] { 1, 2 }) { await first.SendAsync("in", Blocks.Number(first.Pool, number)); }
        await first.StopAsync();
        var from = CheckpointFiles.Read(disk)!;

        var refusal = Assert.Throws<StateException>(() => Blocks.Start(With("new"), options with { StartFrom = from }));
        Assert.Contains("block 'old' is not in the pipeline. What fits", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("What fits: in, kept, collect. What is new: new. If 'old' is now", refusal.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => from.Without("absent"));

        await using var second = Blocks.Start(With("new"), options with { StartFrom = from.Without("old") });
        Assert.Equal(2, (await second.CheckpointAsync()).Number);

        var third = Blocks.Start(With("new"), options with { StartFrom = from.Renamed("old", "new") });
        await third.SendAsync("in", Blocks.Number(third.Pool, 4));
        await third.DrainAsync();
        Assert.Equal([7], numbers);
    }

    [Fact]
    public void A_pipeline_whose_state_cannot_be_saved_is_refused_with_every_reason()
    {
        var options = new RunOptions { Checkpoints = new("memory") { Storage = new FaultyStorage() } };
        var refusal = Assert.Throws<ArgumentException>(() => Blocks.Start(p =>
        {
            p.Numbers(1).Via("keeping", new Keeping(), static (Keeping _, OperatorContext _, IOutput<Batch> output) =>
                new PassOn<Batch>(output)).Discard();
            p.Input<Note>("notes").Discard();
        }, options));
        Assert.Contains("block 'keeping' has state (rows) and cannot save it", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("messages of type Note, from 'notes' to 'discard notes', have no codec", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_whose_state_takes_longer_to_save_than_the_period_goes_on_and_can_be_stopped()
    {
        var (clock, slow) = (new ManualTimeProvider(), new SlowOptions());
        var options = new RunOptions
        {
            Checkpoints = new("memory") { Storage = new FaultyStorage(), Every = TimeSpan.FromSeconds(1) },
            TimeProvider = clock,
        };
        var run = Blocks.Start(p => p.Input<Batch>("in").Via("slow", slow).Discard(), options);
        slow.Saving = () => clock.Advance(TimeSpan.FromSeconds(3));      // the period passes while the state is saved

        for (var number = 1; number <= 20; number++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await run.SendAsync("in", Blocks.Number(run.Pool, number));
            await Eventually.TrueAsync(() => run.Metrics["slow"].ItemsIn == number);
        }
        var saved = await run.StopAsync().WaitAsync(Blocks.Patience);
        Assert.InRange(saved.Number, 2, 25);

        var second = Blocks.Start(p => p.Input<Batch>("in").Via("slow", slow).Discard(), options with
        {
            StartFrom = CheckpointFiles.Read(options.Checkpoints.Storage!),
        });
        clock.Advance(TimeSpan.FromSeconds(1));
        await second.DisposeAsync().AsTask().WaitAsync(Blocks.Patience);
    }

    [Fact]
    public async Task A_block_that_cannot_be_saved_or_taken_up_is_named()
    {
        var (storage, slow) = (new FaultyStorage(), new SlowOptions());
        var options = new RunOptions { Checkpoints = new("memory") { Storage = storage } };
        await Blocks.Start(p => p.Input<Batch>("in").Via("slow", slow).Discard(), options).StopAsync();

        var from = CheckpointFiles.Read(storage);
        slow.Loading = static () => throw new FormatException("odd");
        var refused = Assert.Throws<StateException>(() =>
            Blocks.Start(p => p.Input<Batch>("in").Via("slow", slow).Discard(), options with { StartFrom = from }));
        slow.Loading = static () => { };
        slow.Saving = static () => throw new FormatException("torn");
        await using var run = Blocks.Start(p => p.Input<Batch>("in").Via("slow", slow).Discard(), options with { StartFrom = from });
        await Assert.ThrowsAsync<InvalidOperationException>(run.CheckpointAsync);
        var failed = await Assert.ThrowsAsync<BlockFailedException>(() => run.Completion);

        Assert.Contains("the state of block 'slow' cannot be restored: FormatException: odd", refused.Message, StringComparison.Ordinal);
        Assert.Contains("block 'slow' could not be saved: torn", failed.Message, StringComparison.Ordinal);
    }

    [Theory, InlineData(25, 0), InlineData(1, 25)]
    public void Times_that_no_timer_takes_are_refused(int everyDays, int holdDays) => Assert.Throws<ArgumentOutOfRangeException>(() =>
        Blocks.Start(p => p.Input<Batch>("in").Discard(), new RunOptions
        {
            Checkpoints = new("memory") { Every = TimeSpan.FromDays(everyDays), HoldAtMost = TimeSpan.FromDays(holdDays) },
        }));

    [Fact]
    public async Task A_run_that_is_refused_leaves_its_folder_to_the_next()
    {
        using var folder = new TemporaryFolder();
        Action<PipelineBuilder> With(int count) => p => p.Input<Batch>("in").Via("sum", new AddUpOptions(count)).Discard();
        var options = new RunOptions { Checkpoints = new(folder.Path) };
        var first = Blocks.Start(With(3), options);
        foreach (var number in new[] { 1, 2 }) { await first.SendAsync("in", Blocks.Number(first.Pool, number)); }
        await Eventually.TrueAsync(() => first.Metrics["sum"].ItemsIn == 2);
        await first.StopAsync();
        var from = Checkpoint.Newest(folder.Path)!;

        for (var i = 0; i < 20; i++) { Assert.Throws<StateException>(() => Blocks.Start(With(1), options with { StartFrom = from })); }

        await using var next = Blocks.Start(With(1), options with { StartFrom = from.Without("sum") });
        Assert.Equal(2, (await next.CheckpointAsync()).Number);
    }

    [Fact]
    public async Task A_run_that_would_push_out_what_another_saved_is_refused()
    {
        using var folder = new TemporaryFolder();
        var options = new RunOptions { Checkpoints = new(folder.Path) };
        await Blocks.Start(p => p.Input<Batch>("in").Discard(), options).StopAsync();
        var refusal = Assert.Throws<InvalidOperationException>(() => Blocks.Start(p => p.Input<Batch>("in").Discard(), options));
        Assert.Contains("set StartFrom to Checkpoint.Newest(folder)", refusal.Message, StringComparison.Ordinal);
        var second = Blocks.Start(p => p.Input<Batch>("in").Discard(), options with { StartFrom = Checkpoint.Newest(folder.Path) });
        await second.DrainAsync();
        await using var anew = Blocks.Start(p => p.Input<Batch>("in").Discard(), options);      // that one had come to its end
        Assert.Equal(3, (await anew.CheckpointAsync()).Number);
    }

    [Fact]
    public async Task A_source_that_cannot_go_on_begins_anew_and_one_that_can_goes_on()
    {
        var (disk, clock, seen) = (new FaultyStorage(), new ManualTimeProvider(), new ConcurrentQueue<string>());
        void Build(PipelineBuilder p)
        {
            p.From("beats", "", (string _, OperatorContext c) => new Beats(c.Now)).ForEach("see beats", seen.Enqueue);
            p.From("kept", "", (string _, OperatorContext c) => new KeptBeats(c.Now)).ForEach("see kept", b => seen.Enqueue($"kept {b}"));
        }

        var options = new RunOptions
        {
            Checkpoints = new("memory") { Storage = disk, Every = Timeout.InfiniteTimeSpan },
            TimeProvider = clock,
        };
        for (var start = 0; start < 3; start++)
        {
            var run = Blocks.Start(Build, options with { StartFrom = CheckpointFiles.Read(disk) });
            for (var beat = 1; beat <= 2; beat++)
            {
                await Eventually.TrueAsync(() => clock.PendingTimers == 2);      // both sources wait
                clock.Advance(TimeSpan.FromSeconds(1.1));
                var all = (2 * start) + beat;
                await Eventually.TrueAsync(() => run.Metrics["see beats"].ItemsIn == all && run.Metrics["see kept"].ItemsIn == all);
            }
            await run.StopAsync();
        }
        Assert.Equal(["1", "2", "1", "2", "1", "2"], seen.Where(static s => s.Length == 1));
        Assert.Equal(["kept 1", "kept 2", "kept 3", "kept 4", "kept 5", "kept 6"], seen.Where(static s => s.Length > 1));
    }

    [Fact]
    public async Task Two_runs_do_not_share_a_folder()
    {
        using var folder = new TemporaryFolder();
        var options = new RunOptions { Checkpoints = new(folder.Path) { Every = Timeout.InfiniteTimeSpan } };
        await using (var run = Blocks.Start(p => p.Input<Batch>("in").Discard(), options))
        {
            var failure = Assert.Throws<IOException>(() => Blocks.Start(p => p.Input<Batch>("in").Discard(), options));
            Assert.Contains("in use by another run", failure.Message, StringComparison.Ordinal);
            await run.CheckpointAsync();
        }
        Assert.Equal(1, Checkpoint.Newest(folder.Path)!.Number);
        options = options with { StartFrom = Checkpoint.Newest(folder.Path) };
        await using var next = Blocks.Start(p => p.Input<Batch>("in").Discard(), options);
        Assert.Equal(2, (await next.CheckpointAsync()).Number);
    }

    private static PipelineRun Start(Machine machine, Checkpoint? from) => Blocks.Start(
        p => p.Subscribe(machine, "in", NumberCodec.Default, new() { Capacity = 64 }).Via("add-up", new AddUpOptions(AtOnce))
            .Publish(machine, "sums", NumberCodec.Default, new PublicationOptions { WithCheckpoint = true, InFlight = 8 }),
        new() { Checkpoints = new("memory") { Storage = machine, HoldAtMost = TimeSpan.FromMilliseconds(1) }, StartFrom = from });

    /// <summary>Passes batches on, and does something as it is saved.</summary>
    private sealed record SlowOptions : IOperatorOptions<Batch, Batch, Slow>
    {
        internal Action Saving { get; set; } = static () => { };
        internal Action Loading { get; set; } = static () => { };
        public Slow Create(OperatorContext context, IOutput<Batch> output) => new(this, output);
    }

    private sealed class Slow(SlowOptions options, IOutput<Batch> output) : Operator<Batch>, IStateful
    {
        public string StateFormat => "slow/1";

        public void State(ref StateStream s)
        {
            if (s.IsReading) { options.Loading(); }
            else { options.Saving(); }
        }

        public override void Process(Batch batch) => output.Emit(batch);
    }

    private sealed record WakesOptions(Seen Woken) : IOperatorOptions<Batch, Batch, Wakes>
    {
        public Wakes Create(OperatorContext context, IOutput<Batch> output) => new(this, context, output);
    }

    private sealed class Wakes(WakesOptions options, OperatorContext context, IOutput<Batch> output) : Operator<Batch>, IStateful
    {
        public string StateFormat => "wakes/1";
        public void State(ref StateStream s) { if (s.IsReading) { context.WakeAt(context.Now + TimeSpan.FromMilliseconds(1)); } }
        public override void Process(Batch batch) => output.Emit(batch);
        public override void WakeUp() => options.Woken.Count++;
    }

    private class Beats(DateTimeOffset start) : Source<string>
    {
        protected int Made { get; set; }
        public override DateTimeOffset? NextAt => start + TimeSpan.FromSeconds(Made + 1);
        public override string Next() => $"{++Made}";
    }

    private sealed class KeptBeats(DateTimeOffset start) : Beats(start), ISeekable
    {
        public void Seek(long position) => Made = (int)position;
    }

    private sealed record Keeping : IBlockOptions
    {
        public string State => "rows";
    }

    private sealed class Seen : IStateful
    {
        public string StateFormat { get; init; } = "seen/1";
        internal int Count { get; set; }
        public void State(ref StateStream s) => Count = s.Value(Count, 0, int.MaxValue);
    }

    /// <summary>Passes batches on; what it has when it has ended is no state of its own any more.</summary>
    private sealed record EmptiedOptions : IOperatorOptions<Batch, Batch, Emptied>
    {
        public Emptied Create(OperatorContext context, IOutput<Batch> output) => new(output);
    }

    private sealed class Emptied(IOutput<Batch> output) : Operator<Batch>, IStateful, IDisposable
    {
        private int _passed;
        public string StateFormat => "emptied/1";
        public void State(ref StateStream s) => s.Value(ref _passed, 0, int.MaxValue);

        public override void Process(Batch batch)
        {
            _passed++;
            output.Emit(batch);
        }

        public void Dispose() => _passed = -1;
    }
}
