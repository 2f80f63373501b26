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
        if (!IsNamed(origin) || !_set.Add(origin)) { return; }
        _order.Enqueue(origin);
        if (_order.Count > _most) { _set.Remove(_order.Dequeue()); }
    }

    /// <summary>True if a message has an identity.</summary>
    internal static bool IsNamed(in MessageOrigin origin) => !string.IsNullOrEmpty(origin.Source);

    internal bool Contains(in MessageOrigin origin) => _set.Count > 0 && _set.Contains(origin);

    /// <summary>Writes the identities of what the state holds.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="leaveOut">How many of the newest it does not hold: they come again.</param>
    internal void Save(StateWriter writer, int leaveOut)
    {
        var count = Math.Max(0, _order.Count - leaveOut);
        writer.Write(count);
        foreach (var origin in _order.Take(count))
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
