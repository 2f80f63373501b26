using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace StreamLearn.Mqtt;

/// <summary>Settings of an <see cref="MqttBroker"/>, which print without secrets.</summary>
public sealed record MqttBrokerOptions
{
    /// <summary>The address on which it listens; port 0: a free port. Default 127.0.0.1:1883.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 1883);

    /// <summary>The TLS certificate with its key; null (default): no encryption.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>The allowed logins; empty (default): everybody, with all rights.</summary>
    public ImmutableArray<MqttBrokerLogin> Logins { get; init; } = [];

    /// <summary>True: allows a public address without TLS or logins. Default false.</summary>
    public bool AllowInsecure { get; init; }

    /// <summary>Maximum size of a client's packet in bytes, 1 KiB to 256 MiB. If a packet announces a larger size, its connection is closed
    /// before memory is allocated. Default 4 MiB.</summary>
    public int MaxPacketBytes { get; init; } = 4 << 20;

    /// <summary>Maximum number of connections, 1 to 100,000. Further ones are refused, and a login has at most half. The broker keeps twice
    /// that number of sessions. If there are more, the longest disconnected session of the login with the most ends. Default
    /// 4,096.</summary>
    public int MaxConnections { get; init; } = 4096;

    /// <summary>Maximum number of unsent or unacknowledged messages per client, 1 to 1,000,000. Default 10,000.</summary>
    public int MaxPendingMessages { get; init; } = 10_000;

    /// <summary>Maximum size of all queued messages in bytes, 1 MiB to 64 GiB; a client has at most a quarter. Default 128 MiB.</summary>
    public long MaxPendingBytes { get; init; } = 128 << 20;

    /// <summary>Maximum number of retained messages, 0 to 100,000; further topics are refused. Default 1,024. Together they have at most 32
    /// MiB, or four packets of <see cref="MaxPacketBytes"/> if that is larger.</summary>
    public int MaxRetainedMessages { get; init; } = 1024;

    /// <summary>The longest time to keep a disconnected session, a second to 30 days; always used for MQTT 3.1.1. Default a day.</summary>
    public TimeSpan MaxSessionExpiry { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How long publishers are blocked for a connected client that acknowledges less than a hundredth of a full queue, before the
    /// session of that client ends; a tenth of that if too many bytes are queued in total. A second to an hour. Default 30 s.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant(
        $"{Listen}, {(Certificate is null ? "no TLS" : "TLS")}, {(Logins.IsEmpty ? "no logins" : $"{Logins.Length} logins")}");

    internal void Check()
    {
        ArgumentNullException.ThrowIfNull(Listen);
        Between(MaxPacketBytes, 1 << 10, 256 << 20, nameof(MaxPacketBytes));
        Between(MaxConnections, 1, 100_000, nameof(MaxConnections));
        Between(MaxPendingMessages, 1, 1_000_000, nameof(MaxPendingMessages));
        Between(MaxPendingBytes, 1 << 20, 64L << 30, nameof(MaxPendingBytes));
        Between(MaxRetainedMessages, 0, 100_000, nameof(MaxRetainedMessages));
        Between((long)MaxSessionExpiry.TotalSeconds, 1, 30 * 86_400, nameof(MaxSessionExpiry));
        Between((long)Patience.TotalSeconds, 1, 3600, nameof(Patience));
        if (Certificate is { HasPrivateKey: false })
        {
            throw new ArgumentException("expected a certificate with its private key", nameof(Certificate));
        }

        if (Logins.DistinctBy(static l => l.UserName, StringComparer.Ordinal).Count() != Logins.Length)
        {
            throw new ArgumentException("expected each user name once", nameof(Logins));
        }

        if (!AllowInsecure && !IPAddress.IsLoopback(Listen.Address) && (Certificate is null || Logins.IsEmpty))
        {
            throw new ArgumentException(
                $"other machines can reach {Listen.Address}: expected a certificate and logins, or {nameof(AllowInsecure)}",
                nameof(Listen));
        }
    }

    private static void Between(long value, long min, long max, string name)
    {
        if (value < min || value > max) { throw new ArgumentOutOfRangeException(name, value, $"expected {min} to {max}"); }
    }
}
