namespace Aggregator;

/// <summary>The newest status for any number of readers; slow readers miss statuses.</summary>
internal sealed class StatusFeed(FleetStatus first)
{
    private sealed record Shown(FleetStatus Status, TaskCompletionSource Followed);

    private Shown _newest = new(first, NewSignal());

    /// <summary>The newest status, and a task that completes when a newer one is available.</summary>
    internal (FleetStatus Status, Task Followed) Newest
    {
        get
        {
            var newest = Volatile.Read(ref _newest);
            return (newest.Status, newest.Followed.Task);
        }
    }

    /// <summary>Call it from one thread only.</summary>
    internal void Show(FleetStatus status) =>
        Interlocked.Exchange(ref _newest, new(status, NewSignal())).Followed.TrySetResult();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
