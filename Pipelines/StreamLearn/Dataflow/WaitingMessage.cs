using System.Threading.Tasks.Sources;

namespace StreamLearn;

/// <summary>An outside message that waits for space, and the call that waits for it. Reused.</summary>
internal sealed class WaitingMessage(InletStage inlet) : IValueTaskSource<bool>
{
    private ManualResetValueTaskSourceCore<bool> _done = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _registration;

    internal Item Item { get; set; }

    internal WaitingMessage? Next { get; set; }

    internal ValueTask<bool> DoneAsync(CancellationToken cancellationToken)
    {
        var done = new ValueTask<bool>(this, _done.Version);
        _registration = cancellationToken.UnsafeRegister(static (waiting, token) => ((WaitingMessage)waiting!).Cancel(token), this);
        return done;
    }

    internal void End(bool added) => _done.SetResult(added);

    bool IValueTaskSource<bool>.GetResult(short token)
    {
        _registration.Dispose();        // this waits for a cancellation in progress
        try { return _done.GetResult(token); }
        finally
        {
            _done.Reset();
            (Item, Next) = (default, null);
            inlet.Spare(this);
        }
    }

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _done.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _done.OnCompleted(continuation, state, token, flags);

    private void Cancel(CancellationToken cancellationToken)
    {
        if (inlet.TryLeave(this)) { _done.SetException(new OperationCanceledException(cancellationToken)); }
    }
}
