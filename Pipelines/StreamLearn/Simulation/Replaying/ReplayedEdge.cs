namespace StreamLearn.Simulation;

internal sealed class ReplayedEdge(Edge edge) : IEdgeEnd, IDisposable
{
    private readonly LinkedList<(long Number, object Value)> _waiting = [];
    private Schema? _schema;
    private bool _closed;

    internal Edge Edge { get; } = edge;

    public void Dispose()
    {
        _closed = true;
        foreach (var (_, value) in _waiting) { Ownership.End(value); }
        _waiting.Clear();
    }

    public bool TryGive(ReadOnlySpan<(int Port, Item Item)> items, ref int place)
    {
        var port = items[place].Port;
        for (; place < items.Length && items[place].Port == port; place++) { Add(items[place].Item.First, items[place].Item.Value); }
        return true;
    }

    public void Lost(int rows) { }

    public void EndSender() { }

    internal void Add(long number, object value)
    {
        // a message that the edge refuses was not merged either
        var refused = EdgeQueue.Refusal(Edge, ref _schema, value, (value as ISized)?.SizeBytes ?? ISized.DefaultBytes) is not null;
        if (!_closed && !refused) { _waiting.AddLast((number, value)); }
        else { Ownership.End(value); }
    }

    internal object? Take(long first, long last)
    {
        var (taken, reached) = ((object?)null, -1L);
        for (var next = Find(first); next is not null && next.Value.Number <= last;)     // skips numbers that the edge never accepted
        {
            (reached, var value) = next.Value;
            var after = next.Next;
            _waiting.Remove(next);
            taken = taken is null ? value : Edge.Options.Merged(taken, value);
            next = after;
        }

        if (reached == last) { return taken; }
        Ownership.End(taken);
        return null;
    }

    /// <summary>Finds a message and removes earlier ones, which the recorded run dropped.</summary>
    private LinkedListNode<(long Number, object Value)>? Find(long number)
    {
        var found = _waiting.First;
        while (found is not null && found.Value.Number < number) { found = found.Next; }
        if (found?.Value.Number != number) { return null; }
        for (var earlier = found.Previous; earlier is not null;)
        {
            var before = earlier.Previous;
            if (Replaces(earlier.Value.Value, found.Value.Value))
            {
                _waiting.Remove(earlier);
                Ownership.End(earlier.Value.Value);
            }

            earlier = before;
        }

        return found;
    }

    /// <summary>Messages keep their order, except that a control message replaces the queued one of its kind and sender.</summary>
    private bool Replaces(object earlier, object later)
    {
        if (!Edge.IsControl) { return true; }
        return earlier is IReplaceable old
            ? later is IReplaceable one && old.GetType() == one.GetType() && old.ReplacementKey == one.ReplacementKey
            : later is not IReplaceable;
    }
}
