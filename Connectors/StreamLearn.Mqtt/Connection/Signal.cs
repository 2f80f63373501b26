using System.Threading.Tasks.Sources;

namespace StreamLearn.Mqtt;

/// <summary>Wakes one waiter, once for any number of calls. What waits goes on in the thread pool; nothing is allocated.</summary>
internal sealed class Signal : IValueTaskSource, IThreadPoolWorkItem
{
    private const int Idle = 0;
    private const int Raised = 1;
    private const int Awaited = 2;
    private ManualResetValueTaskSourceCore<bool> _core;
    private int _state;

    /// <summary>Waits for the next call; one at a time.</summary>
    internal ValueTask WaitAsync()
    {
        if (Interlocked.CompareExchange(ref _state, Idle, Raised) == Raised) { return default; }
        _core.Reset();
        var wait = new ValueTask(this, _core.Version);
        if (Interlocked.CompareExchange(ref _state, Awaited, Idle) == Idle) { return wait; }
        Volatile.Write(ref _state, Idle);
        return default;
    }

    internal void Raise()
    {
        while (true)
        {
            var state = Volatile.Read(ref _state);
            if (state == Raised) { return; }
            if (Interlocked.CompareExchange(ref _state, state == Idle ? Raised : Idle, state) != state) { continue; }
            if (state == Awaited) { ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false); }
            return;
        }
    }

    /// <inheritdoc />
    public void Execute() => _core.SetResult(true);

    /// <inheritdoc />
    public void GetResult(short token) => _core.GetResult(token);

    /// <inheritdoc />
    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    /// <inheritdoc />
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
