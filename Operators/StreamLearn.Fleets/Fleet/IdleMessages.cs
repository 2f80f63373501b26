namespace StreamLearn.Fleets;

/// <summary>Counts messages of a device that bring nothing: updates without steps or refused, copies, questions. An honest device sends a
/// handful, and what it has under way once more after a loss. Beyond that in one second they are passed over and not answered, for each
/// answer costs the fleet what an update does.</summary>
internal struct IdleMessages
{
    /// <summary>As many as a device can have under way.</summary>
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

    /// <summary>Counts one.</summary>
    internal void Add(DateTimeOffset now)
    {
        if (now - _since >= Second) { (_since, _count) = (now, 0); }
        _count++;
    }
}
