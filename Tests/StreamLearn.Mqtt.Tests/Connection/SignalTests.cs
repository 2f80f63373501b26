namespace StreamLearn.Mqtt.Tests;

/// <summary>A wake-up is never lost, whoever is first, and whether the waiter blocks its thread or not.</summary>
public sealed class SignalTests
{
    private const int Rounds = 20_000;

    [Fact]
    public async Task A_wake_up_that_comes_first_is_kept_for_the_one_who_waits_next()
    {
        var signal = new Signal();
        signal.Raise();
        await ScriptedServer.Patiently(Blocked(signal.Wait));
        signal.Raise();
        await ScriptedServer.Patiently(signal.WaitAsync().AsTask());
    }

    [Fact]
    public async Task Wake_ups_before_a_wait_count_once()
    {
        var signal = new Signal();
        signal.Raise();
        signal.Raise();
        await ScriptedServer.Patiently(Blocked(signal.Wait));
        var second = signal.WaitAsync().AsTask();
        Assert.False(second.IsCompleted);
        signal.Raise();
        await ScriptedServer.Patiently(second);
    }

    [Fact]
    public async Task A_blocked_thread_is_woken_once_for_each_wake_up()
    {
        var (signal, woken) = (new Signal(), 0);
        var thread = new Thread(() =>
        {
            for (; woken < 3; woken++) { signal.Wait(); }
        })
        {
            IsBackground = true,
        };
        thread.Start();
        for (var wakeUps = 0; wakeUps < 3; wakeUps++)
        {
            await Long.UntilAsync(() => Volatile.Read(ref woken) >= wakeUps && IsAsleep(), () => $"{woken} {thread.ThreadState}");
            Assert.Equal(wakeUps, woken);
            signal.Raise();
        }
        await Long.UntilAsync(() => !thread.IsAlive, () => $"{woken} {thread.ThreadState}");

        bool IsAsleep() => (thread.ThreadState & (ThreadState.WaitSleepJoin | ThreadState.Stopped)) != 0;
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Two_who_wake_each_other_never_sleep_both(bool blocks)
    {
        var (there, back, asked) = (new Signal(), new Signal(), 0);
        var answering = Blocked(() =>
        {
            for (var i = 0; i < Rounds; i++)
            {
                Wait(there);
                back.Raise();
            }
        });
        var asking = Blocked(() =>
        {
            for (; asked < Rounds; asked++)
            {
                there.Raise();
                Wait(back);
            }
        });
        var both = Task.WhenAll(asking, answering);
        for (var before = -1; await Task.WhenAny(both, AWhile()) != both; before = Volatile.Read(ref asked))
        {
            Assert.NotEqual(before, Volatile.Read(ref asked));      // a slow machine is no sleep
        }
        await both;

        static Task AWhile() => Task.Delay(ServerProcess.Patience, TimeProvider.System, Cancellation);

        void Wait(Signal signal)
        {
            if (blocks) { signal.Wait(); }
            else { signal.WaitAsync().AsTask().Wait(); }
        }
    }

    private static Task Blocked(Action action) => ReadThreads.Run(action);
}
