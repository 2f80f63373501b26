namespace Aggregator;

internal enum DeviceStanding
{
    Active,

    /// <summary>The device has sent no update yet.</summary>
    Waiting,

    /// <summary>The device takes at least twice the fleet's median time per step.</summary>
    Slow,

    Refused,

    /// <summary>The device has been silent too long and does not count as present.</summary>
    Quiet,

    Left,
}

/// <summary>A snapshot with sanitized strings.</summary>
internal sealed record DeviceStatus(
    int Id, string Name, DateTimeOffset LastSeen, DeviceStanding State, string Reason, long Applied, long Refused, int? P50, int? P95,
    long Change, string Says = "")
{
    /// <summary>Updates applied with less weight than claimed.</summary>
    internal long Capped { get; init; }

    /// <summary>The device's own accuracy; null: nothing reported.</summary>
    internal OwnAccuracy? Own { get; init; }

    /// <summary>What the device told last, with sanitized strings; null: nothing.</summary>
    internal DeviceNews? News { get; init; }

    internal DeviceStanding StateAt(DateTimeOffset now, TimeSpan quietAfter) =>
        State != DeviceStanding.Left && now - LastSeen > quietAfter ? DeviceStanding.Quiet : State;
}
