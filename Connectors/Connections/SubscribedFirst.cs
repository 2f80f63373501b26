namespace StreamLearn.Connections;

/// <summary>Lets what is published wait until the subscriptions that were made before are there: else it could be answered before anybody
/// listens. Publications keep the order of the calls.</summary>
internal sealed class SubscribedFirst
{
    private readonly Lock _lock = new();
    private Task[] _subscriptions = [];             // not there yet
    private Task _begun = Task.CompletedTask;       // the last publication that waits has been begun

    /// <summary>True if nothing is waited for.</summary>
    internal bool IsClear => Volatile.Read(ref _subscriptions).Length == 0 && Volatile.Read(ref _begun).IsCompleted;

    /// <summary>A subscription has been made.</summary>
    internal void Await(Task there)
    {
        lock (_lock) { _subscriptions = [.. _subscriptions, there]; }
        _ = there.ContinueWith(
            static (task, first) => ((SubscribedFirst)first!).Remove(task), this, CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Publishes when the subscriptions that were made before are there.</summary>
    internal async ValueTask ThenAsync(Func<ValueTask> publish, CancellationToken cancellationToken)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task before;
        Task[] subscriptions;
        lock (_lock) { (before, _begun, subscriptions) = (_begun, begun.Task, _subscriptions); }
        ValueTask published;
        try
        {
            await before.WaitAsync(cancellationToken).ConfigureAwait(false);
            await Task.WhenAll(subscriptions).WaitAsync(cancellationToken).ConfigureAwait(false);
            published = publish();
        }
        finally
        {
            // one that gives up still lets none after it go before those in front of it
            _ = before.ContinueWith(static (_, begun) => ((TaskCompletionSource)begun!).SetResult(), begun, CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        await published.ConfigureAwait(false);
    }

    private void Remove(Task there)
    {
        lock (_lock) { _subscriptions = [.. _subscriptions.Where(s => s != there)]; }
    }
}
