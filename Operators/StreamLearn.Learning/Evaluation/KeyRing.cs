namespace StreamLearn.Learning;

/// <summary>The last keys, each with its own position; the oldest is evicted. It does not allocate once it is full.</summary>
internal sealed class KeyRing(int capacity)
{
    private readonly Dictionary<long, int> _places = new(capacity);
    private readonly long[] _keys = new long[capacity];
    private readonly bool[] _used = new bool[capacity];
    private int _next;

    internal int Count => _places.Count;

    internal void State(ref StateStream s)
    {
        s.Value(ref _next, 0, capacity - 1);
        for (var place = 0; place < capacity; place++)
        {
            s.Value(ref _used[place]);
            if (!_used[place]) { continue; }
            var key = _keys[place] = s.Value(_keys[place]);
            if (s.IsReading && !_places.TryAdd(key, place)) { throw new StateException($"expected each key once, got {key} again"); }
        }
    }

    internal bool Contains(long key) => _places.ContainsKey(key);

    internal long? At(int place) => _used[place] ? _keys[place] : null;

    /// <summary>The key must not be present.</summary>
    internal (int Place, long? Evicted) Add(long key)
    {
        var place = _next;
        _next = place + 1 == capacity ? 0 : place + 1;
        long? evicted = _used[place] ? _keys[place] : null;
        if (evicted is { } old) { _places.Remove(old); }
        _places.Add(key, place);
        (_keys[place], _used[place]) = (key, true);
        return (place, evicted);
    }

    /// <summary>Removes a key and returns its position, which stays valid until the next add.</summary>
    internal bool TryTake(long key, out int place)
    {
        if (!_places.Remove(key, out place)) { return false; }
        _used[place] = false;
        return true;
    }
}
