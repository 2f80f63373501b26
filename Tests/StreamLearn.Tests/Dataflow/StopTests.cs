namespace StreamLearn.Tests;

/// <summary>Drain, cancel, dispose: how a run ends before its sources do.</summary>
public sealed class StopTests
{
    [Fact]
    public async Task Draining_ends_the_sources_and_processes_what_is_under_way()
    {
        var (seen, some, held) = (new List<int>(), new TaskCompletionSource(), 0);
        var run = Blocks.Start(p => p.Numbers(int.MaxValue).Buffer(5).Block("hold", new()
        {
            MaxOutputsPerCall = 10,
            Process = (call, batch) =>
            {
                call.Held.Add(batch);
                if (call.Held.Count < 10) { return; }
                Give(call);
            },
            Complete = call =>
            {
                held = call.Held.Count;
                Give(call);
            },
        }).ForEach("see", b =>
        {
            seen.Add(Blocks.Number(b));
            if (seen.Count == 100) { some.SetResult(); }
        }));
        await some.Task.WaitAsync(Blocks.Patience);

        await run.DrainAsync(Cancellation).WaitAsync(Blocks.Patience);

        await run.EndAsync();
        Assert.Equal(Enumerable.Range(0, seen.Count), seen);
        Assert.Equal(run.Metrics["numbers"].ItemsOut, seen.Count);
        Assert.InRange(held, 0, 9);

        static void Give(Call call)
        {
            call.Held.ForEach(call.Main.Emit);
            call.Held.Clear();
        }
    }

    [Theory, InlineData("sequence"), InlineData("input"), InlineData("subscription")]
    public async Task Every_kind_of_source_drains(string kind)
    {
        var (transport, seen) = (new ScriptedTransport(), new List<int>());
        var run = Blocks.Start(p =>
        {
            var flow = kind switch
            {
                "sequence" => p.FromSequence("in", Endless),
                "input" => p.Input<Batch>("in"),
                _ => p.Subscribe(transport, "in", NumberCodec.Default),
            };
            flow.Buffer(1).Block("slow").Buffer(1).Collect(seen);
        });
        if (kind == "input") { await run.SendAsync("in", Blocks.Number(run.Pool, 0)); }
        transport.Deliver("in", "0");
        await Eventually.TrueAsync(() => run.Metrics["collect"].ItemsIn > 0);

        await run.DrainAsync(Cancellation).WaitAsync(Blocks.Patience);

        await run.EndAsync();
        Assert.Equal(Enumerable.Range(0, seen.Count), seen);
        if (kind == "subscription") { Assert.Equal(new MessageFate(1, 0, 1), Assert.Single(transport.Fates)); }

        static async IAsyncEnumerable<Batch> Endless(
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var pool = new BatchPool();
            for (var i = 0; !cancellationToken.IsCancellationRequested; i++)
            {
                await Task.Yield();
                yield return Blocks.Number(pool, i);
            }
        }
    }

    [Fact]
    public async Task Stopping_gives_back_a_message_that_waits_for_room()
    {
        var pool = new BatchPool(guard: true);
        var run = Blocks.Start(
            p => p.FromSequence("in", (CancellationToken token) => Batches(pool, token)).Buffer(1).Output("nobody reads"));
        await Eventually.TrueAsync(() => pool.RentedBatches >= 4);

        await run.DisposeAsync().AsTask().WaitAsync(Blocks.Patience);

        Assert.Equal(0, pool.RentedBatches);

        static async IAsyncEnumerable<Batch> Batches(
            BatchPool pool, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            for (var i = 0; !cancellationToken.IsCancellationRequested; i++)
            {
                await Task.Yield();
                yield return Blocks.Number(pool, i);
            }
        }
    }

