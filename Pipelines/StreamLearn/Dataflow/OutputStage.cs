using System.Runtime.CompilerServices;

namespace StreamLearn;

internal sealed class OutputStage(PipelineRun run, Node node) : SinkStage(run, node)
{
    private readonly SemaphoreSlim _filled = new(0);
    private TaskCompletionSource? _taken;
    private object? _item;
    private object? _kept;      // another handle of the reader's message, kept for saving
    private bool _ended;

    /// <summary>Returns true because the reader owns a message once it has received it, even if the run stops.</summary>
    protected override bool Owns(bool processed)
    {
        lock (Gate)
        {
            var left = !processed && _item is not null;
            (_item, _taken) = (null, null);
            return left;
        }
    }

    internal async IAsyncEnumerable<T> ReadAllAsync<T>([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            await _filled.WaitAsync(cancellationToken).ConfigureAwait(false);
            object? item;
            TaskCompletionSource? taken;
            lock (Gate)
            {
                (item, taken) = (_item, _taken);
                (_item, _taken) = (null, null);
                if (item is null && _ended)
                {
                    _filled.Release();
                    yield break;
                }
            }

            if (item is null) { continue; }
            Ownership.HandOver(item);
            try { yield return (T)item; }
            finally { taken!.SetResult(); }
        }
    }

    protected override ValueTask HandleAsync(Place place)
    {
        if (Run.Checkpoints is not null) { _kept = place.Item.Value is IOwned owned ? owned.Retain() : place.Item.Value; }
        TaskCompletionSource taken = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (Gate) { (_item, _taken) = (place.Item.Value, taken); }
        _filled.Release();
        return new(taken.Task.WaitAsync(Run.Stopped));
    }

    private protected override object ValueOf(Place place) => _kept ?? place.Item.Value;

    protected override void Ended(Place place, bool processed)
    {
        if (_kept is not null) { Ownership.End(_kept); }
        _kept = null;
    }

    protected override void Release()
    {
        EndRestored();
        lock (Gate) { (_item, _taken, _ended) = (null, null, true); }
        _filled.Release();
    }
}
