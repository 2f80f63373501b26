namespace StreamLearn.Tests;

public sealed class GraphTextTests
{
    private static readonly Pipeline Small = Pipeline.Define("small", p =>
    {
        var transport = new ScriptedTransport("field");
        var notes = p.Input<Note>("notes");
        var (even, odd) = p
            .Subscribe(transport, "in/\"x\"", NumberCodec.Default, schema: Batches.Channels(1))
            .Buffer(8, OnFull.DropOldest, capacityBytes: 4096)
            .Via("part", new PartOptions { Keep = 2 },
                static (PartOptions _, OperatorContext c, IOutput<Batch> main, IOutput<Batch> side) => new Scripted(new(), c, main, side))
            .ControlledBy(notes)
            .OnError(ErrorPolicy.Retry(2, ErrorPolicy.DeadLetter));
        even.Publish(transport, "out", NumberCodec.Default);
        odd.Coalesce(static (a, b) => a).Output("odd");
        p.DeadLetters.Discard("lost");
    });

    [Fact]
    public void ToMermaid_prints_blocks_types_options_and_edges() => Assert.Equal(
        """
        flowchart LR
          n0(["notes"])
          n1[/"subscribe in/&quot;x&quot;<br/>field, number/1"/]
          n2["part<br/>keep 2"]
          n3[/"publish out<br/>field, number/1"/]
          n4(["odd"])
          n5["dead-letters"]
          n6["discard dead-letters<br/>DiscardOptions { Reason = lost }"]
          n1 -- "Batch, drop-oldest, 8 messages, 4 KiB" --> n2
          n0 -. "Note, control" .-> n2
          n2 -- "Batch, wait, 64 messages, 8 MiB" --> n3
          n2 -- "Batch (side), coalesce, 8 MiB" --> n4
          n5 -- "DeadLetter, wait, 64 messages, 8 MiB" --> n6
          n2 -- "DeadLetter (dead letters), wait, 64 messages, 8 MiB" --> n5

        """, Small.ToMermaid());

    [Fact]
    public void ToDot_prints_the_same_graph() => Assert.Equal(
        """
        digraph "small" {
          rankdir=LR;
          node [shape=box];
          n0 [label="notes", shape=oval];
          n1 [label="subscribe in/\"x\"\nfield, number/1", shape=oval];
          n2 [label="part\nkeep 2"];
          n3 [label="publish out\nfield, number/1", shape=oval];
          n4 [label="odd", shape=oval];
          n5 [label="dead-letters"];
          n6 [label="discard dead-letters\nDiscardOptions { Reason = lost }"];
          n1 -> n2 [label="Batch, drop-oldest, 8 messages, 4 KiB"];
          n0 -> n2 [label="Note, control", style=dashed];
          n2 -> n3 [label="Batch, wait, 64 messages, 8 MiB"];
          n2 -> n4 [label="Batch (side), coalesce, 8 MiB"];
          n5 -> n6 [label="DeadLetter, wait, 64 messages, 8 MiB"];
          n2 -> n5 [label="DeadLetter (dead letters), wait, 64 messages, 8 MiB"];
        }

        """, Small.ToDot());

    private const string ControlQueue = "never waits: newest of each kind and sender, 64 messages, 8 MiB, then over-credit";

    [Fact]
    public void Explain_says_what_the_pipeline_promises_and_may_cost() => Assert.Equal(
        $"""
        pipeline small: 7 blocks, 6 edges

        blocks
          notes: → Note; delivery: nothing to acknowledge
          subscribe in/"x": → Batch; delivery processed (checkpointed where checkpoints are kept), at most 64 unacknowledged
            columns: c0 float32 [1]
          part: Batch → Batch + Batch; on error retry 2, then dead-letter
            columns: c0 float32 [1]
            state, not covered by the delivery level: two numbers, at most 1 MiB
          publish out: Batch →
          odd: Batch →
          dead-letters: DeadLetter → DeadLetter; on error fail
          discard dead-letters: DeadLetter →; on error fail

        edges
          subscribe in/"x" → part: drop-oldest, 8 messages, 4 KiB
          notes → part: control, {ControlQueue}; of these messages at most 4 KiB
          part → publish out: wait, 64 messages, 8 MiB
          part → odd (side): coalesce, 8 MiB
          dead-letters → discard dead-letters: wait, 64 messages, 8 MiB
          part → dead-letters (dead letters): wait, 64 messages, 8 MiB

        worst case 83 MiB: edges 32 MiB, messages in work 32 MiB, outputs of a few calls 18 MiB, declared state 1 MiB

        """, Small.Explain());

