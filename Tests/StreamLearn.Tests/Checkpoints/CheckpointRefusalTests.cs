using System.Threading.Tasks.Dataflow;

namespace StreamLearn.Tests;

/// <summary>A checkpoint that does not fit is refused by the names of blocks, with what to do; and what is proposed works.</summary>
public sealed class CheckpointRefusalTests
{
    private static readonly Schema Rows = new(new Field("device", ColumnType.Int32, Unit.One), Field.Channel("c0", Unit.One));
    private static readonly AddUpOptions Nine = new(9);

    [Fact]
    public Task A_block_that_is_gone_is_told_of_once() => RefusedAsync(
        p => p.Input<Batch>("in").Via("old", Nine).Collect([], "end"), p => p.Input<Batch>("in").ForEach("end", static _ => { }),
        "block 'old' is not in the pipeline. What fits: in, end. Undo the change, or restart blocks: "
            + "checkpoint.Without(\"old\")", "old");

    [Fact]
    public Task A_block_of_another_kind_is_named() => RefusedAsync(
        p => p.Input<Batch>("in").Via("x", Nine).Collect([], "end"),
        p => p.Numbers(1, "in").Via("x", Nine).Collect([], "end"),
        "block 'in' has format inlet/1, expected source/1. What fits: x, end. ", "in");

    [Fact]
    public Task A_block_that_saves_no_state_any_more_is_named() => RefusedAsync(
        p => p.Input<Batch>("in").Via("x", Nine).Collect([], "end"), p => p.Input<Batch>("in").Block("x").ForEach("end", static _ => { }),
        "block 'x' had state of format add-up/1, but now saves none. What fits: in, end. ", "x");

    [Fact]
    public Task A_block_that_has_state_now_is_named() => RefusedAsync(
        p => p.Input<Batch>("in").Block("x").Collect([], "end"), p => p.Input<Batch>("in").Via("x", Nine).ForEach("end", static _ => { }),
        "block 'x' had no state, but now has add-up/1. What fits: in, end. ", "x");

    [Fact]
    public Task A_state_that_its_block_does_not_take_is_named() => RefusedAsync(
        p => p.Input<Batch>("in").Via("x", Nine).Collect([], "end"),
        p => p.Input<Batch>("in").Via("x", new AddUpOptions(1)).Collect([], "end"),
        "the state of block 'x' cannot be restored: expected 0 to 1, got 2. What fits: in, end. ", "x");

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_state_of_an_earlier_form_is_taken_up_by_a_block_that_reads_it(bool perKey)
    {
        var (disk, options) = Kept();
        void Build(PipelineBuilder p, bool isLater)
        {
            Flow<Batch> Add(Flow<Batch> f) => isLater ? f.Via("x", new LaterOptions()) : f.Via("x", Nine);
            var rows = p.Input<Batch>("in", Rows);
            (perKey ? rows.PerKey("device", Add).Named("keys") : Add(rows)).ForEach("end", static _ => { });
        }

        var run = Blocks.Start(p => Build(p, isLater: false), options);
        await run.SendAsync("in", Batches.Of(run.Pool, Rows, new[] { 1 }, new[] { 5f }));
        await Eventually.TrueAsync(() => run.Metrics[perKey ? "keys" : "x"].ItemsIn == 1);
        await run.StopAsync();

        await using var later = Blocks.Start(p => Build(p, isLater: true), options with { StartFrom = CheckpointFiles.Read(disk)! });
        Assert.Equal(2, (await later.CheckpointAsync()).Number);
        Assert.Equal("add-up/1", Later.Read);
    }

    [Fact]
    public Task A_block_inside_PerKey_is_named() => RefusedAsync(
        p => p.Input<Batch>("in", Rows).PerKey("device", f => f.Via("x", Nine)).Named("keys").Collect([], "end"),
        p => p.Input<Batch>("in", Rows).PerKey("device", f => f.Block("x")).Named("keys").Collect([], "end"),
        "the state of block 'keys' cannot be restored: block 'x' inside it: expected no state, got state of format add-up/1. ", "keys");

    [Fact]
    public Task Blocks_inside_PerKey_are_known_by_their_names() => RefusedAsync(
        p => p.Input<Batch>("in", Rows).PerKey("device", f => f.Via("x", Nine).Via("y", Nine)).Named("keys").Collect([], "end"),
        p => p.Input<Batch>("in", Rows).PerKey("device", f => f.Via("y", Nine).Via("x", Nine)).Named("keys").Collect([], "end"),
        "the state of block 'keys' cannot be restored: expected the blocks key, y, x, out inside it, got key, x, y, out. ", "keys");

