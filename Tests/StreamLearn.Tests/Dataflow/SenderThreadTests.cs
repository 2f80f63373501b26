namespace StreamLearn.Tests;

/// <summary>Brief blocks that are called on the thread of their sender, without a queue: nothing else about them is different.</summary>
public sealed class SenderThreadTests
{
    /// <summary>Calls take no time by this clock, so that the block after the first is brief after its first call.</summary>
    private readonly ManualTimeProvider _clock = new();
    private readonly List<int> _seen = [];
    private int _taken;
    private int _direct = -1;           // the first message of which the block was called so

    [Fact]
    public async Task A_wake_up_that_is_asked_for_there_comes()
    {
        var woken = 0;
        await using var run = Start((call, _) => call.Context.WakeAt(call.Context.Now + TimeSpan.FromSeconds(1)), wakeUp: () => woken++);
        await SendUntilDirectAsync(run);
        await Eventually.TrueAsync(() =>
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            return Volatile.Read(ref woken) == 1;
        });
        run.Complete("in");
        await run.EndAsync();
    }

    [Fact]
    public async Task A_call_that_fails_there_is_repeated_when_its_delay_is_over()
    {
        var failed = false;
        await using var run = Start((_, _) =>
        {
            if (failed) { return; }
            failed = true;
            throw new InvalidOperationException("once");
        }, ErrorPolicy.Retry(1, delay: TimeSpan.FromSeconds(1)));
        await SendUntilDirectAsync(run);

        await Eventually.TrueAsync(() =>
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            return run.Metrics["collect"].ItemsIn == _direct + 1;
        });
        run.Complete("in");
        await run.EndAsync();
        Assert.Equal(Enumerable.Range(0, _direct + 1), _seen);
    }

    [Fact]
    public async Task A_call_that_fails_there_fails_the_run_by_the_name_of_its_block()
    {
        await using var run = Start((_, _) => throw new InvalidOperationException("there"));
        await SendUntilDirectAsync(run);
        Assert.Equal("there", (await run.FailAsync("brief")).InnerException!.Message);
    }

    [Fact]
    public async Task A_run_that_is_stopped_meanwhile_ends()
    {
        var gate = new Gate();
        using var stop = new CancellationTokenSource();
        await using var run = Start((_, _) => gate.Pass(), cancellationToken: stop.Token);
        await SendUntilDirectAsync(run, gate.Reached);
        await stop.CancelAsync();
        for (var i = 0; i < 64; i++) { await Task.Yield(); }        // the pump of the block finds its turn taken
        await Task.WhenAll(Enumerable.Range(0, 64).Select(static _ => Task.Run(static () => { })));
        gate.Open();
        Assert.IsAssignableFrom<OperationCanceledException>(await run.SettleAsync());
    }

    [Theory, InlineData(1), InlineData(8), InlineData(64)]
    public async Task A_long_chain_of_brief_blocks_keeps_the_order_and_loses_nothing(int capacity)
    {
        const int Count = 20_000;
        var run = await Blocks.RunAsync(p =>
        {
            p.EdgeDefaults = new() { CapacityMessages = capacity };
            var flow = p.Numbers(Count);
            for (var i = 0; i < 40; i++) { flow = flow.Block($"block {i}"); }
            flow.Collect(_seen);
        }, new() { Pace = Pace.AsFastAsPossible });
        Assert.Equal(Enumerable.Range(0, Count), _seen);
        Assert.All(run.Metrics.Blocks[1..^1], b => Assert.Equal((Count, Count), (b.ItemsIn, b.ItemsOut)));
    }

    [Fact]
    public async Task Who_sends_to_an_input_calls_no_block()
    {
        var (local, seen) = (new AsyncLocal<string>(), new List<string?>());
        var run = Blocks.Start(p => p.Input<Batch>("in").ForEach("see", _ => seen.Add(local.Value)), new() { TimeProvider = _clock });
        local.Value = "the sender's";
        for (var i = 0; i < 300; i++)
        {
            await run.SendAsync("in", Blocks.Number(run.Pool, i));
            await Eventually.TrueAsync(() => run.Metrics["see"].ItemsIn == i + 1);
        }
        run.Complete("in");
        await run.EndAsync();
        Assert.Equal(Enumerable.Repeat<string?>(null, 300), seen);
    }

    /// <summary>Starts a run whose second block does something in its first call on the thread of the first.</summary>
    private PipelineRun Start(
        Action<Call, Batch> once, ErrorPolicy? policy = null, Action? wakeUp = null, CancellationToken cancellationToken = default) =>
        Blocks.Start(p =>
        {
            var flow = p.Input<Batch>("in").Block("sender").Block("brief", new()
            {
                Process = (call, batch) =>
                {
                    var number = Blocks.Number(batch);
                    var isDirect = Environment.StackTrace.Contains("TakeNow", StringComparison.Ordinal);
                    if (isDirect && (_direct < 0 || _direct == number))
                    {
                        Volatile.Write(ref _direct, number);
                        Volatile.Write(ref _taken, number + 1);
                        once(call, batch);
                    }
                    call.Main.Emit(batch);
                    Volatile.Write(ref _taken, number + 1);
                },
                WakeUp = _ => wakeUp?.Invoke(),
            });
            (policy is null ? flow : flow.OnError(policy)).Collect(_seen);
        }, new() { TimeProvider = _clock }, cancellationToken);

    /// <summary>Sends messages one at a time until the block has been called on its sender's thread.</summary>
    private async Task SendUntilDirectAsync(PipelineRun run, Task? reached = null)
    {
        for (var i = 0; Volatile.Read(ref _direct) < 0; i++)
        {
            Assert.True(i < 10_000, "the block was never called on its sender's thread");
            await run.SendAsync("in", Blocks.Number(run.Pool, i));
            await Eventually.TrueAsync(() => Volatile.Read(ref _taken) == i + 1);
        }
        if (reached is not null) { await reached; }
    }
}
