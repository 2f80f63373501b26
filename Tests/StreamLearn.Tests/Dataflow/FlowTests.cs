namespace StreamLearn.Tests;

/// <summary>Messages on their way through the dataflow host: order, branches, merges, bounds, losses.</summary>
public sealed class FlowTests
{
    [Fact]
    public async Task Messages_keep_their_order_through_many_blocks()
    {
        var seen = new List<int>();
        var run = await Blocks.RunAsync(p => p.Numbers(5000).Block("a").Buffer(1).Block("b").Buffer(3).Block("c").Collect(seen));
        Assert.Equal(Enumerable.Range(0, 5000), seen);
        Assert.All(run.Metrics.Blocks.Where(b => b.Block is "a" or "b" or "c"),
            b => Assert.Equal((5000, 5000, 5000, 5000), (b.ItemsIn, b.ItemsOut, b.RowsIn, b.RowsOut)));
    }

    [Fact]
    public async Task A_branch_gives_every_message_to_every_target_in_order_and_writers_do_not_disturb_readers()
    {
        var (first, second, third) = (new List<int>(), new List<int>(), new List<int>());
        var write = new Script
        {
            Process = static (call, batch) =>
            {
                var writable = batch.ToWritable();
                writable.Channels[0].Writable<float>()[0] += 1000;
                call.Main.Emit(writable);
            },
        };
        await Blocks.RunAsync(p =>
        {
            var numbers = p.Numbers(500).Block("trunk");
            numbers.Buffer(2).Block("write", write).Collect(first, "first");
            numbers.Buffer(1).Block("read").Collect(second, "second");
            numbers.Collect(third, "third");
        });
        Assert.Equal(Enumerable.Range(1000, 500), first);
        Assert.Equal(Enumerable.Range(0, 500), second);
        Assert.Equal(second, third);
    }

    [Fact]
    public async Task A_merge_keeps_the_order_of_each_flow_and_ends_with_the_last()
    {
        var seen = new List<int>();
        await Blocks.RunAsync(p => p.Numbers(300, "a").Merge(
            p.Numbers(500, "b").Block("shift", Script.Passing(static (_, batch) => batch.Channels[0].Writable<float>()[0] += 10_000)),
            p.Numbers(0, "none")).Buffer(2).Collect(seen));
        Assert.Equal(Enumerable.Range(0, 300), seen.Where(n => n < 10_000));
        Assert.Equal(Enumerable.Range(10_000, 500), seen.Where(n => n >= 10_000));
    }

    [Fact]
    public async Task Both_outputs_of_a_fork_are_kept_apart()
    {
        var (even, odd) = (new List<int>(), new List<int>());
        await Blocks.RunAsync(p =>
        {
            var (main, side) = p.Numbers(100).Split(
                "parity", new() { Process = static (call, batch) => (Blocks.Number(batch) % 2 == 0 ? call.Main : call.Side).Emit(batch) });
            main.Collect(even, "even");
            side.Buffer(1).Collect(odd, "odd");
        });
        Assert.Equal(Enumerable.Range(0, 50).Select(i => 2 * i), even);
        Assert.Equal(Enumerable.Range(0, 50).Select(i => (2 * i) + 1), odd);
    }

    [Theory, InlineData(3, 1 << 20), InlineData(64, 1024)]
    public async Task A_slow_reader_holds_the_source_back_within_both_bounds(int messages, long bytes)
    {
        var made = 0;
        var count = Script.Passing((_, _) => Interlocked.Increment(ref made));
        await using var run = Blocks.Start(
            p => p.Numbers(200).Buffer(messages, capacityBytes: bytes).Block("count", count)
                .Buffer(messages, capacityBytes: bytes).Output("out"));

        // what the edge holds, what quick calls gather before they move it on, and the one that is handed out next
        var ahead = (int)Math.Min(messages, bytes / 256) + Cell.MaxGathered + 1;
        var read = 0;
        await foreach (var batch in run.ReadAllAsync<Batch>("out"))
        {
            Assert.Equal(read++, Blocks.Number(batch));
            batch.Dispose();
            Assert.InRange(Volatile.Read(ref made), 0, read + ahead);
        }
        await run.EndAsync();
        Assert.Equal(200, read);
        Assert.All(run.Metrics.Edges, e => Assert.InRange(e.Peak, 1, messages));
        Assert.All(run.Metrics.Edges, e => Assert.InRange(e.PeakBytes, 1, bytes));
        Assert.All(run.Metrics.Edges, e => Assert.Equal((0, 0, 0), (e.Queued, e.QueuedBytes, e.QueuedRows)));
    }

