namespace StreamLearn.Tests;

/// <summary>Messages from outside: passed on by who adds them where that is possible, in order in any case.</summary>
public sealed class InletTests
{
    [Fact]
    public async Task A_message_is_on_its_edge_when_the_call_that_sends_it_returns()
    {
        using SemaphoreSlim entered = new(0), leave = new(0);
        var run = Blocks.Start(p => p.Input<Batch>("in").ForEach("wait", _ =>
        {
            entered.Release();
            Assert.True(leave.Wait(Blocks.Patience));
        }));
        await run.SendAsync("in", Blocks.Number(run.Pool, 0));
        Assert.True(await entered.WaitAsync(Blocks.Patience, TestContext.Current.CancellationToken));

        for (var i = 1; i <= 20; i++)
        {
            await run.SendAsync("in", Blocks.Number(run.Pool, i));
            Assert.Equal(i, run.Metrics.Edges[0].Queued);
        }

        leave.Release(21);
        run.Complete("in");
        await run.EndAsync();
        Assert.Equal(21, run.Metrics["wait"].ItemsIn);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(64)]
    public async Task Calls_that_are_not_awaited_keep_their_order_and_all_that_were_made_before_the_end_are_served(int capacity)
    {
        const int Count = 3000;
        var seen = new List<int>();
        var run = Blocks.Start(p => p.Input<Batch>("in").Buffer(capacity).Block("pass").Buffer(capacity).Collect(seen));

        var sending = Enumerable.Range(0, Count).Select(i => run.SendAsync("in", Blocks.Number(run.Pool, i)).AsTask()).ToList();
        run.Complete("in");
        await Task.WhenAll(sending);
        await run.EndAsync();

        Assert.Equal(Enumerable.Range(0, Count), seen);
    }

    [Fact]
    public async Task Who_sends_to_a_run_that_has_failed_hears_why()
    {
        var run = Blocks.Start(p => p.Input<Batch>("in").ForEach("fail", _ => throw new InvalidOperationException("the cause")));
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            for (var i = 0; i < 1000; i++) { await run.SendAsync("in", Blocks.Number(run.Pool, i)); }
        });

        Assert.Equal("input 'in' has ended: test/fail: item 1: the cause", refusal.Message);
        Assert.Equal("fail", Assert.IsType<BlockFailedException>(refusal.InnerException).Block);
        await run.FailAsync("fail");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(64)]
    public async Task Many_senders_are_served_once_each_and_in_the_order_of_their_calls(int capacity)
    {
        const int Senders = 4;
        const int Each = 500;
        var seen = new List<int>();
        var run = Blocks.Start(p => p.Input<Batch>("in").Buffer(capacity).Block("pass").Buffer(capacity).Collect(seen));

        await Task.WhenAll(Enumerable.Range(0, Senders).Select(s => Task.Run(async () =>
        {
            for (var i = 0; i < Each; i++) { await run.SendAsync("in", Blocks.Number(run.Pool, (Each * s) + i)); }
        })));
        run.Complete("in");
        await run.EndAsync();

        Assert.Equal(Senders * Each, seen.Count);
        Assert.All(Enumerable.Range(0, Senders), s => Assert.Equal(Enumerable.Range(Each * s, Each), seen.Where(n => n / Each == s)));
        Assert.Equal(0, run.Pool.RentedBatches);
    }
}
