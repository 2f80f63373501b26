namespace Aggregator;

/// <summary>The newest status, for any number of readers. Nobody waits for a reader: who is slow misses what came meanwhile.</summary>
internal sealed class StatusFeed(FleetStatus first)
{
    private sealed record Shown(FleetStatus Status, TaskCompletionSource Followed);

    private Shown _newest = new(first, NewSignal());

    /// <summary>The newest status, and a task that ends when there is a newer one.</summary>
    internal (FleetStatus Status, Task Followed) Newest
    {
        get
        {
            var newest = Volatile.Read(ref _newest);
            return (newest.Status, newest.Followed.Task);
        }
    }

    /// <summary>Shows a status. One writer.</summary>
    internal void Show(FleetStatus status) =>
        Interlocked.Exchange(ref _newest, new(status, NewSignal())).Followed.TrySetResult();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
