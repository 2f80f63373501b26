using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Operators;

/// <summary>The rest of a batch too long for one call; a wake-up continues it.</summary>
internal sealed class LongBatch(OperatorContext context) : IDisposable
{
    private Batch? _batch;
    private int _next;

    internal bool IsEmpty => _batch is null;

    internal bool TryTake([NotNullWhen(true)] out Batch? batch, out int row)
    {
        (batch, row) = (_batch, _next);
        return batch is not null;
    }

    /// <summary>Keeps the rows from this one, or releases a batch that was read.</summary>
    internal void Leave(Batch batch, int row, bool isRead)
    {
        (_batch, _next) = (batch, row);
        if (isRead) { Dispose(); }
        else { context.WakeAt(context.Now); }
    }

    internal void Drop(string reason)
    {
        if (_batch is null) { return; }
        context.DropRows(_batch.Rows - _next, reason);
        Dispose();
    }

    internal void State(ref StateStream s)
    {
        s.Value(ref _batch);
        s.Value(ref _next, 0, _batch?.Rows ?? int.MaxValue);
    }

    public void Dispose()
    {
        _batch?.Dispose();
        _batch = null;
    }
}
