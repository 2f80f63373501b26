namespace StreamLearn.Fleets;

/// <summary>Counts useless messages: without steps, refused, duplicates, questions. An honest device sends few of them, and after a loss
/// those that were in flight again. More in a second are ignored, because each answer costs as much as an update.</summary>
internal struct IdleMessages
{
    /// <summary>Maximum number of messages that a device can have in flight.</summary>
    internal const int MaxPerSecond = 64;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private DateTimeOffset _since;
    private int _count;

    internal readonly bool IsFull(DateTimeOffset now) => _count >= MaxPerSecond && now - _since < Second;

    internal void State(ref StateStream s)
    {
        s.ClockTime(ref _since);
        s.Value(ref _count, 0, int.MaxValue);
    }

    internal void Add(DateTimeOffset now)
    {
        if (now - _since >= Second) { (_since, _count) = (now, 0); }
        _count++;
    }
}
