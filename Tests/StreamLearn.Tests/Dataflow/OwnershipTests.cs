namespace StreamLearn.Tests;

/// <summary>A message has one owner. Who passes it on twice, or touches it afterwards, fails by its own name; who got it goes on.</summary>
public sealed class OwnershipTests
{
    [Theory, InlineData("emits it twice in one call"), InlineData("emits it again in a later call")]
    [InlineData("disposes it after it was emitted"), InlineData("emits it after it was disposed")]
    public async Task A_block_that_gives_a_batch_away_twice_fails_and_no_other(string how)
    {
        Batch? kept = null;
        var run = Blocks.Start(p => p.Numbers(100).Block("before").Block("guilty", new()
        {
            MaxOutputsPerCall = 3,
            Process = (call, batch) =>
            {
                if (how == "emits it after it was disposed") { batch.Dispose(); }
                if (kept is not null) { call.Main.Emit(kept); }
                call.Main.Emit(batch);
                if (how == "emits it twice in one call") { call.Main.Emit(batch); }
                if (how == "disposes it after it was emitted") { batch.Dispose(); }
                if (how == "emits it again in a later call") { kept = batch; }
            },
        }).Block("innocent").Discard());
        var failure = await run.FailAsync("guilty");

        Assert.IsType<ObjectDisposedException>(failure.InnerException);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_block_that_gives_away_what_another_one_is_at_work_on_fails_and_not_the_other(bool disposes)
    {
        Batch? kept = null;
        var gate = new Gate();
        var run = Blocks.Start(p => p.Input<Batch>("in").Block("guilty", new()
        {
            Process = (call, batch) =>
            {
                if (kept is not null)
                {
                    batch.Dispose();
                    if (disposes) { kept.Dispose(); }
                    else { call.Main.Emit(kept); }
                }
                kept = batch;
                call.Main.Emit(batch);
            },
        }).Block("innocent", Script.Passing((_, batch) =>
        {
            gate.Pass();
            Assert.Equal(0, Blocks.Number(batch));
        })).Discard());
        await run.SendAsync("in", Blocks.Number(run.Pool, 0));
        await gate.Reached;
        await run.SendAsync("in", Blocks.Number(run.Pool, 1));
        await Eventually.TrueAsync(() => run.Metrics["guilty"].Errors > 0);
        gate.Open();

        Assert.IsType<ObjectDisposedException>((await run.FailAsync("guilty")).InnerException);
        Assert.Equal(0, run.Metrics["innocent"].Errors);
    }

    [Fact]
    public async Task A_source_that_makes_the_same_batch_twice_fails_the_run()
    {
        var run = Blocks.Start(p => p.From("same", 0, static (int _, OperatorContext context) => new Same(context.Pool))
            .Block("innocent").Discard());
        await run.FailAsync("same");
    }

    [Fact]
    public async Task A_batch_that_is_sent_twice_is_refused_and_the_first_is_processed()
    {
        var seen = new List<int>();
        var run = Blocks.Start(p => p.Input<Batch>("in").Collect(seen));
        var batch = Blocks.Number(run.Pool, 7);
        await run.SendAsync("in", batch);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => run.SendAsync("in", batch).AsTask());
        run.Complete("in");
        await run.EndAsync();
        Assert.Equal([7], seen);
    }

    [Fact]
    public async Task A_block_may_pass_on_what_it_was_given_as_often_as_it_is_given_it()
    {
        var seen = new List<int>();
        await Blocks.RunAsync(p => p.Numbers(50).Block("a").Coalesce(static (queued, added) =>
        {
            queued.Dispose();
            return added;
        }).Block("b").Block("c", new() { Process = static (call, batch) => call.Main.Emit(batch.ToWritable()) }).Collect(seen));
        Assert.Equal(49, seen[^1]);
    }

    [Fact]
    public async Task A_message_of_the_programs_own_is_given_back_when_the_call_that_had_it_throws()
    {
        var open = new Counter();
        var run = Blocks.Start(p => p.FromSequence("owned", _ => Make(open))
            .ForEach("each", static _ => throw new InvalidOperationException("no"))
            .OnError(ErrorPolicy.Skip));
        await run.EndAsync();
        Assert.Equal((10, 10), (open.Made, open.Ended));
    }

    [Fact]
    public async Task What_is_queued_is_given_back_even_if_a_message_throws_as_it_is_disposed()
    {
        var open = new Counter { Poison = 3 };
        using var stop = new CancellationTokenSource();
        var run = Blocks.Start(
            p => p.FromSequence("owned", _ => Make(open)).Buffer(100).Via("closed", 0,
                static (int _, OperatorContext _, IOutput<Owned> output) => new Closed(output))
                .ControlledBy(p.Input<Note>("notes")).Discard(),
            cancellationToken: stop.Token);
        await Eventually.TrueAsync(() => run.Metrics.Edges[0].Queued == 10);

        await stop.CancelAsync();
        Assert.IsType<BlockFailedException>(await run.SettleAsync());

        Assert.Equal(10, open.Ended);
    }

    private static async IAsyncEnumerable<Owned> Make(Counter open)
    {
        for (var i = 0; i < 10; i++)
        {
            open.Made++;
            yield return new(open, i);
            await Task.Yield();
        }
    }

    private sealed class Counter
    {
        private int _ended;
        public int Made { get; set; }
        public int Ended => Volatile.Read(ref _ended);
        public int? Poison { get; init; }
        public void End() => Interlocked.Increment(ref _ended);
    }

    private sealed class Owned(Counter open, int number) : IOwned
    {
        private int _references = 1;

        public IOwned Retain()
        {
            Interlocked.Increment(ref _references);
            return new Shared(this);
        }

        public void Dispose() => Leave();

        private void Leave()
        {
            if (Interlocked.Decrement(ref _references) != 0) { return; }
            open.End();
            if (number == open.Poison) { throw new InvalidOperationException("poison"); }
        }

        private sealed class Shared(Owned first) : IOwned
        {
            private int _ended;
            public IOwned Retain() => first.Retain();
            public void Dispose() { if (Interlocked.Exchange(ref _ended, 1) == 0) { first.Leave(); } }
        }
    }

    private sealed class Closed(IOutput<Owned> output) : Operator<Owned>, IControlledBy<Note>
    {
        public override bool Ready => false;
        public void Control(Note message) { }
        public override void Process(Owned input) => output.Emit(input);
    }

    private sealed class Same(BatchPool pool) : Source<Batch>
    {
        private readonly Batch _batch = Blocks.Number(pool, 1);
        public override DateTimeOffset? NextAt => DateTimeOffset.UnixEpoch;
        public override Batch Next() => _batch;
    }
}
