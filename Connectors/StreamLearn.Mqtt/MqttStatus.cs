using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace StreamLearn.Mqtt;

/// <summary>The status of a transport's sessions, printed as one line.</summary>
/// <param name="Publishing">The publishing session.</param>
/// <param name="Subscriptions">The sessions that subscribe, in order.</param>
public sealed record MqttStatus(MqttSessionStatus Publishing, ImmutableArray<MqttSessionStatus> Subscriptions)
{
    /// <summary>Returns all sessions in one line, separated by <c>|</c>.</summary>
    public override string ToString() => string.Join(" | ", [Publishing, .. Subscriptions]);
}

/// <summary>The status of a session, printed as one line. Counts include all connections.</summary>
public sealed record MqttSessionStatus
{
    /// <summary>The session's identifier.</summary>
    public required string ClientId { get; init; }

    /// <summary>The subscribed filter; null if the session publishes.</summary>
    public string? Filter { get; init; }

    /// <summary>The granted QoS, which may be below the requested one; null: none, or the session publishes.</summary>
    public int? GrantedQos { get; init; }

    /// <summary>True while connected.</summary>
    public bool IsConnected { get; init; }

    /// <summary>The maximum packet size of the server, in bytes, at the last connection; null: not stated, or MQTT 3.1.1.</summary>
    public long? MaxPacketBytes { get; init; }

    /// <summary>Number of messages that may still be sent to the server, or by it.</summary>
    public int Credit { get; init; }

    /// <summary>Number of messages sent but not confirmed, or received but not acknowledged.</summary>
    public int InFlight { get; init; }

    /// <summary>Messages not yet sent or delivered.</summary>
    public int Waiting { get; init; }

    /// <summary>Messages received.</summary>
    public long Received { get; init; }

    /// <summary>Messages published and confirmed; at QoS 0, written.</summary>
    public long Published { get; init; }

    /// <summary>Published messages without a subscriber, discarded unless retained; MQTT 5 at QoS 1 and 2, if the server reports
    /// it.</summary>
    public long WithoutSubscriber { get; init; }

    /// <summary>Messages received or sent again, including those first sent to this session before the program started.</summary>
    public long Redeliveries { get; init; }

    /// <summary>Accepted connections.</summary>
    public long Connects { get; init; }

    /// <summary>Lost connections.</summary>
    public long Losses { get; init; }

    /// <summary>Bytes received.</summary>
    public long BytesReceived { get; init; }

    /// <summary>Bytes that the device sent.</summary>
    public long BytesSent { get; init; }

    /// <summary>QoS 0 messages dropped beyond the capacity: <c>over-credit</c>.</summary>
    public long Dropped { get; init; }

    /// <summary>Messages above the maximum packet size, which were skipped and acknowledged: <c>oversized</c>; only with MQTT 3.1.1, which
    /// cannot state a limit.</summary>
    public long Oversized { get; init; }

    /// <summary>Messages that the pipeline refused; they are not acknowledged.</summary>
    public long Refused { get; init; }

    /// <summary>Pings whose answer was not awaited, because reading was paused; only with MQTT 3.1.1.</summary>
    public long SuspendedPings { get; init; }

    /// <summary>The last failure of the connection; empty: none.</summary>
    public string LastFault { get; init; } = "";

    /// <summary>Returns the status and nonzero counts in one line.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(ClientId).Append(Filter is null ? " publishing" : $" '{Filter}'");
        if (GrantedQos is { } qos) { text.Append(CultureInfo.InvariantCulture, $" QoS {qos}"); }
        text.Append(IsConnected ? ": connected" : Connects == 0 ? ": never connected" : ": not connected");
        (string What, long Count)[] counts =
        [
            ("received", Received), ("published", Published), ("without a subscriber", WithoutSubscriber),
            ("in flight", InFlight), ("waiting", Waiting), ("redelivered", Redeliveries),
            ("dropped over-credit", Dropped), ("oversized", Oversized), ("refused", Refused), ("connections lost", Losses),
        ];
        foreach (var (what, count) in counts.Where(c => c.Count > 0)) { text.Append(CultureInfo.InvariantCulture, $", {count} {what}"); }
        return LastFault.Length == 0 ? text.ToString() : text.Append("; last fault: ").Append(LastFault).ToString();
    }
}
