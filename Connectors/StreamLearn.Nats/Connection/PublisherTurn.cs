namespace StreamLearn.Nats;

/// <summary>A publisher that waits until it is its turn, and there is space.</summary>
internal sealed class PublisherTurn
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _go = New();

    /// <summary>True if it has published, or given up. Locked by the connection.</summary>
    internal bool IsOver { get; set; }

    internal async ValueTask WaitAsync()
    {
        await _go.Task.ConfigureAwait(false);
        lock (_lock) { _go = New(); }
    }

    internal void GoOn()
    {
        lock (_lock) { _go.TrySetResult(); }
    }

    internal void Cancel(CancellationToken token)
    {
        lock (_lock) { _go.TrySetCanceled(token); }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
