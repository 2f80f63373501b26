namespace StreamLearn.Tests;

/// <summary>A block that is called by hand behaves as in a run. What probes do with it their own tests show.</summary>
public sealed class BlockCallsTests
{
    private static readonly DateTimeOffset Start = OperatorProbe.Start;
    private readonly BatchPool _pool = new(guard: true);

    [Fact]
    public void An_operator_is_called_with_messages_and_its_outputs_wait_until_they_are_taken()
    {
        using (var calls = Of(p => p.Input<Batch>("in").Block("block", new() { WakeUp = c => c.Main.Emit(Blocks.Number(_pool, 7)) })))
        {
            calls.Process(Blocks.Number(_pool, 1), Start);
            calls.WakeUp(Start.AddSeconds(1));
            Assert.Equal((2, 1L, Start.AddSeconds(1)), (calls.Outputs(0).Count, calls.Metrics.ItemsIn, calls.Now));
            Assert.Equal(1, Blocks.Number((Batch)calls.Take(0)));
            Assert.Equal(7, Blocks.Number((Batch)calls.Outputs(0).Single()));
            Assert.Throws<InvalidOperationException>(() => calls.Take(1));
            Assert.Throws<InvalidOperationException>(() => calls.MakeNext(Start));
        }
        Assert.Equal(0, _pool.RentedBatches);       // also of what was taken and not disposed
    }

    [Fact]
    public void A_message_for_a_closed_input_is_disposed()
    {
        using var calls = Of(p => p.Input<Batch>("in").Block("block", new() { Ready = static () => false }));
        Assert.Throws<InvalidOperationException>(() => calls.Process(Blocks.Number(_pool, 1), Start));
        Assert.Throws<InvalidOperationException>(() => calls.Process(Blocks.Number(_pool, 1), Start, second: true));
        Assert.Equal(0, _pool.RentedBatches);
        Assert.Throws<InvalidOperationException>(() => calls.CompleteInput(second: true, Start));
        Assert.Throws<InvalidOperationException>(() => calls.Control(new Note(1), Start));
    }

    [Fact]
    public void A_block_that_throws_is_named_and_one_that_is_to_be_repeated_is_repeated_at_once()
    {
        var attempts = 0;
        var script = Script.Throws(_ => ++attempts % 3 != 0, "not yet");
        using var failing = Of(p => p.Input<Batch>("in").Block("block", script));
        Assert.Equal("block", Assert.Throws<BlockFailedException>(() => failing.Process(Blocks.Number(_pool, 1), Start)).Block);
        attempts = 0;
        var policy = ErrorPolicy.Retry(5, delay: TimeSpan.FromSeconds(1));
        using var repeating = Of(p => p.Input<Batch>("in").Block("block", script).OnError(policy));
        repeating.Process(Blocks.Number(_pool, 2), Start);
        Assert.Equal((3, 1), (attempts, repeating.Outputs(0).Count));
    }

    [Fact]
    public void A_source_makes_its_messages_and_has_no_inputs()
    {
        using var calls = Of(static p => p.Numbers(1), node: 0);
        Assert.Equal(DateTimeOffset.UnixEpoch, calls.NextAt);
        using (var made = (Batch)calls.MakeNext(Start)) { Assert.Equal(0, Blocks.Number(made)); }
        Assert.Null(calls.NextAt);
        Assert.Throws<InvalidOperationException>(() => calls.MakeNext(Start));
        Assert.Throws<InvalidOperationException>(() => calls.WakeUp(Start));
        Assert.Throws<InvalidOperationException>(() => calls.Ready);
    }

    [Fact]
    public void A_block_that_is_neither_is_refused() =>
        Assert.Contains("'in' (Input)", Assert.Throws<ArgumentException>(() => Of(static p => p.Input<Batch>("in"), node: 0)).Message,
            StringComparison.Ordinal);

    private BlockCalls Of(Func<PipelineBuilder, Flow<Batch>> build, int node = 1)
    {
        var pipeline = Pipeline.Define("test", p => build(p).Output("out"));
        return new(pipeline, pipeline.Nodes[node], _pool, Start);
    }
}
