namespace StreamLearn.Connections;

/// <summary>Caches encoded topics; the cache is cleared when it is full.</summary>
internal sealed class TopicBytes(Func<string, byte[]> write)
{
    private const int Most = 1024;
    private readonly Dictionary<string, byte[]> _known = new(StringComparer.Ordinal);

    internal byte[] Of(string topic)
    {
        if (_known.TryGetValue(topic, out var bytes)) { return bytes; }
        if (_known.Count >= Most) { _known.Clear(); }
        return _known[topic] = write(topic);
    }
}
