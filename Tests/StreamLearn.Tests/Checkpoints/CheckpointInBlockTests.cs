namespace StreamLearn.Tests;

/// <summary>A block that asks for a checkpoint within its own call is told so, instead of waiting for itself.</summary>
public sealed class CheckpointInBlockTests
{
    private const int Late = 5_000;      // by then the blocks are called on the thread of their sender

    [Theory]
    [InlineData(0, nameof(PipelineRun.CheckpointAsync))]
    [InlineData(0, nameof(PipelineRun.StopAsync))]
    [InlineData(Late, nameof(PipelineRun.CheckpointAsync))]
    [InlineData(Late, nameof(PipelineRun.StopAsync))]
    public async Task A_block_that_waits_for_one_fails_with_a_sentence(int at, string method)
    {
        PipelineRun? run = null;
        run = Blocks.Start(p => p.Input<Batch>("in").Block("pass").ForEach("ask", b =>
        {
            if (Blocks.Number(b) < at) { return; }
            (method == nameof(PipelineRun.StopAsync) ? run!.StopAsync() : run!.CheckpointAsync()).Wait(Blocks.Patience);
        }), Kept());
        try
        {
            for (var number = 0; number <= at; number++) { await run.SendAsync("in", Blocks.Number(run.Pool, number)); }
        }
        catch (InvalidOperationException)
        {
            // The block has failed meanwhile.
        }
        var failed = await Assert.ThrowsAsync<BlockFailedException>(() => run.Completion.WaitAsync(Blocks.Patience));

        Assert.Equal("ask", failed.Block);
        Assert.Contains($"call it outside of the blocks, or here by Task.Run(run.{method}) without waiting",
            failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_that_waits_for_one_fails_with_a_sentence()
    {
        var asking = new Asking();
        asking.Run = Blocks.Start(p => p.From("asking", "", (string _, OperatorContext _) => asking).Discard(), Kept());
        asking.Begins.SetResult();
        var failed = await Assert.ThrowsAsync<BlockFailedException>(() => asking.Run.Completion.WaitAsync(Blocks.Patience));
        Assert.Equal("asking", failed.Block);
        Assert.Contains("until no block is in a call", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_block_may_ask_without_waiting_and_may_wait_for_a_checkpoint_of_another_run()
    {
        await using var other = Blocks.Start(p => p.Input<Batch>("in").Discard(), Kept());
        PipelineRun? run = null;
        Task<SavedCheckpoint>? own = null;
        run = Blocks.Start(p => p.Input<Batch>("in").ForEach("ask", _ =>
        {
            own = Task.Run(run!.CheckpointAsync);
            Assert.True(other.CheckpointAsync().Wait(Blocks.Patience));
        }), Kept());
        await run.SendAsync("in", Blocks.Number(run.Pool, 1));
        await Eventually.TrueAsync(() => run.LastCheckpoint is not null || run.Completion.IsCompleted);

        Assert.Equal(1, (await own!).Number);
        Assert.Equal(1, other.LastCheckpoint!.Value.Number);
        await run.DisposeAsync();
    }

    private static RunOptions Kept() =>
        new() { Checkpoints = new("memory") { Storage = new FaultyStorage(), Every = Timeout.InfiniteTimeSpan } };

    private sealed class Asking : Source<string>
    {
        internal TaskCompletionSource Begins { get; } = new();
        internal PipelineRun? Run { get; set; }
        public override DateTimeOffset? NextAt => DateTimeOffset.UnixEpoch;

        public override string Next()
        {
            Assert.True(Begins.Task.Wait(Blocks.Patience));
            Run!.CheckpointAsync().Wait(Blocks.Patience);
            return "";
        }
    }
}
