namespace StreamLearn.Tests;

/// <summary>A pipeline that is changed while messages wait, on edges and within their senders: none is lost uncounted.</summary>
public sealed class ChangedWhileWaitingTests
{
    private const int Many = 20;
    private static readonly Schema Two = new(Field.Channel("c0", Unit.One), Field.Channel("c1", Unit.One));
    private static readonly Script Stuck = new() { Ready = static () => false, Made = static c => c.WakeAt(c.Now + TimeSpan.FromDays(1)) };
    private readonly FaultyStorage _disk = new();
    private RunOptions Options => new() { Checkpoints = new("memory") { Storage = _disk, Every = Timeout.InfiniteTimeSpan } };
    private Checkpoint Saved => CheckpointFiles.Read(_disk)!;

    [Fact]
    public async Task Other_columns_after_messages_that_had_found_no_space_end_the_run()
    {
        var waiting = await SaveAsync(p => p.Numbers(Many).Buffer(2).Block("x", Stuck).Discard());
        var run = Blocks.Start(p => Wide(p).Buffer(2).Block("x").Discard(), Options with { StartFrom = Saved });
        var failure = Assert.IsType<SchemaException>((await run.FailAsync("numbers")).InnerException);
        Assert.True(waiting > 2, $"{waiting}");
        Assert.StartsWith("edge numbers→x: the columns have changed since the checkpoint: ", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, run.Metrics["x"].Drops.GetValueOrDefault("schema"));
    }

    [Fact]
    public async Task A_block_that_begins_anew_takes_the_new_columns_and_all_that_waited_is_counted()
    {
        var waiting = await SaveAsync(p => p.Numbers(Many).Buffer(2).Block("x", Stuck).Discard());
        var run = Blocks.Start(p => Wide(p).Buffer(2).Block("x").Discard(), Options with { StartFrom = Saved.Without("x") });
        await run.EndAsync();
        var x = run.Metrics["x"];
        Assert.Equal((Many, waiting, 0), (x.ItemsIn, x.Drops["begun-anew"], x.Drops.GetValueOrDefault("schema")));
        Assert.Equal(waiting, x.RowsDropped["begun-anew"]);
    }

