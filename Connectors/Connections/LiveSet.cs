namespace StreamLearn.Connections;

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

    internal T[] ToArray()
    {
        lock (_lock) { return [.. _all]; }
    }
}
