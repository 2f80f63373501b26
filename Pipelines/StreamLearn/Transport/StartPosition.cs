namespace StreamLearn;

/// <summary>Which messages a subscription begins with, where somebody keeps what was published before. Default: what is published from
/// now on.</summary>
public readonly record struct StartPosition
{
    private StartPosition(StartKind kind, long sequence = 0, DateTimeOffset time = default) =>
        (Kind, Sequence, Time) = (kind, sequence, time);

    /// <summary>What is published from now on.</summary>
    public static StartPosition New => default;

    /// <summary>All that was kept.</summary>
    public static StartPosition All => new(StartKind.All);

    /// <summary>The newest message of each topic.</summary>
    public static StartPosition LastPerTopic => new(StartKind.LastPerTopic);

    /// <summary>What it is.</summary>
    public StartKind Kind { get; }

    /// <summary>The number of the first message, for <see cref="StartKind.Sequence"/>.</summary>
    public long Sequence { get; }

    /// <summary>The time of the first message, for <see cref="StartKind.Time"/>.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>The message that a server gave a number, or the next one after it.</summary>
    /// <param name="sequence">The number, from 1.</param>
    public static StartPosition At(long sequence)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sequence, 1);
        return new(StartKind.Sequence, sequence);
    }

    /// <summary>The first message that a server took at a time or later.</summary>
    /// <param name="time">The time.</param>
    public static StartPosition At(DateTimeOffset time) => new(StartKind.Time, 0, time);

    /// <inheritdoc />
    public override string ToString() => Kind switch
    {
        StartKind.Sequence => FormattableString.Invariant($"message {Sequence}"),
        StartKind.Time => FormattableString.Invariant($"{Time:O}"),
        _ => Kind.ToString(),
    };
}

/// <summary>How the messages are named that a subscription begins with.</summary>
public enum StartKind
{
    /// <summary>What is published from now on.</summary>
    New,

    /// <summary>All that was kept.</summary>
    All,

    /// <summary>The newest message of each topic.</summary>
    LastPerTopic,

    /// <summary>By the number that the server gave a message.</summary>
    Sequence,

    /// <summary>By the time at which the server took a message.</summary>
    Time,
}
