namespace StreamLearn.Mqtt;

/// <summary>Messages that were sent and are not confirmed, by packet identifier and in the order in which they were given.</summary>
internal sealed class SentPublications(int most)
{
    private const int FewestIds = 1024;

    private readonly Dictionary<ushort, Publication> _byId = [];
    private Publication? _last;
    private ushort _lastId;

    internal int Count => _byId.Count;

    /// <summary>The oldest.</summary>
    internal Publication? First { get; private set; }

    /// <summary>Packet identifiers that are given, from 1: no more than are needed, so that another program that takes up the session
    /// knows which ones this one may have left behind.</summary>
    internal int Ids { get; } = Math.Clamp(4 * most, FewestIds, ushort.MaxValue);

    internal bool IsInUse(ushort packetId) => _byId.ContainsKey(packetId);

    internal bool TryFind(ushort packetId, out Publication? one) => _byId.TryGetValue(packetId, out one);

    /// <summary>Adds a message under a free packet identifier.</summary>
    internal void Add(Publication one, Func<ushort, bool> isTaken)
    {
        do { _lastId = _lastId >= Ids ? (ushort)1 : (ushort)(_lastId + 1); }
        while (isTaken(_lastId));
        one.PacketId = _lastId;
        _byId[one.PacketId] = one;
        one.Earlier = _last;
        if (_last is null) { First = one; }
        else { _last.Later = one; }
        _last = one;
    }

    internal void Remove(Publication one)
    {
        _byId.Remove(one.PacketId);
        if (one.Earlier is null) { First = one.Later; }
        else { one.Earlier.Later = one.Later; }
        if (one.Later is null) { _last = one.Earlier; }
        else { one.Later.Earlier = one.Earlier; }
        (one.Earlier, one.Later) = (null, null);
    }
}
