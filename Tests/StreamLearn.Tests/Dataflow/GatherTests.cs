namespace StreamLearn.Tests;

/// <summary>Quick calls whose outputs are moved on together and that share a reading of the clock: nobody may see the difference.</summary>
public sealed class GatherTests
{
    private const int Count = 300;
    private const int Room = 64;
    private readonly ManualTimeProvider _clock = new();
    private PipelineRun? _run;
    private bool _filled;

    [Theory, InlineData("fail", 3), InlineData("fail", 64), InlineData("skip", 3), InlineData("skip", 64), InlineData("dead-letter", 3)]
    [InlineData("dead-letter", 64), InlineData("retry", 3), InlineData("retry", 64)]
    public async Task A_call_that_throws_takes_nothing_from_the_calls_gathered_with_it(string policy, int capacity)
    {
        var (seen, letters, thrown) = (new List<int>(), new List<int>(), new HashSet<int>());
        bool Throws(int number) => policy switch
        {
            "retry" => number % 5 == 3 && thrown.Add(number),
            "fail" => number == 203,
            _ => number % 5 == 3,
        };
        void Twice(Call call, Batch batch)
        {
            var number = Blocks.Number(batch);
            call.Main.Emit(Blocks.Number(call.Context.Pool, 2 * number));
            if (Throws(number)) { throw new InvalidOperationException("three"); }
            call.Main.Emit(Blocks.Number(call.Context.Pool, (2 * number) + 1));
            batch.Dispose();
        }

        var run = Start(Twice, 2, capacity, seen, flow => flow.OnError(policy switch
        {
            "skip" => ErrorPolicy.Skip,
            "dead-letter" => ErrorPolicy.DeadLetter,
            "retry" => ErrorPolicy.Retry(1),
            _ => ErrorPolicy.Fail,
        }), p => p.DeadLetters.ForEach("letters", l => letters.Add(Blocks.Number((Batch)l.Item))));
        var lost = policy is "skip" or "dead-letter" ? Enumerable.Range(0, Count).Where(n => n % 5 == 3).ToList() : [];
        var expected = Enumerable.Range(0, Count).Except(lost).SelectMany(n => new[] { 2 * n, (2 * n) + 1 });
        if (policy == "fail")
        {
            Assert.Equal(204, (await run.FailAsync("block")).Item);
            Assert.Equal(expected.Take(seen.Count), seen);
            return;
        }
        await run.EndAsync();
        Assert.Equal(expected, seen);
        Assert.Equal(policy == "dead-letter" ? lost : [], letters);
    }

    [Theory, InlineData(-1), InlineData(150)]
    public async Task A_call_may_emit_what_it_declares_whatever_the_calls_before_it_gathered(int tooMany)
    {
        var seen = new List<int>();
        var run = Start((call, batch) =>
        {
            for (var i = Blocks.Number(batch) == tooMany ? 0 : 1; i <= 3; i++) { call.Main.Emit(batch.Retain()); }
            batch.Dispose();
        }, 3, 64, seen);

        if (tooMany >= 0)
        {
            var failure = await run.FailAsync("block");
            Assert.Equal(tooMany + 1, failure.Item);
            Assert.Contains("MaxOutputsPerCall", failure.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(tooMany, seen);
            return;
        }
        await run.EndAsync();
        Assert.Equal(Enumerable.Range(0, Count).SelectMany(n => new[] { n, n, n }), seen);
    }

    [Fact]
    public async Task A_wake_up_that_is_due_comes_before_the_next_message_of_a_run()
    {
        var (log, seen) = (new List<int>(), new List<int>());
        var run = Start((call, batch) =>
        {
            log.Add(Blocks.Number(batch));
            call.Context.WakeAt(call.Context.Now);
            call.Main.Emit(batch);
        }, 1, 64, seen, wakeUp: _ => log.Add(-1));
        await run.EndAsync();
        Assert.Equal(Enumerable.Range(0, Count).SelectMany(n => new[] { n, -1 }), log);
        Assert.Equal(Enumerable.Range(0, Count), seen);
    }

    [Theory, InlineData(1), InlineData(64)]
    public async Task All_time_in_calls_counts_as_work_even_if_the_next_edge_is_full_after_each(int capacity)
    {
        var seen = new List<int>();
        var run = Start((call, batch) =>
        {
            _clock.Advance(TimeSpan.FromMicroseconds(1));
            call.Main.Emit(batch);
        }, 1, capacity, seen);
        await run.EndAsync();
        Assert.Equal(TimeSpan.FromMicroseconds(Count), run.Metrics["block"].Busy);
    }

    [Fact]
    public async Task A_call_that_reports_much_work_shares_its_reading_of_the_clock_with_no_later_one()
    {
        var (times, seen) = (new List<DateTimeOffset>(), new List<int>());
        var run = Start((call, batch) =>
        {
            times.Add(call.Context.Now);
            if (Blocks.Number(batch) % 20 == 0)
            {
                call.Context.Charge(1_000_000_000);
                _clock.Advance(TimeSpan.FromSeconds(1));
            }
            call.Main.Emit(batch);
        }, 1, 64, seen);

        await run.EndAsync();

        Assert.All(Enumerable.Range(1, Count - 1), n => Assert.Equal(TimeSpan.FromSeconds(n % 20 == 1 ? 1 : 0), times[n] - times[n - 1]));
    }

    [Fact]
    public async Task What_a_wake_up_takes_is_known_to_the_call_after_it()
    {
        var (began, woken, stale, seen) = ((DateTimeOffset?)null, 0, 0, new List<int>());
        var run = Start((call, batch) =>
        {
            began ??= call.Context.Now;
            stale += call.Context.Now - began < TimeSpan.FromSeconds(woken) ? 1 : 0;
            call.Context.WakeAt(call.Context.Now);
            call.Main.Emit(batch);
        }, 1, 64, seen, wakeUp: _ =>
        {
            woken++;
            _clock.Advance(TimeSpan.FromSeconds(1));
        });
        await run.EndAsync();

        Assert.True(woken > 1, $"{woken} wake-ups");
        Assert.Equal(0, stale);
    }

    /// <summary>Starts a run whose block finds its edge full at the first call, so that runs of messages follow.</summary>
    private PipelineRun Start(Action<Call, Batch> process, int outputs, int capacity, List<int> seen, Action<Flow<Batch>>? with = null,
        Action<PipelineBuilder>? more = null, Action<Call>? wakeUp = null)
    {
        var script = new Script
        {
            MaxOutputsPerCall = outputs,
            WakeUp = wakeUp ?? (static _ => { }),
            Process = (call, batch) =>
            {
                Fill();
                process(call, batch);
            },
        };
        var run = Blocks.Start(p =>
        {
            var flow = p.Numbers(Count).Block("block", script);
            with?.Invoke(flow);
            flow.Buffer(capacity).Collect(seen);
            more?.Invoke(p);
        }, new() { TimeProvider = _clock, Pace = Pace.AsFastAsPossible });
        Volatile.Write(ref _run, run);
        return run;
    }

    private void Fill()
    {
        if (_filled) { return; }
        _filled = true;
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref _run)?.Metrics.Edges[0].Queued == Room, Blocks.Patience));
    }
}
