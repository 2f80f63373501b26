namespace StreamLearn.Mqtt;

/// <summary>Unconfirmed messages by packet identifier, and in order of the calls.</summary>
internal sealed class SentPublications(int most)
{
    private const int FewestIds = 1024;

    private readonly Dictionary<ushort, Publication> _byId = [];
    private Publication? _last;
    private ushort _lastId;

    internal int Count => _byId.Count;

    internal Publication? First { get; private set; }

    /// <summary>The packet identifiers in use, from 1; few, so that a program that resumes knows which may be left over.</summary>
    internal int Ids { get; } = Math.Clamp(4 * most, FewestIds, ushort.MaxValue);

    internal bool IsInUse(ushort packetId) => _byId.ContainsKey(packetId);

    internal bool TryFind(ushort packetId, out Publication? one) => _byId.TryGetValue(packetId, out one);

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
