using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace StreamLearn.Mqtt;

/// <summary>Settings of an <see cref="MqttBroker"/>. They print without secrets.</summary>
public sealed record MqttBrokerOptions
{
    /// <summary>Where clients connect; port 0 takes a free one. Default 127.0.0.1:1883.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 1883);

    /// <summary>The certificate with its key, by which every connection is encrypted; null, the default: none is.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Who may connect; empty, the default: everybody, with all rights.</summary>
    public ImmutableArray<MqttBrokerLogin> Logins { get; init; } = [];

    /// <summary>True: an address that other machines reach is taken without TLS or without logins. Default false.</summary>
    public bool AllowInsecure { get; init; }

    /// <summary>Bytes of the largest packet of a client, 1 KiB to 256 MiB; a client that announces more is closed before memory is taken
    /// for it. Default 4 MiB.</summary>
    public int MaxPacketBytes { get; init; } = 4 << 20;

    /// <summary>Connections at a time, 1 to 100,000; more are refused, and a login has half of them at most. Twice as many sessions
    /// are kept; then of the login with the most that are away the one that has been for longest ends. Default 4,096.</summary>
    public int MaxConnections { get; init; } = 4096;

    /// <summary>Messages that wait for one client, 1 to 1,000,000: sent and not acknowledged, or not sent. Default 10,000.</summary>
    public int MaxPendingMessages { get; init; } = 10_000;

    /// <summary>Bytes of all messages that wait for clients, 1 MiB to 64 GiB, and at most a quarter of them for one. Default 128
    /// MiB.</summary>
    public long MaxPendingBytes { get; init; } = 128 << 20;

    /// <summary>Messages that are retained, 0 to 100,000; a message on one topic more is refused. Default 1,024, together
    /// of at most 32 MiB, or of four packets of <see cref="MaxPacketBytes"/> if that is more.</summary>
    public int MaxRetainedMessages { get; init; } = 1024;

    /// <summary>How long a session without a connection is kept at most, a second to 30 days; also how long a session of MQTT 3.1.1 is,
    /// which cannot say it. Default a day.</summary>
    public TimeSpan MaxSessionExpiry { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How long a publisher is held back for a connected client that acknowledges less than a hundredth of the messages that
    /// wait for it while they are too many; then that client's session ends. A tenth of it, where too many bytes wait for all. A second to
    /// an hour. Default 30 s.</summary>
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
            throw new ArgumentException("expected a certificate with its key", nameof(Certificate));
        }

        if (Logins.DistinctBy(static l => l.UserName, StringComparer.Ordinal).Count() != Logins.Length)
        {
            throw new ArgumentException("expected each user name once", nameof(Logins));
        }

        if (!AllowInsecure && !IPAddress.IsLoopback(Listen.Address) && (Certificate is null || Logins.IsEmpty))
        {
            throw new ArgumentException(
                $"{Listen.Address} is reached by other machines: expected a certificate and logins there, or {nameof(AllowInsecure)}",
                nameof(Listen));
        }
    }

    private static void Between(long value, long min, long max, string name)
    {
        if (value < min || value > max) { throw new ArgumentOutOfRangeException(name, value, $"expected {min} to {max}"); }
    }
}
