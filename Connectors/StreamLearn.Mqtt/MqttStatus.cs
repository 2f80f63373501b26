using System.Collections.Frozen;
using System.Collections.Immutable;

namespace StreamLearn.Mqtt;

/// <summary>What a transport's sessions are doing, at one moment.</summary>
/// <param name="Publishing">The session that publishes.</param>
/// <param name="Subscriptions">Those that subscribe, in the order of subscribing.</param>
public sealed record MqttStatus(MqttSessionStatus Publishing, ImmutableArray<MqttSessionStatus> Subscriptions);

/// <summary>What one session is doing, at one moment; counts go on over connections.</summary>
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

    /// <summary>Messages that came again or were sent again.</summary>
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

    /// <summary>Messages on topics <c>sl/…</c> that had no valid envelope; they are dropped and acknowledged.</summary>
    public long Malformed => MalformedBy.Values.Sum();

    /// <summary>The same by what was wrong with the envelope; what did not occur is absent.</summary>
    public IReadOnlyDictionary<EnvelopeFault, long> MalformedBy { get; init; } = FrozenDictionary<EnvelopeFault, long>.Empty;

    /// <summary>Messages that the pipeline refused; they are not acknowledged.</summary>
    public long Refused { get; init; }

    /// <summary>Pings whose answer was not waited for, because nothing was read; MQTT 3.1.1 only.</summary>
    public long SuspendedPings { get; init; }

    /// <summary>Why the last connection ended, or could not be made; empty: none did.</summary>
    public string LastFault { get; init; } = "";
}
