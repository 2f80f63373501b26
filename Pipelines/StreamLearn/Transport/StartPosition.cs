namespace StreamLearn;

/// <summary>The first message of a subscription whose server keeps earlier ones. Default: new messages.</summary>
public readonly record struct StartPosition
{
    private StartPosition(StartKind kind, long? sequence = null, DateTimeOffset? time = null) =>
        (Kind, Sequence, Time) = (kind, sequence, time);

    /// <summary>New messages only.</summary>
    public static StartPosition New => default;

    /// <summary>All kept messages.</summary>
    public static StartPosition All => new(StartKind.All);

    /// <summary>The newest message of each topic.</summary>
    public static StartPosition LastPerTopic => new(StartKind.LastPerTopic);

    internal StartKind Kind { get; }

    /// <summary>The number of the first message; null if the start is given otherwise.</summary>
    public long? Sequence { get; }

    /// <summary>The time of the first message; null if the start is given otherwise.</summary>
    public DateTimeOffset? Time { get; }

    /// <summary>Starts at a message number of the server or, if that message is gone, at the next one.</summary>
    /// <param name="sequence">The number, from 1.</param>
    public static StartPosition At(long sequence)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sequence, 1);
        return new(StartKind.Sequence, sequence);
    }

    /// <summary>Starts at the first message that the server received at or after a time.</summary>
    public static StartPosition At(DateTimeOffset time) => new(StartKind.Time, null, time);

    /// <inheritdoc />
    public override string ToString() => Kind switch
    {
        StartKind.Sequence => FormattableString.Invariant($"message {Sequence}"),
        StartKind.Time => FormattableString.Invariant($"{Time:O}"),
        _ => Kind.ToString(),
    };
}

internal enum StartKind { New, All, LastPerTopic, Sequence, Time }