    [Theory, InlineData(OnFull.DropOldest, "drop-oldest"), InlineData(OnFull.DropNewest, "drop-newest")]
    [InlineData(OnFull.KeepLatest, "replaced")]
    public async Task What_comes_in_comes_out_or_is_counted_as_dropped(OnFull onFull, string reason)
    {
        var seen = new List<int>();
        var run = await LateAsync(numbers => numbers.Buffer(4, onFull), seen);
        var slow = run.Metrics["slow"];
        Assert.Equal(1000, slow.ItemsIn + slow.Drops[reason]);
        Assert.Equal(slow.ItemsIn, seen.Count);
        Assert.Equal(slow.Drops[reason], slow.RowsDropped[reason]);
        Assert.Equal([reason], slow.Drops.Keys);
        Assert.Equal(seen.Order(), seen);
        Assert.True(slow.Drops[reason] > 900);
        if (onFull != OnFull.DropNewest) { Assert.Equal(999, seen[^1]); }
    }

    [Fact]
    public async Task What_waits_in_a_run_that_is_stopped_is_counted()
    {
        var run = Blocks.Start(p => p.Numbers(100).Buffer(8).Block("pass").Buffer(8).Output("out"));
        await Eventually.TrueAsync(() => run.Metrics.Edges.All(static edge => edge.Queued > 0));
        await run.DisposeAsync();
        var (numbers, pass, read) = (run.Metrics["numbers"], run.Metrics["pass"], run.Metrics["out"]);
        Assert.Equal(numbers.ItemsOut, pass.ItemsIn + pass.Drops["stopped"]);
        Assert.Equal(pass.ItemsOut, read.ItemsIn + read.Drops["stopped"]);
    }

    [Fact]
    public async Task A_message_that_waits_for_a_repetition_when_the_run_is_stopped_is_counted()
    {
        var run = Blocks.Start(p => p.Numbers(1)
            .Block("throws", new() { Process = static (_, _) => throw new InvalidOperationException("no") })
            .OnError(ErrorPolicy.Retry(9, ErrorPolicy.Skip, TimeSpan.FromMinutes(1))).Discard());
        await Eventually.TrueAsync(() => run.Metrics["throws"].Counter("retries") == 1);
        await run.DisposeAsync();
        Assert.Equal((1, 1, 1), (run.Metrics["throws"].ItemsIn, run.Metrics["throws"].Drops["unfinished"],
            run.Metrics["throws"].RowsDropped["unfinished"]));
    }

    [Fact]
    public async Task Coalescing_loses_nothing_that_the_merge_keeps()
    {
        var seen = new List<int>();
        var run = await LateAsync(static numbers => numbers.Coalesce(Add), seen);
        Assert.Equal(999 * 1000 / 2, seen.Sum());
        Assert.Equal(1000, seen.Count + run.Metrics["slow"].Counter("coalesced"));
        Assert.InRange(seen.Count, 1, 10);

        static Batch Add(Batch a, Batch b)
        {
            var sum = a.ToWritable();
            sum.Channels[0].Writable<float>()[0] += Blocks.Number(b);
            b.Dispose();
            return sum;
        }
    }

    [Fact]
    public async Task What_an_operator_drops_is_counted_with_its_rows()
    {
        var run = await Blocks.RunAsync(p => p.Numbers(30).Block("third", new()
        {
            Process = static (call, batch) =>
            {
                if (Blocks.Number(batch) % 3 == 0) { call.Main.Emit(batch); }
                else { call.Context.Drop(batch, Blocks.Number(batch) % 3 == 1 ? "first" : "second"); }
            },
        }).Discard("enough"));
        var third = run.Metrics["third"];
        Assert.Equal((30, 10, 10, 10), (third.ItemsIn, third.ItemsOut, third.Drops["first"], third.RowsDropped["second"]));
        Assert.Equal(10, run.Metrics["discard third"].Drops["enough"]);
    }

    [Fact]
    public async Task One_call_may_emit_as_many_messages_as_its_block_declares()
    {
        var seen = new List<int>();
        var run = Blocks.Start(p => p.Input<Batch>("in").Block("twice", Script.Times(3)).Buffer(1).Collect(seen));
        for (var i = 0; i < 20; i++) { await run.SendAsync("in", Blocks.Number(run.Pool, i)); }
        run.Complete("in");
        await run.EndAsync();
        Assert.Equal(Enumerable.Range(0, 60).Select(i => i / 3), seen);
    }

