namespace StreamLearn.Connections;

/// <summary>Delays publications until earlier subscriptions are active, or replies could be missed. Their order stays.</summary>
internal sealed class SubscribedFirst
{
    private readonly Lock _lock = new();
    private Task[] _subscriptions = [];             // subscriptions that are not confirmed yet
    private Task _begun = Task.CompletedTask;       // completes when the last waiting publication has started

    internal bool IsClear => Volatile.Read(ref _subscriptions).Length == 0 && Volatile.Read(ref _begun).IsCompleted;

    internal void Await(Task there)
    {
        lock (_lock) { _subscriptions = [.. _subscriptions, there]; }
        _ = there.ContinueWith(
            static (task, first) => ((SubscribedFirst)first!).Remove(task), this, CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

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
            // a canceled publication still keeps later ones after earlier ones
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
