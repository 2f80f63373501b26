namespace TauDemo;

/// <summary>How a session stands, for all who wait for what is new. From any thread.</summary>
/// <param name="first">How it stands at the start.</param>
internal sealed class SessionBoard(SessionView first)
{
    private sealed record Newer(SessionView View, TaskCompletionSource Followed);

    private readonly Lock _lock = new();
    private Newer _newest = new(first, NewSignal());

    /// <summary>How it stands, and a task that ends when that is no longer so.</summary>
    internal (SessionView View, Task Followed) Newest
    {
        get
        {
            var newest = Volatile.Read(ref _newest);
            return (newest.View, newest.Followed.Task);
        }
    }

    /// <summary>How it stands.</summary>
    internal SessionView View => Volatile.Read(ref _newest).View;

    /// <summary>Shows something else.</summary>
    /// <param name="next">What, by what was shown before.</param>
    internal void Show(Func<SessionView, SessionView> next)
    {
        lock (_lock)
        {
            var before = _newest;
            Volatile.Write(ref _newest, new(next(before.View), NewSignal()));
            before.Followed.SetResult();
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
