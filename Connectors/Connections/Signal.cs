using System.Threading.Tasks.Sources;

namespace StreamLearn.Connections;

/// <summary>Wakes one waiting caller, once for any number of calls, without allocating.</summary>
internal sealed class Signal : IValueTaskSource, IThreadPoolWorkItem
{
    private const int Idle = 0;
    private const int Raised = 1;
    private const int Awaited = 2;
    private readonly object _blocked = new();
    private ManualResetValueTaskSourceCore<bool> _core;
    private bool _isUnblocked;
    private int _state;

    /// <summary>Only one caller may wait at a time.</summary>
    internal ValueTask WaitAsync()
    {
        if (Interlocked.CompareExchange(ref _state, Idle, Raised) == Raised) { return default; }
        _core.Reset();
        var wait = new ValueTask(this, _core.Version);
        if (Interlocked.CompareExchange(ref _state, Awaited, Idle) == Idle) { return wait; }
        Volatile.Write(ref _state, Idle);
        return default;
    }

    internal void Wait()
    {
        _core.Reset();
        _core.OnCompleted(static signal => ((Signal)signal!).Unblock(), this, _core.Version, ValueTaskSourceOnCompletedFlags.None);
        if (Interlocked.CompareExchange(ref _state, Awaited, Idle) == Raised)
        {
            Volatile.Write(ref _state, Idle);
            return;
        }

        lock (_blocked)
        {
            while (!_isUnblocked) { Monitor.Wait(_blocked); }
            _isUnblocked = false;
        }
    }

    /// <summary>The caller wakes on another thread.</summary>
    internal void Raise()
    {
        if (TryRaise()) { ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false); }
    }

    /// <summary>Wakes a caller that is woken often for little work (<see cref="WakeThread"/>).</summary>
    internal void RaiseWithoutSpin()
    {
        if (TryRaise()) { WakeThread.Start(this); }
    }

    internal bool TryRaise()
    {
        while (true)
        {
            var state = Volatile.Read(ref _state);
            if (state == Raised) { return false; }
            if (Interlocked.CompareExchange(ref _state, state == Idle ? Raised : Idle, state) == state) { return state == Awaited; }
        }
    }

    public void Execute() => _core.SetResult(true);

    public void GetResult(short token) => _core.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void Unblock()
    {
        lock (_blocked)
        {
            _isUnblocked = true;
            Monitor.Pulse(_blocked);
        }
    }
}
