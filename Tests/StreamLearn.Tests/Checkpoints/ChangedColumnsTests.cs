namespace StreamLearn.Tests;

/// <summary>A run that goes on with other columns than the run before says so, instead of dropping every batch.</summary>
public sealed class ChangedColumnsTests
{
    private static readonly Schema Two = new(Field.Channel("c0", Unit.One), Field.Channel("c1", Unit.One));
    private static readonly AddUpOptions Nine = new(9);
    private readonly FaultyStorage _disk = new();
    private RunOptions Options => new() { Checkpoints = new("memory") { Storage = _disk, Every = Timeout.InfiniteTimeSpan } };
    private Checkpoint Saved => CheckpointFiles.Read(_disk)!;

    [Fact]
    public async Task The_first_batch_with_other_columns_ends_the_run_and_says_what_to_do()
    {
        await SaveAsync(p => p.Input<Batch>("in").Via("sum", Nine).Discard());

        var run = Blocks.Start(p => p.Input<Batch>("in").Via("sum", Nine).Discard(), Options with { StartFrom = Saved });
        await run.SendAsync("in", Wide(run));
        var failure = Assert.IsType<SchemaException>((await run.FailAsync("in")).InnerException);

        Assert.Equal($"edge in→sum: the columns have changed since the checkpoint: expected {Batches.Channels(1)}, got {Two}. Undo the "
            + "change, or restart 'sum', and then the blocks after it that keep such rows: checkpoint.Without(\"sum\")",
            failure.Message);
        var next = Blocks.Start(p => p.Input<Batch>("in").Via("sum", Nine).Discard(), Options with { StartFrom = Saved.Without("sum") });
        await next.SendAsync("in", Wide(next));
        await next.DrainAsync();
        Assert.Equal((2, 0), (next.Metrics["sum"].ItemsIn, next.Metrics["sum"].Drops.GetValueOrDefault("schema")));
        await next.EndAsync();
    }

    [Fact]
    public async Task The_same_columns_go_on_and_others_after_them_are_dropped_as_ever()
    {
        await SaveAsync(p => p.Input<Batch>("in").Via("sum", Nine).Discard());
        var run = Blocks.Start(p => p.Input<Batch>("in").Via("sum", Nine).Discard(), Options with { StartFrom = Saved });
        await run.SendAsync("in", Blocks.Number(run.Pool, 2));
        await run.SendAsync("in", Wide(run));
        await run.DrainAsync();
        Assert.Equal((2, 1), (run.Metrics["sum"].ItemsIn, run.Metrics["sum"].Drops["schema"]));
        await run.EndAsync();
    }

