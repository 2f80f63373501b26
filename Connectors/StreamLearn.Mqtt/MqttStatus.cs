using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace StreamLearn.Mqtt;

/// <summary>What a transport's sessions are doing, at one moment. It prints as one line.</summary>
/// <param name="Publishing">The session that publishes.</param>
/// <param name="Subscriptions">Those that subscribe, in the order of subscribing.</param>
public sealed record MqttStatus(MqttSessionStatus Publishing, ImmutableArray<MqttSessionStatus> Subscriptions)
{
    /// <summary>All sessions in a line, parted by <c>|</c>.</summary>
    public override string ToString() => string.Join(" | ", [Publishing, .. Subscriptions]);
}

/// <summary>What one session is doing, at one moment; counts go on over connections. It prints as one line.</summary>
public sealed record MqttSessionStatus
{
    /// <summary>The session's identifier.</summary>
    public required string ClientId { get; init; }

    /// <summary>What it subscribes to; null for the session that publishes.</summary>
    public string? Filter { get; init; }

    /// <summary>The QoS that the server has granted, which may be less than was asked for; null: none, or it publishes.</summary>
    public int? GrantedQos { get; init; }

    /// <summary>True while the server has accepted a connection.</summary>
    public bool IsConnected { get; init; }

    /// <summary>Bytes of the largest packet that the server takes, as it said when it was last connected; null: it has not said, or MQTT
    /// 3.1.1 is spoken, which has no word for it.</summary>
    public long? MaxPacketBytes { get; init; }

    /// <summary>Messages that may still be sent to the server, or by it.</summary>
    public int Credit { get; init; }

    /// <summary>Messages sent and not confirmed, or taken and not acknowledged.</summary>
    public int InFlight { get; init; }

    /// <summary>Messages that wait to be sent, or to be delivered.</summary>
    public int Waiting { get; init; }

    /// <summary>Messages taken.</summary>
    public long Received { get; init; }

    /// <summary>Messages published and confirmed; of QoS 0, written.</summary>
    public long Published { get; init; }

    /// <summary>Those of them that the server had no subscriber for and, if they were not to be retained, threw away; counted with MQTT 5
    /// at QoS 1 and 2, where the server says so.</summary>
    public long WithoutSubscriber { get; init; }

    /// <summary>Messages that came again or were sent again; of those that came, also the ones that a server had sent to this client's
    /// session before the program began.</summary>
    public long Redeliveries { get; init; }

    /// <summary>Connections that the server accepted.</summary>
    public long Connects { get; init; }

    /// <summary>Those that were lost.</summary>
    public long Losses { get; init; }

    /// <summary>Bytes that came.</summary>
    public long BytesReceived { get; init; }

    /// <summary>Bytes that were sent.</summary>
    public long BytesSent { get; init; }

    /// <summary>Messages of QoS 0 that came while as many as the capacity were undelivered: <c>over-credit</c>.</summary>
    public long Dropped { get; init; }

    /// <summary>Messages over the largest packet that is taken, which were passed over and acknowledged: <c>oversized</c>; MQTT 3.1.1
    /// only, whose servers cannot be told.</summary>
    public long Oversized { get; init; }

    /// <summary>Messages that the pipeline refused; they are not acknowledged.</summary>
    public long Refused { get; init; }

    /// <summary>Pings whose answer was not waited for, because nothing was read; MQTT 3.1.1 only.</summary>
    public long SuspendedPings { get; init; }

    /// <summary>Why the last connection ended, or could not be made; empty: none did.</summary>
    public string LastFault { get; init; } = "";

    /// <summary>What it does and what it has counted, in a line; what did not occur is left out.</summary>
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