    [Fact]
    public void Explain_tells_of_checkpoints_when_how_large_how_long_and_what_cannot_be_saved()
    {
        var text = new CheckpointOptions("states") { Every = TimeSpan.FromSeconds(2.5), Keep = 2 }.Explain(Small);

        Assert.Contains("subscribe in/\"x\": → Batch; delivery checkpointed, at most 64 unacknowledged", text, StringComparison.Ordinal);
        Assert.Contains("state, in no checkpoint: two numbers, at most 1 MiB", text, StringComparison.Ordinal);
        Assert.Contains("""

            checkpoints in states, the newest 2 kept
              every 2.5 s, on request, and 100 ms after a message began to wait for one
              declared state: at most 1 MiB; with all edges full: 83 MiB
              longest pause expected: 1.05 ms; with all edges full: 87.05 ms; at 1 GB/s, after the calls in progress
              no state is saved of: dead-letters, discard dead-letters (they declare none; any state they keep is lost at a restart)
              cannot be saved: block 'part' has state (two numbers) and cannot save it: make its operator IStateful; Scan takes a codec
              cannot be saved: messages of type Note, from 'notes' to 'part', have no codec: name one with SaveWith

            """, text, StringComparison.Ordinal);
        var unasked = new CheckpointOptions("states") { Every = Timeout.InfiniteTimeSpan }.Explain(Small);
        Assert.Contains("  on request, and", unasked, StringComparison.Ordinal);
    }

    [Fact]
    public void Explain_says_which_sources_begin_anew_and_that_the_program_saves_something()
    {
        var pipeline = Pipeline.Define("sources", p => p.Numbers(3)
            .Merge(p.FromSequence("rows", static _ => AsyncEnumerable.Empty<Batch>())).Discard());
        var text = new CheckpointOptions("states") { State = new Total() }.Explain(pipeline);
        Assert.Contains("  numbers resumes after a restart if ISeekable or IStateful; otherwise starts over\n", text,
            StringComparison.Ordinal);
        Assert.Contains("  rows starts over after a restart, as every sequence does\n", text, StringComparison.Ordinal);
        Assert.Contains("  not in these figures: the program's own state, total/1\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Explain_names_blocks_that_do_not_say_how_large_their_state_is_and_those_that_say_nothing_of_it()
    {
        var schema = new Schema(new Field("device", ColumnType.Int32, Unit.One), Field.Channel("c0", Unit.One));
        var pipeline = Pipeline.Define("sizes", p => p.Input<Batch>("in", schema)
            .Via("add-up", new AddUpOptions(2))
            .PerKey("device", f => f.Via("inner", new AddUpOptions(3)).Block("plain"))
            .ForEach("see", static _ => { }));

        var text = new CheckpointOptions("states").Explain(pipeline);

        Assert.Contains("    state, in the checkpoint: a sum, size not declared\n", text, StringComparison.Ordinal);
        Assert.Contains("    state, in the checkpoint: operators of up to 256 keys, size not declared\n", text, StringComparison.Ordinal);
        foreach (var block in new[] { "add-up", "per-key device" })
        {
            Assert.Contains($"  not in these figures: {block}, which does not declare the size of its state (IBlockOptions.StateBytes)\n",
                text, StringComparison.Ordinal);
        }
        Assert.Contains("  declared state: at most 0 B; with all edges full: ", text, StringComparison.Ordinal);
        Assert.Contains(
            "  no state is saved of: plain in per-key device, see (they declare none; any state they keep is lost at a restart)\n",
            text, StringComparison.Ordinal);
        Assert.Contains("declared state 0 B, and the state of add-up, per-key device, whose size is not declared\n", text,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_worst_case_of_blocks_whose_messages_are_known_is_what_these_may_take()
    {
        var pipeline = Pipeline.Define("six", p => p.Input<Batch>("in", Batches.Channels(2), maxRows: 50)
            .Block("a", new() { Rows = static rows => rows }).Block("b", new() { Rows = static rows => 2 * rows })
            .ForEach("c", static _ => { }));
        var texts = Pipeline.Define("texts", p => p.Input<string>("in").Buffer(10).ForEach("each", static _ => { }));
        // 2 channels of 50 floats: 512 B, of 100 floats: 1 KiB; 64 of them queue
        Assert.Contains("a → b: wait, 64 messages, 8 MiB; of these messages at most 32 KiB", pipeline.Explain(), StringComparison.Ordinal);
        Assert.Contains("b → c: wait, 64 messages, 8 MiB; of these messages at most 64 KiB", pipeline.Explain(), StringComparison.Ordinal);
        Assert.Contains(
            "worst case 148 KiB: edges 128 KiB, messages in work 2 KiB, outputs of a few calls 18 KiB",
            pipeline.Explain(), StringComparison.Ordinal);
        Assert.Contains("worst case 1.3 KiB", texts.Explain(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_adds_rates_and_fill()
    {
        var run = await Blocks.RunAsync(p => p.Numbers(5).Discard());
        Assert.Contains("/s in, ", run.ToMermaid(), StringComparison.Ordinal);
        Assert.Contains(", 0 queued", run.ToMermaid(), StringComparison.Ordinal);
    }

    private sealed record PartOptions : IBlockOptions
    {
        public int Keep { get; init; }
        public string State => "two numbers";
        public long StateBytes(Schema? input) => input is null ? 0 : 1 << 20;
        public override string ToString() => $"keep {Keep}";
    }
}
