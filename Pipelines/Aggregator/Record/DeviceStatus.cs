namespace Aggregator;

/// <summary>How a device stands.</summary>
internal enum DeviceStanding
{
    /// <summary>Its updates are accepted.</summary>
    Active,

    /// <summary>No update of it has come yet.</summary>
    Waiting,

    /// <summary>It takes twice as long for a step as the fleet's median, or longer.</summary>
    Slow,

    /// <summary>Its last update was refused.</summary>
    Refused,

    /// <summary>It has said nothing for longer than it may, and does not count as there.</summary>
    Quiet,

    /// <summary>It has said that it leaves.</summary>
    Left,
}

/// <summary>A device as it was at one moment. Its texts may be shown anywhere.</summary>
internal sealed record DeviceStatus(
    int Id, string Name, DateTimeOffset LastSeen, DeviceStanding State, string Reason, long Applied, long Refused, int? P50, int? P95,
    long Change, string Says = "")
{
    /// <summary>Updates that went into versions for less than the device claimed.</summary>
    internal long Capped { get; init; }

    /// <summary>How it answered its own windows; null: it has not said.</summary>
    internal OwnAccuracy? Own { get; init; }

    /// <summary>How it stands at a time. <paramref name="quietAfter"/>: after this time without a word of it, it is quiet.</summary>
    internal DeviceStanding StateAt(DateTimeOffset now, TimeSpan quietAfter) =>
        State != DeviceStanding.Left && now - LastSeen > quietAfter ? DeviceStanding.Quiet : State;
}
