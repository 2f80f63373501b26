using StreamLearn.Testing;

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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
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
    public async Task A_block_under_another_name_takes_what_waited_and_the_rest_is_counted()
    {
        var waiting = await SaveAsync(p => p.Numbers(Many).Buffer(2).Block("old", Stuck).Collect([], "end"));

        var run = Blocks.Start(
            p => p.Numbers(0).Buffer(2).Block("new").Collect([], "end"), Options with { StartFrom = Saved.Without("old") });
        await run.EndAsync();

        Assert.Equal(waiting, run.Metrics["new"].ItemsIn);
    }

    [Fact]
    public async Task What_a_block_had_made_that_is_gone_is_counted_where_it_waited()
    {
        var waiting = await SaveAsync(p => p.Numbers(Many).Block("old").Buffer(2).Block("y", Stuck).Discard(), "old");

        var run = Blocks.Start(
            p => p.Numbers(0).Block("new").Buffer(2).Block("y").Discard(), Options with { StartFrom = Saved.Without("old") });
        await run.EndAsync();

        Assert.Equal((2, waiting - 2), (run.Metrics["y"].Drops["begun-anew"], run.Metrics["old"].Drops["begun-anew"]));
        Assert.Equal(waiting, run.Metrics["old"].ItemsOut);
    }

    [Fact]
    public async Task A_block_that_is_put_in_between_takes_what_waited()
    {
        var waiting = await SaveAsync(p => p.Numbers(Many).Buffer(2).Block("x", Stuck).Discard());

        var run = Blocks.Start(
            p => p.Numbers(0).Buffer(2).Block("extra").Block("x").Discard(), Options with { StartFrom = Saved });
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
        await Eventually.TrueAsync(() => run.Metrics[sender].ItemsOut > 2);
        await run.StopAsync();
        return Saved.ReadMetrics()[sender].ItemsOut;
    }

    private static Flow<Batch> Wide(PipelineBuilder p) => p.From("numbers", Many,
        static (int count, OperatorContext context) => new WideSource(count, context.Pool));

    private sealed class WideSource(int count, BatchPool pool) : Source<Batch>
    {
        private int _next;

        public override DateTimeOffset? NextAt => _next < count ? DateTimeOffset.UnixEpoch : null;

        public override Batch Next() => Batches.Of(pool, Two, new float[] { _next++ }, new[] { 2f });
    }
}