    [Fact]
    public async Task What_a_block_that_begins_anew_had_made_is_counted()
    {
        await SaveAsync(p => p.Numbers(Many).Block("x").Buffer(2).Block("y", Stuck).Discard(), "x");
        var run = Blocks.Start(
            p => p.Numbers(0).Block("x").Buffer(2).Block("y").Discard(), Options with { StartFrom = Saved.Without("x") });
        await run.EndAsync();
        var (x, y) = (run.Metrics["x"], run.Metrics["y"]);
        Assert.Equal((2, Many - 2, Many), (y.ItemsIn, x.Drops["begun-anew"], run.Metrics["numbers"].ItemsOut));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task What_waits_in_a_publication_that_begins_anew_is_counted(bool waitsForCheckpoint)
    {
        var transport = new ScriptedTransport { HoldPublications = true, MaxInFlight = 64 };
        void Build(PipelineBuilder p) => p.Input<Batch>("in").Publish(transport, "out", NumberCodec.Default,
            new PublicationOptions { WithCheckpoint = waitsForCheckpoint, InFlight = 64 });
        var run = Blocks.Start(Build, Options with { Checkpoints = Options.Checkpoints! with { HoldAtMost = TimeSpan.FromDays(1) } });
        for (var i = 0; i < 5; i++) { await run.SendAsync("in", Blocks.Number(run.Pool, i)); }
        await Eventually.TrueAsync(() => run.Metrics["in"].ItemsOut == 5 && run.Metrics.Edges.All(static e => e.Queued == 0));
        await run.StopAsync();

        var next = Blocks.Start(Build, Options with { StartFrom = Saved.Without("publish out") });

        Assert.Equal(5, next.Metrics["publish out"].Drops["begun-anew"]);
        Assert.Equal(5, next.Metrics["publish out"].RowsDropped["begun-anew"]);
        await next.StopAsync();
    }

    [Fact]
    public async Task A_block_that_was_renamed_takes_what_waited_and_goes_on_counting()
    {
        await SaveAsync(p => p.Numbers(Many).Block("old").Buffer(2).Block("y", Stuck).Collect([], "end"), "old");
        var run = Blocks.Start(
            p => p.Numbers(0).Block("new").Buffer(2).Block("z").Collect([], "end"),
            Options with { StartFrom = Saved.Renamed("old", "new").Renamed("y", "z") });
        await run.EndAsync();
        Assert.Equal((Many, Many), (run.Metrics["new"].ItemsOut, run.Metrics["z"].ItemsIn));
        Assert.DoesNotContain(run.Metrics.Blocks, static b => b.Block is "old" or "y");
        Assert.All(run.Metrics.Blocks, static b => Assert.DoesNotContain("begun-anew", b.Drops.Keys));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task What_waits_for_a_block_that_is_gone_is_dropped_and_counted(bool hasOtherColumns)
    {
        var waiting = await SaveAsync(p => p.Numbers(Many).Buffer(2).Block("old", Stuck).Collect([], "end"));
        var run = Blocks.Start(
            p => (hasOtherColumns ? Wide(p) : p.Numbers(Many)).Buffer(2).Block("new").Collect([], "end"),
            Options with { StartFrom = Saved.Without("old") });
        await run.EndAsync();
        var (old, next) = (run.Metrics["old"], run.Metrics["new"]);
        Assert.Equal((waiting, waiting), (Sum(old.Drops, next.Drops), Sum(old.RowsDropped, next.RowsDropped)));
        Assert.Equal(Many, next.ItemsIn);     // the source begins with its first message

        static long Sum(params IReadOnlyDictionary<string, long>[] counts) => counts.Sum(static c => c.GetValueOrDefault("begun-anew"));
    }

    [Fact]
    public async Task What_a_block_that_is_gone_had_passed_on_is_taken_and_what_it_had_not_is_counted()
    {
        var waiting = await SaveAsync(p => p.Numbers(Many).Block("old").Buffer(2).Block("y", Stuck).Discard(), "old");
        var run = Blocks.Start(
            p => p.Numbers(0).Block("new").Buffer(2).Block("y").Discard(), Options with { StartFrom = Saved.Without("old") });
        await run.EndAsync();
        var old = run.Metrics["old"];
        Assert.Equal((2, waiting), (run.Metrics["y"].ItemsIn, old.ItemsOut));
        Assert.Equal((Many - 2, Many - 2), (old.Drops["begun-anew"], old.RowsDropped["begun-anew"]));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_block_put_in_between_as_columns_change_is_refused_and_then_begins_with_the_new_ones(bool isDeclared)
    {
        var waiting = await SaveAsync(p => p.Numbers(Many).Buffer(2).Block("x", Stuck).Discard());
        void Build(PipelineBuilder p) => Wide(p, isDeclared ? Two : null).Buffer(2).Block("extra").Block("x").Discard();

        var refusal = isDeclared
            ? Assert.Throws<StateException>(() => Blocks.Start(Build, Options with { StartFrom = Saved }))
            : (await Blocks.Start(Build, Options with { StartFrom = Saved }).FailAsync("numbers")).InnerException!;
        Assert.Contains("checkpoint.Without(\"x\")", refusal.Message, StringComparison.Ordinal);

        var run = Blocks.Start(Build, Options with { StartFrom = Saved.Without("x") });
        await run.EndAsync();
        var (extra, x) = (run.Metrics["extra"], run.Metrics["x"]);
        Assert.Equal((Many, Many), (extra.ItemsIn, x.ItemsIn));
        Assert.Equal(waiting, extra.Drops["begun-anew"] + x.Drops["begun-anew"]);
    }

    [Fact]
    public async Task A_block_put_in_between_takes_no_columns_that_its_sender_no_longer_declares()
    {
        await SaveAsync(p => p.Numbers(Many).Buffer(2).Block("x", Stuck).Discard());
        var narrow = new Script { Columns = static _ => Batches.Channels(1) };
        var refusal = Assert.Throws<StateException>(() => Blocks.Start(
            p => Wide(p, Two).Buffer(2).Block("narrow", narrow).Block("x").Discard(), Options with { StartFrom = Saved }));
        Assert.Contains("messages wait between 'numbers' and 'x'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_edge_that_holds_less_than_what_waits_is_refused_and_the_receiver_may_begin_anew()
    {
        var waiting = await SaveAsync(p => p.Numbers(Many).Buffer(4).Block("x", Stuck).Collect([], "end"));
        static void Build(PipelineBuilder p) => p.Numbers(Many).Buffer(2).Block("x").Collect([], "end");
        var refusal = Assert.Throws<StateException>(() => Blocks.Start(Build, Options with { StartFrom = Saved }));
        var run = Blocks.Start(Build, Options with { StartFrom = Saved.Without("x") });
        await run.EndAsync();
        Assert.Contains("restore its previous capacity (Buffer)", refusal.Message, StringComparison.Ordinal);
        Assert.EndsWith($"up to {waiting} messages queued for them or made by them: checkpoint.Without(\"x\")",
            refusal.Message, StringComparison.Ordinal);
        Assert.Equal(Many, run.Metrics["x"].ItemsIn);
    }

    /// <summary>The first message that waits has come to x and not to y, and not to z.</summary>
    [Theory, InlineData("yz", false)]
    [InlineData("zyx", false)]
    [InlineData("xyz", false)]
    [InlineData("xyz", true)]
    public async Task A_fork_that_was_changed_or_renamed_takes_each_message_once(string branches, bool isRenamed)
    {
        var all = Many + await SaveAsync(Fork("numbers", isStuck: true, "xyz"));      // the source begins with its first message
        var again = Blocks.Start(Fork("numbers", isStuck: true, "xyz"), Options with { StartFrom = Saved });
        await again.StopAsync();
        var from = branches.Contains('x', StringComparison.Ordinal) ? Saved : Saved.Without("x", "end of x");
        from = isRenamed ? from.Renamed("numbers", "digits").Renamed("x", "w") : from;
        var names = isRenamed ? branches.Replace('x', 'w') : branches;
        from = isRenamed ? from.Renamed("end of x", "end of w") : from;
        var run = Blocks.Start(Fork(isRenamed ? "digits" : "numbers", isStuck: false, names), Options with { StartFrom = from });
        await run.EndAsync();
        Assert.Equal(names.Select(_ => all), names.Select(b => run.Metrics[$"{b}"].ItemsIn));
    }

    [Fact]
    public async Task A_block_put_in_before_a_fork_gives_no_message_again_to_who_has_it()
    {
        await SaveAsync(Fork("numbers", isStuck: true, "xy"));

        var run = Blocks.Start(
            p =>
            {
                var numbers = p.Numbers(0).Block("extra");
                foreach (var branch in "xy") { numbers.Buffer(2).Block($"{branch}").Collect([], $"end of {branch}"); }
            },
            Options with { StartFrom = Saved.Without("y") });
        await run.EndAsync();

        var seen = Saved.ReadMetrics()["numbers"].ItemsOut;
        Assert.Equal(seen, run.Metrics["x"].ItemsIn);
    }

    [Fact]
    public async Task A_fork_inside_PerKey_gives_no_message_again_to_who_has_it()
    {
        var schema = new Schema(new Field("device", ColumnType.Int64, Unit.One), Field.Channel("c0", Unit.One));
        void Build(PipelineBuilder p, bool isStuck) => p.Input<Batch>("in", schema).PerKey("device", f =>
        {
            var first = f.Block("first");
            return first.Merge(first.Buffer(1).Block("second", isStuck ? Stuck : new()));
        }).Named("keys").ForEach("end", static _ => { });
        var run = Blocks.Start(p => Build(p, isStuck: true), Options);
        for (var i = 0; i < 4; i++) { await run.SendAsync("in", Batches.Of(run.Pool, schema, new[] { 1L }, new float[] { i })); }
        await Eventually.TrueAsync(() => run.Metrics["end"].ItemsIn == 1 && run.Metrics["keys"].ItemsIn == 4);
        await run.StopAsync();

        var next = Blocks.Start(p => Build(p, isStuck: false), Options with { StartFrom = Saved });
        await next.DrainAsync();

        Assert.Equal(8, next.Metrics["end"].ItemsIn);
    }

    [Fact]
    public async Task A_block_that_had_ended_is_not_given_what_it_would_drop()
    {
        static Action<PipelineBuilder> Parts(bool hasMore) => p =>
        {
            p.Numbers(Many, "open").Block("stuck", Stuck).Collect([], "end");
            var numbers = p.Numbers(3);
            if (hasMore) { numbers = numbers.Merge(p.Numbers(Many, "more")); }
            numbers.Collect([], "sum");
        };
        var first = Blocks.Start(Parts(hasMore: false), Options);
        do { await first.CheckpointAsync(); }
        while (Saved.Parts.First(static p => p.Name == "block/sum").Content.Span[0] == 0);      // it has not ended yet
        await first.StopAsync();

        var refusal = Assert.Throws<StateException>(() => Blocks.Start(Parts(hasMore: true), Options with { StartFrom = Saved }));

        Assert.Contains("block 'sum' had ended, but 'more' now sends to it", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_merge_may_have_fewer_inputs_whichever_was_next()
    {
        static void Build(PipelineBuilder p, bool isMerged)
        {
            var numbers = p.Input<Batch>("in");
            (isMerged ? numbers.Merge(p.Input<Batch>("other")) : numbers).Block("sum").Collect([], "end");
        }

        for (var sent = 0; sent < 3; sent++)
        {
            var disk = new FaultyStorage();
            var options = Options with { Checkpoints = Options.Checkpoints! with { Storage = disk } };
            var run = Blocks.Start(p => Build(p, isMerged: true), options);
            for (var i = 0; i < sent; i++) { await run.SendAsync(i == 0 ? "in" : "other", Blocks.Number(run.Pool, i)); }
            await Eventually.TrueAsync(() => run.Metrics["sum"].ItemsIn == sent);
            await run.StopAsync();
            var from = CheckpointFiles.Read(disk)!.Without("other");
            var next = Blocks.Start(p => Build(p, isMerged: false), options with { StartFrom = from });
            await next.SendAsync("in", Blocks.Number(next.Pool, 7));
            await next.DrainAsync();
            Assert.Equal(sent + 1, next.Metrics["sum"].ItemsIn);
        }
    }

    [Fact]
    public async Task A_refusal_says_how_much_is_dropped_and_how_a_renamed_block_goes_on()
    {
        var waiting = await SaveAsync(p => p.Numbers(Many).Buffer(2).Block("old", Stuck).Collect([], "end"));
        var refusal = Assert.Throws<StateException>(
            () => Blocks.Start(p => p.Numbers(0).Buffer(2).Block("new").Collect([], "end"), Options with { StartFrom = Saved }));
        Assert.EndsWith(
            "If 'old' is now called 'new': checkpoint.Renamed(\"old\", \"new\"). Undo the change, or restart blocks, which drops "
            + $"up to {waiting} messages queued for them or made by them: checkpoint.Without(\"old\")",
            refusal.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Saved.Renamed("absent", "new"));
        Assert.Throws<ArgumentException>(() => Saved.Renamed("old", "numbers"));
    }

    [Fact]
    public async Task A_block_that_is_put_in_between_takes_what_waited()
    {
        var waiting = await SaveAsync(p => p.Numbers(Many).Buffer(2).Block("x", Stuck).Discard());
        var run = Blocks.Start(p => p.Numbers(0).Buffer(2).Block("extra").Block("x").Discard(), Options with { StartFrom = Saved });
        await run.EndAsync();
        Assert.Equal((waiting, waiting), (run.Metrics["extra"].ItemsIn, run.Metrics["x"].ItemsIn));
    }

    [Fact]
    public async Task What_is_in_the_checkpoint_is_not_counted_as_lost()
    {
        var run = Blocks.Start(p => p.Numbers(Many).Buffer(2).Block("x", Stuck).Discard(), Options);
        await Eventually.TrueAsync(() => run.Metrics["numbers"].ItemsOut > 2);
        await run.StopAsync();
        Assert.Equal(run.Metrics["numbers"].ItemsOut, run.Metrics["x"].Drops["saved"]);
        Assert.DoesNotContain("stopped", run.Metrics["x"].Drops.Keys);
    }

    /// <summary>Saves a pipeline once its sender has filled the edge.</summary>
    /// <returns>Messages that wait.</returns>
    private async Task<long> SaveAsync(Action<PipelineBuilder> build, string sender = "numbers")
    {
        var run = Blocks.Start(build, Options);
        await Eventually.TrueAsync(() => run.Metrics[sender].ItemsOut > 2 && run.Metrics.Edges.Any(e => IsFull(e, sender)));
        await run.StopAsync();
        return Saved.ReadMetrics()[sender].ItemsOut;
    }

    private static bool IsFull(EdgeState edge, string sender) =>
        edge.Name.StartsWith(sender + "→", StringComparison.Ordinal) && edge.Queued == edge.Options.CapacityMessages;

    private static Action<PipelineBuilder> Fork(string source, bool isStuck, string branches) => p =>
    {
        var numbers = p.Numbers(Many, source);
        foreach (var branch in branches.Select(static b => $"{b}"))
        {
            numbers.Buffer(2).Block(branch, isStuck && branch == "y" ? Stuck : new()).Collect([], $"end of {branch}");
        }
    };

    private static Flow<Batch> Wide(PipelineBuilder p, Schema? declared = null) => p.From("numbers", Many,
        static (int count, OperatorContext context) => new WideSource(count, context.Pool), declared);

    private sealed class WideSource(int count, BatchPool pool) : Source<Batch>
    {
        private int _next;
        public override DateTimeOffset? NextAt => _next < count ? DateTimeOffset.UnixEpoch : null;
        public override Batch Next() => Batches.Of(pool, Two, new float[] { _next++ }, new[] { 2f });
    }
}
