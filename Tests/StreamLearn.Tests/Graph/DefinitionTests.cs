namespace StreamLearn.Tests;

public sealed class DefinitionTests
{
    private static readonly Schema One = Batches.Channels(1);
    private static readonly Schema Two = Batches.Channels(2);

    [Fact]
    public void Define_lists_every_problem_at_once()
    {
        var failure = Assert.Throws<PipelineDefinitionException>(() => Pipeline.Define("bad", p =>
        {
            var numbers = p.Numbers(1).Block("a").OnError(ErrorPolicy.DeadLetter);
            numbers.Block("a").Discard();
            p.Input<Note>("loose");
            p.Input<Batch>("in", One).ControlledBy(p.Input<Note>("notes"));
            p.Input<Batch>("one", One).Merge(p.Input<Batch>("two", Two)).Block("merged").Discard();
            p.Numbers(2, "wrong").Block("controlled").ControlledBy(p.Input<Batch>("no note")).Discard();
            p.Input<Batch>("columns", One).Via("needy", new Needy(),
                static (Needy _, OperatorContext c, IOutput<Batch> o) => new Scripted(new(), c, o, null)).Discard();
        }));
        Assert.Equal(
            [
                "block 'in' takes no control messages of type Note",
                "block 'controlled' takes no control messages of type Batch",
                "block 'a' sends dead letters, but DeadLetters is not connected: publish, read or discard it",
                "two blocks are named 'a': give one of them another name with Named",
                "block 'loose': its output is not connected: use it, or end it with Discard",
                "block 'in': its output is not connected: use it, or end it with Discard",
                "block 'notes': its output is not connected: use it, or end it with Discard",
                "block 'no note': its output is not connected: use it, or end it with Discard",
                "block 'merged' takes flows of different schemas: c0 float32 [1] | c0 float32 [1], c1 float32 [1]",
                "block 'needy': expected a column 'label', got c0 float32 [1]",
            ],
            failure.Problems);
    }

    [Fact]
    public void A_flow_that_was_bounded_merged_or_coalesced_and_then_forgotten_is_a_problem()
    {
        var failure = Assert.Throws<PipelineDefinitionException>(() => Pipeline.Define("bad", p =>
        {
            var (a, b) = (p.Numbers(1, "a"), p.Numbers(1, "b"));
            a.Buffer(4);
            b.Buffer(2).Coalesce(static (_, newer) => newer);
            a.Merge(b);
            a.Buffer(8).Merge(b.Buffer(8)).Discard();
        }));
        Assert.Equal(
            [
                "the result of Buffer after block 'a' is not used: connect it to a block",
                "the result of Coalesce after block 'b' is not used: connect it to a block",
                "the result of Merge after block 'a' is not used: connect it to a block",
            ],
            failure.Problems);
    }

    [Fact]
    public void A_side_output_must_be_used_too()
    {
        var failure = Assert.Throws<PipelineDefinitionException>(
            () => Pipeline.Define("bad", p => p.Numbers(1).Split("split", new()).Main.Discard()));
        Assert.Equal(["block 'split': its side output is not connected: use it, or end it with Discard"], failure.Problems);
    }

    [Fact]
    public void A_cycle_through_a_control_input_is_named()
    {
        var failure = Assert.Throws<PipelineDefinitionException>(() => Pipeline.Define("bad", p =>
        {
            var first = p.Numbers(1).Block("first");
            var second = first.Block("second");
            var notes = second.Via("notes", new Needy(), static (Needy _, OperatorContext _, IOutput<Note> output) => new ToNotes(output));
            first.ControlledBy(notes);
        }));
        Assert.Equal(["blocks 'first', 'second', 'notes' form a cycle: feed back through a topic and a control input"], failure.Problems);
    }

    [Fact]
    public void Wrong_options_and_foreign_flows_are_refused_at_the_call()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Pipeline.Define("x", p => p.Numbers(1).Buffer(0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Pipeline.Define("x", p => p.Numbers(1).Buffer(1, capacityBytes: 0)));
        Assert.Throws<ArgumentException>(() => Pipeline.Define("x", p => p.Numbers(1).Buffer(1, OnFull.Coalesce)));
        Assert.Throws<ArgumentOutOfRangeException>(() => ErrorPolicy.Retry(0));
        Flow<Batch>? foreign = null;
        Pipeline.Define("y", p => (foreign = p.Numbers(1)).Discard());
        Assert.Throws<ArgumentException>(() => Pipeline.Define("x", p => p.Numbers(1).Merge(foreign!)));
        Assert.Throws<ArgumentException>(
            () => Pipeline.Define("x", p => p.Numbers(1).Publish(new ScriptedTransport(), "a/#", NumberCodec.Default)));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => Pipeline.Define("x", p => p.Subscribe(new ScriptedTransport(), "a", NumberCodec.Default, new() { Capacity = 0 })));
        Assert.Throws<ArgumentException>(() => Pipeline.Define("a b", _ => { }));
        Assert.Throws<ArgumentException>(() => Pipeline.Define(".a", _ => { }));
        Assert.Throws<PipelineDefinitionException>(() => Pipeline.Define("empty", _ => { }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Pipeline.Define("x", p => p.Numbers(1).Discard()).Start(new() { Slowdown = 0.5 }));
    }

    [Fact]
    public void Pipelines_are_equal_by_value()
    {
        var script = new Script();
        Pipeline Make(string name = "p", int count = 3, int capacity = 8, string block = "b", ErrorPolicy? errors = null) =>
            Pipeline.Define(
                name, p => p.Numbers(count).Buffer(capacity).Block(block, script).OnError(errors ?? ErrorPolicy.Fail).Discard());

        Assert.Equal(Make(), Make());
        Assert.Equal(Make().GetHashCode(), Make().GetHashCode());
        Assert.All(
            new[] { Make(name: "q"), Make(count: 4), Make(capacity: 9), Make(block: "c"), Make(errors: ErrorPolicy.Skip) },
            other => Assert.NotEqual(Make(), other));
    }

    [Fact]
    public void A_schema_goes_through_the_graph_as_the_options_say()
    {
        var pipeline = Pipeline.Define("p",
            p => p.Input<Batch>("in", One).Block("same").Via("two", new Doubling(),
                static (Doubling _, OperatorContext c, IOutput<Batch> o) => new Scripted(new(), c, o, null)).Discard());
        Assert.Equal([One, One, Two, null], pipeline.Nodes.Select(n => n.Schema));
    }

    private sealed record Needy : IBlockOptions
    {
        public Schema Output(Schema input)
        {
            input.Require(Schema.LabelColumn, ColumnType.Int32);
            return input;
        }
    }

    private sealed record Doubling : IBlockOptions
    {
        public Schema Output(Schema input) => Two;
    }

    private sealed class ToNotes(IOutput<Note> output) : Operator<Batch>
    {
        public override void Process(Batch input)
        {
            output.Emit(new(Blocks.Number(input)));
            input.Dispose();
        }
    }
}
