namespace Aggregator;

internal enum DeviceStanding
{
    Active,

    /// <summary>The device has sent no update yet.</summary>
    Waiting,

    /// <summary>At least twice the fleet's median time per step.</summary>
    Slow,

    /// <summary>The last update was refused.</summary>
    Refused,

    /// <summary>Silent for too long; not counted as present.</summary>
    Quiet,

    Left,
}

/// <summary>A snapshot; its texts are sanitized.</summary>
internal sealed record DeviceStatus(
    int Id, string Name, DateTimeOffset LastSeen, DeviceStanding State, string Reason, long Applied, long Refused, int? P50, int? P95,
    long Change, string Says = "")
{
    /// <summary>Updates applied with less weight than claimed.</summary>
    internal long Capped { get; init; }

    /// <summary>The device's own accuracy; null: nothing reported.</summary>
    internal OwnAccuracy? Own { get; init; }

    internal DeviceStanding StateAt(DateTimeOffset now, TimeSpan quietAfter) =>
        State != DeviceStanding.Left && now - LastSeen > quietAfter ? DeviceStanding.Quiet : State;
}
