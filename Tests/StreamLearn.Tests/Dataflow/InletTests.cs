namespace StreamLearn.Tests;

/// <summary>Messages from outside: passed on by who adds them where that is possible, in order in any case.</summary>
public sealed class InletTests
{
    [Fact]
    public async Task A_sequence_with_options_shows_them_and_counts_what_it_drops()
    {
        Script options = new();
        var run = await Blocks.RunAsync(p => p.FromSequence("in", options, static (context, _) => Odd(context)).Discard());

        Assert.Same(options, run.Pipeline.Nodes[0].Options);
        Assert.Equal((2, 2), (run.Metrics["in"].ItemsOut, run.Metrics["in"].Drops["even"]));

        static async IAsyncEnumerable<Batch> Odd(OperatorContext context)
        {
            await Task.Yield();
            for (var i = 0; i < 4; i++)
            {
                var number = Blocks.Number(context.Pool, i);
                if (i % 2 == 0) { context.Drop(number, "even"); }
                else { yield return number; }
            }
        }
    }

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
        Assert.True(await entered.WaitAsync(Blocks.Patience, Cancellation));

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

    [Theory, InlineData(1), InlineData(8), InlineData(64)]
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

    [Theory, InlineData(1), InlineData(2), InlineData(64)]
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

    [Theory]
    [InlineData(3)]         // the first that waits
    [InlineData(5)]
    [InlineData(9)]         // the last
    public async Task A_message_that_is_canceled_while_it_waits_is_not_sent_and_those_beside_it_are(int canceled)
    {
        var seen = new List<int>();
        var gate = new Gate();
        using var stop = new CancellationTokenSource();
        var run = Blocks.Start(p => p.Input<Batch>("in").Buffer(1).ForEach("wait", b =>
        {
            gate.Pass();
            seen.Add(Blocks.Number(b));
        }));
        await run.SendAsync("in", Blocks.Number(run.Pool, 0));
        await gate.Reached;

        var sending = Enumerable.Range(1, 9).Select(i => run
            .SendAsync("in", Blocks.Number(run.Pool, i), i == canceled ? stop.Token : default).AsTask()).ToList();
        await Eventually.TrueAsync(() => sending[1].IsCompleted);      // one is on the edge, one has left the input; the others wait
        await stop.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => sending[canceled - 1]);
        Assert.Equal(6, sending.Count(s => !s.IsCompleted));
        sending.Add(run.SendAsync("in", Blocks.Number(run.Pool, 10)).AsTask());
        gate.Open();
        await Task.WhenAll(sending.Where((_, i) => i != canceled - 1));
        run.Complete("in");
        await run.EndAsync();

        Assert.Equal(Enumerable.Range(0, 11).Where(i => i != canceled), seen);
        Assert.Equal(0, run.Pool.RentedBatches);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Messages_that_wait_when_the_run_ends_are_their_senders_again(bool drains)
    {
        var gate = new Gate();
        var run = Blocks.Start(p => p.Input<Batch>("in").Buffer(1).ForEach("wait", _ => gate.Pass()));
        await run.SendAsync("in", Blocks.Number(run.Pool, 0));
        await gate.Reached;
        var sending = Enumerable.Range(1, 9).Select(i => run.SendAsync("in", Blocks.Number(run.Pool, i)).AsTask()).ToList();
        await Eventually.TrueAsync(() => sending[1].IsCompleted);

        var ending = drains ? run.DrainAsync(Cancellation) : run.DisposeAsync().AsTask();
        if (!drains) { await Assert.ThrowsAsync<InvalidOperationException>(() => sending[8]); }
        gate.Open();
        await ending.WaitAsync(Blocks.Patience, Cancellation);

        foreach (var one in sending.Skip(2)) { await Assert.ThrowsAsync<InvalidOperationException>(() => one); }
        Assert.Equal(drains ? 3 : 1, run.Metrics["wait"].ItemsIn);
        Assert.Equal(0, run.Pool.RentedBatches);
    }

    [Fact]
    public async Task A_send_that_is_awaited_twice_hurts_nobody()
    {
        var seen = new List<int>();
        var gate = new Gate();
        var run = Blocks.Start(p => p.Input<Batch>("in").Buffer(1).ForEach("wait", b =>
        {
            gate.Pass();
            seen.Add(Blocks.Number(b));
        }));
        await run.SendAsync("in", Blocks.Number(run.Pool, 0));
        await gate.Reached;

        var sending = Enumerable.Range(1, 9).SelectMany(i => Twice(run.SendAsync("in", Blocks.Number(run.Pool, i)))).ToList();
        await Eventually.TrueAsync(() => sending[2].IsCompleted);
        Assert.False(sending[17].IsCompleted);
        gate.Open();
        await Task.WhenAll(sending);
        run.Complete("in");
        await run.EndAsync();

        Assert.Equal(Enumerable.Range(0, 10), seen);

        static Task[] Twice(ValueTask sending) => [sending.AsTask(), sending.AsTask()];
    }

    [Fact]
    public async Task Sending_allocates_nothing()
    {
        var run = Blocks.Start(p => p.Input<string>("in").Buffer(1_000_000).Discard());
        var least = long.MaxValue;
        for (var round = 0; round < 1000 && least > 0; round++)       // compiling a method may allocate, and so does who has to wait
        {
            var sent = new List<Task>(100);
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++) { sent.Add(run.SendAsync("in", "x").AsTask()); }
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            if (sent.TrueForAll(static t => t == Task.CompletedTask)) { least = Math.Min(least, allocated); }
            await Task.WhenAll(sent);
        }
        Assert.Equal(0, least);
        run.Complete("in");
        await run.EndAsync();
    }
}
