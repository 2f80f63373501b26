using System.Runtime.InteropServices;

namespace StreamLearn.Nats;

/// <summary>The times of recent keys. It evicts the oldest when full, without allocating.</summary>
internal sealed class Recent<TKey>(int most)
    where TKey : notnull
{
    private readonly Dictionary<TKey, long> _times = [];
    private readonly Queue<TKey> _order = [];

    internal bool TryFind(TKey key, out long time) => _times.TryGetValue(key, out time);

    internal void Set(TKey key, long time)
    {
        CollectionsMarshal.GetValueRefOrAddDefault(_times, key, out var isKnown) = time;
        if (isKnown) { return; }
        _order.Enqueue(key);
        if (_order.Count > most) { _times.Remove(_order.Dequeue()); }
    }
}