    [Fact]
    public async Task Sequences_come_in_and_outputs_go_out_as_async_enumerables()
    {
        await using var run = Blocks.Start(p => p.FromSequence("count", Count).Buffer(2).Output("out"));

        var read = new List<string>();
        await foreach (var text in run.ReadAllAsync<string>("out")) { read.Add(text); }

        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), read);
        await run.EndAsync();

        static async IAsyncEnumerable<string> Count(
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            for (var i = 0; i < 100; i++)
            {
                if (i % 7 == 0) { await Task.Yield(); }
                cancellationToken.ThrowIfCancellationRequested();
                yield return $"{i}";
            }
        }
    }

    [Fact]
    public async Task An_input_that_has_ended_takes_nothing_more_and_gives_the_memory_back()
    {
        var run = Blocks.Start(p => p.Input<Batch>("in").Discard());
        await run.SendAsync("in", Blocks.Number(run.Pool, 1));
        run.Complete("in");

        var late = Blocks.Number(run.Pool, 2);
        Assert.Equal("input 'in' has ended",
            (await Assert.ThrowsAsync<InvalidOperationException>(async () => await run.SendAsync("in", late))).Message);
        await run.EndAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await run.SendAsync("in", Blocks.Number(run.Pool, 3)));
        var absent = await Assert.ThrowsAsync<KeyNotFoundException>(async () => await run.SendAsync("absent", Blocks.Number(run.Pool, 3)));
        Assert.Equal($"pipeline '{run.Metrics.Pipeline}' has no input 'absent'; it has 'in'", absent.Message);
        var unread = Assert.Throws<KeyNotFoundException>(() => run.ReadAllAsync<Batch>("out"));
        Assert.EndsWith("has no output 'out'; it has none", unread.Message, StringComparison.Ordinal);
        var unmeasured = Assert.Throws<KeyNotFoundException>(() => run.Metrics["x"]);
        Assert.Contains("has no block 'x'; it has 'in', ", unmeasured.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(async () => await run.SendAsync("in", "text"));
        Assert.Equal(1, run.Metrics["discard in"].ItemsIn);
        Assert.Equal(0, run.Pool.RentedBatches);
    }

    [Fact]
    public async Task Many_senders_may_feed_one_input()
    {
        var seen = new List<int>();
        var run = Blocks.Start(p => p.Input<Batch>("in").Buffer(1).Collect(seen));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(s => Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++) { await run.SendAsync("in", Blocks.Number(run.Pool, (100 * s) + i)); }
        })));
        run.Complete("in");
        await run.EndAsync();
        Assert.Equal(Enumerable.Range(0, 800), seen.Order());
        Assert.All(Enumerable.Range(0, 8), s => Assert.Equal(Enumerable.Range(100 * s, 100), seen.Where(n => n / 100 == s)));
    }

    [Fact]
    public async Task A_source_keeps_its_own_pace()
    {
        var (clock, seen) = (new ManualTimeProvider(), new List<int>());
        var arrived = new SemaphoreSlim(0);
        var run = Blocks.Start(
            p => p.From("paced", clock.GetUtcNow(),
                static (DateTimeOffset start, OperatorContext context) => new Paced(start, context.Pool)).ForEach("see", b =>
        {
            seen.Add(Blocks.Number(b));
            arrived.Release();
        }), new() { TimeProvider = clock });
        for (var i = 0; i < 3; i++)
        {
            Assert.True(await arrived.WaitAsync(Blocks.Patience));
            Assert.Equal(i + 1, seen.Count);
            await Eventually.TrueAsync(() => i == 2 || clock.PendingTimers == 1);
            clock.Advance(TimeSpan.FromDays(40) + TimeSpan.FromMilliseconds(1));
        }
        await run.EndAsync();
        Assert.Equal([0, 1, 2], seen);
    }

    [Fact]
    public async Task A_pipeline_with_an_input_is_not_run_without_anybody_who_adds_to_it()
    {
        var pipeline = Pipeline.Define("p", p => p.Input<Batch>("in").Discard());
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => pipeline.RunAsync(Cancellation));
        Assert.Contains("the input 'in'", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>A thousand numbers come to a block that is called only when all of them have been made.</summary>
    private static async Task<PipelineRun> LateAsync(Func<Flow<Batch>, Flow<Batch>> edge, List<int> seen)
    {
        var gate = new Gate();
        var run = Blocks.Start(p =>
        {
            var numbers = p.Numbers(1000);
            edge(numbers).Block("slow", Script.Passing((_, _) => gate.Pass())).Collect(seen);
            numbers.ForEach("all made", b => { if (Blocks.Number(b) == 999) { gate.Open(); } });
        });
        await run.EndAsync();
        return run;
    }

    private sealed class Paced(DateTimeOffset start, BatchPool pool) : Source<Batch>
    {
        private int _next;
        public override DateTimeOffset? NextAt => _next < 3 ? start + (_next * TimeSpan.FromDays(40)) : null;
        public override Batch Next() => Blocks.Number(pool, _next++);
    }
}
