using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace StreamLearn.Mqtt;

/// <summary>The status of a transport's sessions, printed as one line.</summary>
/// <param name="Publishing">The publishing session.</param>
/// <param name="Subscriptions">The subscribing sessions in order.</param>
public sealed record MqttStatus(MqttSessionStatus Publishing, ImmutableArray<MqttSessionStatus> Subscriptions)
{
    /// <summary>Returns all sessions in a line, separated by <c>|</c>.</summary>
    public override string ToString() => string.Join(" | ", [Publishing, .. Subscriptions]);
}

/// <summary>The status of a session, printed as one line; counts span connections.</summary>
public sealed record MqttSessionStatus
{
    /// <summary>The session's identifier.</summary>
    public required string ClientId { get; init; }

    /// <summary>The filter subscribed to; null: it publishes.</summary>
    public string? Filter { get; init; }

    /// <summary>The granted QoS, possibly below the requested; null: none, or it publishes.</summary>
    public int? GrantedQos { get; init; }

    /// <summary>True while connected.</summary>
    public bool IsConnected { get; init; }

    /// <summary>The server's maximum packet, in bytes, at the last connect; null: not stated, or MQTT 3.1.1.</summary>
    public long? MaxPacketBytes { get; init; }

    /// <summary>The remaining messages that may be sent to the server, or by it.</summary>
    public int Credit { get; init; }

    /// <summary>Sent, unconfirmed messages, or received, unacknowledged ones.</summary>
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

    /// <summary>Bytes sent.</summary>
    public long BytesSent { get; init; }

    /// <summary>QoS 0 messages dropped beyond the capacity: <c>over-credit</c>.</summary>
    public long Dropped { get; init; }

    /// <summary>Messages above the maximum packet, skipped and acknowledged: <c>oversized</c>; MQTT 3.1.1 only, which cannot state a
    /// limit.</summary>
    public long Oversized { get; init; }

    /// <summary>Messages refused by the pipeline; not acknowledged.</summary>
    public long Refused { get; init; }

    /// <summary>Pings whose answer was not awaited because reading was paused; MQTT 3.1.1 only.</summary>
    public long SuspendedPings { get; init; }

    /// <summary>The last connection failure; empty: none.</summary>
    public string LastFault { get; init; } = "";

    /// <summary>Returns status and nonzero counts in a line.</summary>
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
