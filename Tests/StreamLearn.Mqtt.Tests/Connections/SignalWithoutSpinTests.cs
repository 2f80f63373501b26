namespace StreamLearn.Mqtt.Tests;

public sealed class SignalWithoutSpinTests
{
    [Fact]
    public async Task A_signal_that_was_raised_before_is_not_waited_for_and_counts_once()
    {
        var signal = new Signal();
        signal.RaiseWithoutSpin();
        signal.Raise();
        await signal.WaitAsync();
        var second = signal.WaitAsync().AsTask();
        Assert.False(second.IsCompleted);
        signal.Raise();
        await second;
    }

    [Fact]
    public async Task One_that_is_woken_without_spin_goes_on_elsewhere_than_where_it_was_raised()
    {
        var signal = new Signal();
        var waiter = WaiterAsync(signal);
        var raiser = Environment.CurrentManagedThreadId;
        signal.RaiseWithoutSpin();
        Assert.NotEqual(raiser, await waiter);
    }

    [Fact]
    public async Task Waiters_who_block_their_thread_hold_up_nobody()
    {
        using var blocked = new CountdownEvent(2 * Environment.ProcessorCount);
        using var open = new ManualResetEventSlim();
        var signals = Enumerable.Range(0, blocked.InitialCount).Select(_ => new Signal()).ToArray();
        var waiters = signals.Select(s => BlockAsync(s, blocked, open)).ToArray();

        foreach (var signal in signals) { signal.RaiseWithoutSpin(); }
        var last = new Signal();
        var free = WaiterAsync(last);
        last.RaiseWithoutSpin();

        await free;
        Assert.True(blocked.Wait(TimeSpan.FromSeconds(60), Cancellation));
        open.Set();
        await Task.WhenAll(waiters);
    }

    [Fact]
    public async Task No_wake_up_is_lost_over_many()
    {
        const int Rounds = 20_000;
        var (ping, pong) = (new Signal(), new Signal());
        var other = AnswerAsync(ping, pong, Rounds);
        for (var i = 0; i < Rounds; i++)
        {
            ping.RaiseWithoutSpin();
            await pong.WaitAsync();
        }
        await other;
    }

    private static async Task AnswerAsync(Signal ping, Signal pong, int rounds)
    {
        for (var i = 0; i < rounds; i++)
        {
            await ping.WaitAsync();
            pong.RaiseWithoutSpin();
        }
    }

    private static async Task<int> WaiterAsync(Signal signal)
    {
        await signal.WaitAsync();
        return Environment.CurrentManagedThreadId;
    }

    private static async Task BlockAsync(Signal signal, CountdownEvent blocked, ManualResetEventSlim open)
    {
        await signal.WaitAsync();
        blocked.Signal();
        open.Wait(Cancellation);
    }
}