    [Fact]
    public async Task Messages_that_wait_on_an_edge_that_is_gone_are_told_of_by_its_ends()
    {
        var script = new Script { Ready = static () => false, Made = static c => c.WakeAt(c.Now + TimeSpan.FromDays(1)) };
        void Build(PipelineBuilder p, string fromA, string fromB)
        {
            var (a, b) = (p.Input<Batch>("a"), p.Input<Batch>("b"));
            (fromA == "x" ? a : b).Block("x", script).ForEach("end x", static _ => { });
            (fromB == "y" ? b : a).Block("y", script).ForEach("end y", static _ => { });
        }

        var (disk, options) = Kept();
        var run = Blocks.Start(p => Build(p, "x", "y"), options);
        await run.SendAsync("a", Blocks.Number(run.Pool, 1));
        await Eventually.TrueAsync(() => run.Metrics.Edges.Sum(static e => e.Queued) == 1);
        await run.StopAsync();

        await RefusedAsync(disk, options, p => Build(p, "y", "x"),
            "messages wait between 'a' and 'x', which are no longer connected this way. What fits: a, b, end x, y, end y. ", "x");
    }

    [Fact]
    public async Task A_checkpoint_of_another_pipeline_says_what_to_take()
    {
        var (disk, options) = Kept();
        await Blocks.Start(p => p.Input<Batch>("in").Discard(), options).StopAsync();
        var refused = Assert.Throws<StateException>(() => Pipeline.Define("other", p => p.Input<Batch>("in").Discard())
            .Start(options with { StartFrom = CheckpointFiles.Read(disk) }, Cancellation));
        Assert.Equal("expected a checkpoint of pipeline 'other', got one of 'test': use the folder of 'other', or give the pipeline its "
            + "previous name", refused.Message);
    }

    [Fact]
    public void A_foreign_block_is_named_with_what_to_do()
    {
        var refused = Assert.Throws<ArgumentException>(() => Blocks.Start(
            p => p.Input<string>("in").Through("foreign", () => new BufferBlock<string>(new() { BoundedCapacity = 1 })).Discard(),
            Kept().Options));
        Assert.Contains("block 'foreign' is a TPL Dataflow block, whose content is unknown: remove it from the pipeline, or run "
            + "without checkpoints", refused.Message, StringComparison.Ordinal);
    }

    private static (FaultyStorage Disk, RunOptions Options) Kept()
    {
        var disk = new FaultyStorage();
        return (disk, new() { Checkpoints = new("memory") { Storage = disk, Every = Timeout.InfiniteTimeSpan } });
    }

    /// <summary>Saves one pipeline after two messages, and lets another go on from it.</summary>
    private sealed record LaterOptions : IOperatorOptions<Batch, Batch, Later>
    {
        public Later Create(OperatorContext context, IOutput<Batch> output) => new(output);
    }

    private sealed class Later(IOutput<Batch> output) : Operator<Batch>, IStateful
    {
        internal static string Read { get; private set; } = "";
        public string StateFormat => "add-up/2";
        public IReadOnlyList<string> EarlierFormats => ["add-up/1"];

        public void State(ref StateStream s)
        {
            if (s.IsWriting) { return; }
            Read = s.Format;
            s.Value(0);
            s.Value(0);
        }

        public override void Process(Batch input) => output.Emit(input);
    }

    private static async Task RefusedAsync(Action<PipelineBuilder> before, Action<PipelineBuilder> after, string expected, string without)
    {
        var (disk, options) = Kept();
        var run = Blocks.Start(before, options);
        foreach (var number in new[] { 1, 2 })
        {
            var rows = run.Pipeline.Nodes[0].Schema is { } schema
                ? Batches.Of(run.Pool, schema, new[] { 1 }, new[] { (float)number })
                : Blocks.Number(run.Pool, number);
            await run.SendAsync("in", rows);
        }
        await Eventually.TrueAsync(() => run.Metrics[run.Pipeline.Nodes[1].Name].ItemsIn == 2);
        await run.StopAsync();
        await RefusedAsync(disk, options, after, expected, without);
    }

    private static async Task RefusedAsync(
        FaultyStorage disk, RunOptions options, Action<PipelineBuilder> after, string expected, string without)
    {
        var from = CheckpointFiles.Read(disk)!;
        var refused = Assert.Throws<StateException>(() => Blocks.Start(after, options with { StartFrom = from }));
        var start = $"checkpoint 1 does not fit pipeline 'test': {expected}";
        Assert.Equal(start, refused.Message[..Math.Min(start.Length, refused.Message.Length)]);
        Assert.EndsWith($"checkpoint.Without(\"{without}\")", refused.Message, StringComparison.Ordinal);
        await using var run = Blocks.Start(after, options with { StartFrom = from.Without(without) });
        Assert.Equal(2, (await run.CheckpointAsync()).Number);
    }
}