    [Fact]
    public async Task Declared_columns_that_have_changed_are_refused_before_the_run()
    {
        await SaveAsync(p => p.Input<Batch>("in", Batches.Channels(1)).Via("sum", Nine).Block("after").Discard());
        var refused = Assert.Throws<StateException>(() => Blocks.Start(
            p => p.Input<Batch>("in", Two).Via("sum", Nine).Block("after").Discard(), Options with { StartFrom = Saved }));
        Assert.Contains($"'in' sends other columns to 'sum' than before: expected {Batches.Channels(1)}, got {Two}", refused.Message,
            StringComparison.Ordinal);
        Assert.EndsWith("checkpoint.Without(\"sum\")", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_block_that_was_taken_out_before_another_does_not_hide_that_its_rows_were_others()
    {
        var widen = new Script { Process = static (c, b) => Widen(c, b) };
        await SaveAsync(p => p.Input<Batch>("in").Block("widen", widen).Via("sum", Nine).Discard());
        var run = Blocks.Start(p => p.Input<Batch>("in").Via("sum", Nine).Discard(), Options with { StartFrom = Saved.Without("widen") });
        await run.SendAsync("in", Blocks.Number(run.Pool, 2));
        var failure = Assert.IsType<SchemaException>((await run.FailAsync("in")).InnerException);
        Assert.StartsWith("edge in→sum: the columns have changed since the checkpoint: ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_waits_for_a_block_that_begins_anew_is_dropped_and_counted()
    {
        var script = new Script { Ready = static () => false, Made = static c => c.WakeAt(c.Now + TimeSpan.FromDays(1)) };
        var run = Blocks.Start(p => p.Input<Batch>("in").Block("x", script).Discard(), Options);
        for (var i = 0; i < 3; i++) { await run.SendAsync("in", Blocks.Number(run.Pool, i)); }
        await Eventually.TrueAsync(() => run.Metrics.Edges.Sum(static e => e.Queued) == 3);
        await run.StopAsync();

        var next = Blocks.Start(p => p.Input<Batch>("in").Block("x").Discard(), Options with { StartFrom = Saved.Without("x") });
        await next.SendAsync("in", Wide(next));
        await next.DrainAsync();

        Assert.Equal((1, 3), (next.Metrics["x"].ItemsIn, next.Metrics["x"].Drops["begun-anew"]));
        Assert.Equal(3, next.Metrics["x"].RowsDropped["begun-anew"]);
        await next.EndAsync();
    }

    [Fact]
    public async Task Nobody_outside_stops_a_run_by_other_columns()
    {
        var transport = new ScriptedTransport();
        void Build(PipelineBuilder p) => p.Subscribe(transport, "in", new WidthCodec()).Via("sum", Nine).Discard();
        var run = Blocks.Start(Build, Options);
        transport.Deliver("in", "1");
        await Eventually.TrueAsync(() => run.Metrics["sum"].ItemsIn == 1);
        await run.StopAsync();

        var next = Blocks.Start(Build, Options with { StartFrom = Saved });
        transport.Deliver("in", "2");
        transport.Deliver("in", "1");
        await Eventually.TrueAsync(() => next.Metrics["sum"].ItemsIn == 2);

        Assert.Equal(1, next.Metrics["sum"].Drops["schema"]);
        await next.StopAsync();
    }

    [Theory]
    [InlineData("total/2", "the program's own state has format total/1, expected total/2")]
    [InlineData(null, "it has the program's own state (total/1), but CheckpointOptions.State is not set")]
    public async Task A_state_of_the_program_that_has_changed_or_is_left_out_is_refused_and_can_begin_anew(string? form, string reason)
    {
        static void Build(PipelineBuilder p) => p.Input<Batch>("in").Discard();
        await Blocks.Start(Build, With(new Total { Value = 7 })).StopAsync();
        var options = With(form is null ? null : new Total { StateFormat = form });
        var refused = Assert.Throws<StateException>(() => Blocks.Start(Build, options with { StartFrom = Saved }));
        Assert.Equal($"checkpoint 1 does not fit: {reason}. Undo the change, or reset the program's own state: "
            + "checkpoint.WithoutState()", refused.Message);
        await Blocks.Start(Build, options with { StartFrom = Saved.WithoutState() }).StopAsync();
        Assert.Equal(2, Saved.Number);
    }

    [Fact]
    public async Task A_source_that_begins_anew_is_counted()
    {
        static void Build(PipelineBuilder p) => p.Numbers(1 << 20).Discard();
        var run = Blocks.Start(Build, Options);
        await Eventually.TrueAsync(() => run.Metrics["numbers"].ItemsOut > 0);
        await run.StopAsync();
        var next = Blocks.Start(Build, Options with { StartFrom = Saved });
        Assert.Equal(1, next.Metrics["numbers"].Counter("began-anew"));
        await next.StopAsync();
    }

    [Fact]
    public async Task What_was_passed_over_is_told()
    {
        static void Build(PipelineBuilder p) => p.Input<Batch>("in").Discard();
        var run = Blocks.Start(Build, Options);
        await run.CheckpointAsync();
        await run.StopAsync();
        var (newest, length) = (CheckpointFiles.NameOf(2), _disk.Length(CheckpointFiles.NameOf(2))!.Value);
        _disk.Truncate(newest, length - 1);
        var before = Saved;
        Assert.Equal(1, before.Number);
        Assert.StartsWith("checkpoint-000000000002: ", Assert.Single(before.Without("in").PassedOver), StringComparison.Ordinal);
    }

    private async Task SaveAsync(Action<PipelineBuilder> build)
    {
        var run = Blocks.Start(build, Options);
        await run.SendAsync("in", Blocks.Number(run.Pool, 1));
        await Eventually.TrueAsync(() => run.Metrics["sum"].ItemsIn == 1);
        await run.StopAsync();
    }

    private RunOptions With(IStateful? state) => Options with { Checkpoints = Options.Checkpoints! with { State = state } };
    private static Batch Wide(PipelineRun run) => Batches.Of(run.Pool, Two, new[] { 1f }, new[] { 2f });

    private static void Widen(Call call, Batch batch)
    {
        batch.Dispose();
        call.Main.Emit(Batches.Of(call.Context.Pool, Two, new[] { 1f }, new[] { 2f }));
    }

    /// <summary>Reads as many channels as the text says.</summary>
    private sealed class WidthCodec : ICodec<Batch>
    {
        public string Name => "width/1";
        public void Encode(Batch value, System.Buffers.IBufferWriter<byte> buffer) => throw new NotSupportedException();

        public bool TryDecode(in System.Buffers.ReadOnlySequence<byte> bytes, BatchPool pool,
            [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out Batch value)
        {
            value = bytes.FirstSpan[0] == '1' ? Blocks.Number(pool, 1) : Batches.Of(pool, Two, new[] { 1f }, new[] { 2f });
            return true;
        }
    }
}
