using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;

namespace StreamLearn.Testing;

/// <summary>How a <see cref="Mosquitto"/> is set up.</summary>
public sealed record MosquittoOptions
{
    /// <summary>True: sessions and messages are on disk a second after they changed, at the latest. Default false.</summary>
    public bool Durable { get; init; }

    /// <summary>Most messages of a client that are sent and not acknowledged; its receive maximum in MQTT 5. Null, the default:
    /// 20.</summary>
    public int? InFlight { get; init; }

    /// <summary>Bytes of the largest packet; clients of MQTT 5 are told. Null, the default: no limit.</summary>
    public int? MaxPacketBytes { get; init; }

    /// <summary>Most clients of the port without TLS at once. Null, the default: no limit.</summary>
    public int? MaxConnections { get; init; }

    /// <summary>Users and their passwords; none, the default: everybody may connect.</summary>
    public ImmutableDictionary<string, string> Users { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Lines of the access list, such as <c>user reader</c>, <c>topic read plant/#</c>. None, the default: everything is
    /// allowed.</summary>
    public ImmutableArray<string> Access { get; init; } = [];

    /// <summary>The server's certificate with its key, for a second port that speaks TLS. Null, the default: there is none.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Who issues the certificates that clients must show; null, the default: they need none.</summary>
    public X509Certificate2? ClientAuthority { get; init; }

    /// <summary>True: the port with TLS speaks WebSocket. Default false.</summary>
    public bool WebSockets { get; init; }

    /// <summary>True: the log names each packet. Default false.</summary>
    public bool LogsPackets { get; init; }

    /// <summary>Further lines of the port without TLS.</summary>
    public ImmutableArray<string> AtListener { get; init; } = [];

    /// <summary>Further lines of the configuration.</summary>
    public ImmutableArray<string> More { get; init; } = [];
}
