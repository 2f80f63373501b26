namespace StreamLearn;

/// <summary>The identities of the messages that a subscription took in last, by which one that its server sends again after a restart is
/// known. A message without an identity is not known.</summary>
/// <param name="capacity">Messages that a server may have under way; twice as many are remembered, since an acknowledgement may be lost as
/// well.</param>
internal sealed class KnownMessages(int capacity)
{
    private readonly int _most = 2 * capacity;
    private readonly HashSet<MessageOrigin> _set = [];
    private readonly Queue<MessageOrigin> _order = [];

    internal void Add(in MessageOrigin origin)
    {
        if (string.IsNullOrEmpty(origin.Source) || !_set.Add(origin)) { return; }
        _order.Enqueue(origin);
        if (_order.Count > _most) { _set.Remove(_order.Dequeue()); }
    }

    internal bool Contains(in MessageOrigin origin) => _set.Count > 0 && _set.Contains(origin);

    internal void Save(StateWriter writer)
    {
        writer.Write(_order.Count);
        foreach (var origin in _order)
        {
            writer.Write(origin.Source);
            writer.Write(origin.Sequence);
            writer.Write(origin.Epoch);
        }
    }

    internal void Load(ref StateReader reader)
    {
        for (var count = reader.ReadInt32(0, int.MaxValue); count > 0; count--)
        {
            Add(new(reader.ReadText(), reader.ReadInt64(), reader.ReadInt64()));
        }
    }
}