    [Fact]
    public async Task Canceling_gives_an_operation_canceled_with_the_callers_token_and_frees_every_batch()
    {
        using var stop = new CancellationTokenSource();
        var (disposed, seen) = (0, 0);
        var run = Blocks.Start(p => p.Numbers(int.MaxValue).Block("hold", new()
        {
            Process = static (call, batch) =>
            {
                if (call.Held.Count < 20) { call.Held.Add(batch); }
                else { call.Main.Emit(batch); }
            },
            Disposed = () => disposed++,
        }).Buffer(2).ForEach("stop", b => { if (++seen == 1000) { stop.Cancel(); } }), cancellationToken: stop.Token);
        var failure = Assert.IsAssignableFrom<OperationCanceledException>(await run.SettleAsync());
        Assert.Equal(stop.Token, failure.CancellationToken);
        Assert.Equal(1, disposed);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.DrainAsync());
        await run.DisposeAsync();
        Assert.Equal(1, disposed);
    }

    [Fact]
    public async Task A_run_started_with_a_canceled_token_ends_at_once()
    {
        var disposed = 0;
        var run = Blocks.Start(p => p.Numbers(100).Block("block", new() { Disposed = () => disposed++ }).Discard(),
            cancellationToken: new(canceled: true));
        Assert.IsAssignableFrom<OperationCanceledException>(await run.SettleAsync());
        Assert.Equal(1, disposed);
    }

    [Fact]
    public async Task A_call_that_gives_up_because_the_run_is_canceled_is_no_failure()
    {
        using var stop = new CancellationTokenSource();
        var gate = new Gate();
        var run = Blocks.Start(p => p.Numbers(10).Block("long", new()
        {
            Process = (call, _) =>
            {
                gate.Pass();
                call.Context.Cancellation.ThrowIfCancellationRequested();
            },
        }).Discard(), cancellationToken: stop.Token);
        await gate.Reached;

        var canceled = stop.CancelAsync();
        await Eventually.TrueAsync(() => run.Stopping);
        gate.Open();
        await canceled;

        Assert.IsAssignableFrom<OperationCanceledException>(await run.SettleAsync());
    }

    [Fact]
    public async Task Disposing_a_run_stops_it()
    {
        var run = Blocks.Start(p => p.Numbers(int.MaxValue).Block("a").Buffer(1).Discard());
        await Eventually.TrueAsync(() => run.Metrics["a"].ItemsIn > 100);
        await run.DisposeAsync().AsTask().WaitAsync(Blocks.Patience);
        Assert.True(run.Completion.IsCanceled);
        Assert.Equal(0, run.Pool.RentedBatches);
    }

    [Fact]
    public async Task Disposing_after_the_end_changes_nothing()
    {
        var run = await Blocks.RunAsync(p => p.Numbers(3).Discard());
        await run.DisposeAsync();
        Assert.True(run.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Senders_that_wait_are_told_when_the_run_stops()
    {
        var run = Blocks.Start(p => p.Input<Batch>("in").Buffer(1).Output("nobody reads"));
        var senders = Enumerable.Range(0, 10).Select(i => run.SendAsync("in", Blocks.Number(run.Pool, i)).AsTask()).ToList();
        await Eventually.TrueAsync(() => senders.Count(s => s.IsCompleted) >= 2);
        await run.DisposeAsync().AsTask().WaitAsync(Blocks.Patience);
        foreach (var sender in senders)
        {
            var failure = await Record.ExceptionAsync(() => sender.WaitAsync(Blocks.Patience));
            Assert.True(failure is null or InvalidOperationException);
        }
        Assert.Equal(0, run.Pool.RentedBatches);
    }

    [Fact]
    public async Task A_reader_keeps_the_message_it_holds_when_the_run_stops()
    {
        using var stop = new CancellationTokenSource();
        var run = Blocks.Start(p => p.Numbers(100).Output("out"), cancellationToken: stop.Token);

        var read = 0;
        await foreach (var batch in run.ReadAllAsync<Batch>("out"))
        {
            await stop.CancelAsync();
            await Record.ExceptionAsync(() => run.Completion.WaitAsync(Blocks.Patience));
            Assert.Equal(read++, Blocks.Number(batch));
            batch.Dispose();
        }
        Assert.Equal(1, read);
        Assert.IsAssignableFrom<OperationCanceledException>(await run.SettleAsync());
    }

    [Fact]
    public async Task A_reader_that_leaves_lets_another_go_on()
    {
        var run = Blocks.Start(p => p.Numbers(10).Output("out"));
        var seen = new List<int>();
        while (seen.Count < 10)
        {
            await foreach (var batch in run.ReadAllAsync<Batch>("out"))
            {
                seen.Add(Blocks.Number(batch));
                batch.Dispose();
                break;
            }
        }
        await run.EndAsync();
        Assert.Equal(Enumerable.Range(0, 10), seen);
        await foreach (var _ in run.ReadAllAsync<Batch>("out")) { Assert.Fail("there is no more"); }
    }
}
