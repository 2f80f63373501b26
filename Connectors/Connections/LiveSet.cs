namespace StreamLearn.Connections;

/// <summary>The transports of a kind that are alive, for the instruments of its meter.</summary>
internal sealed class LiveSet<T>
    where T : class
{
    private readonly Lock _lock = new();
    private readonly HashSet<T> _all = [];

    internal void Add(T transport)
    {
        lock (_lock) { _all.Add(transport); }
    }

    internal void Remove(T transport)
    {
        lock (_lock) { _all.Remove(transport); }
    }

    /// <summary>Those that are alive now.</summary>
    internal T[] ToArray()
    {
        lock (_lock) { return [.. _all]; }
    }
}
