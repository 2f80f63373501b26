using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Serialization;

namespace StreamLearn.Mqtt;

/// <summary>Settings of an <see cref="MqttTransport"/>, which print without secrets.</summary>
public sealed record MqttOptions
{
    /// <summary>The server: <c>mqtt://host[:1883]</c>, <c>mqtts://host[:8883]</c>, <c>ws://host[:80]/path</c>,
    /// <c>wss://host[:443]/path</c>; may include user and password, which are never printed. Default <c>mqtt://localhost</c>.</summary>
    public Uri Server { get; init; } = new("mqtt://localhost");

    /// <summary>The protocol version. Default 5.0.</summary>
    public MqttVersion Version { get; init; } = MqttVersion.V5;

    /// <summary>The prefix of the client identifiers of the sessions, 1 to 60 characters; unique per device for persistent sessions. The
    /// publishing session uses it unchanged, and subscriptions append a number. Default: random per transport, whose sessions end with it;
    /// with 3.1.1, subscriptions unsubscribe instead.</summary>
    public string ClientId { get; init; } = "";

    /// <summary>False (default): sessions survive connections, and the program for <see cref="SessionExpiry"/>.</summary>
    public bool CleanStart { get; init; }

    /// <summary>How long the server keeps a disconnected session; MQTT 5 only. Default a day.</summary>
    public TimeSpan SessionExpiry { get; init; } = TimeSpan.FromDays(1);

    /// <summary>The longest time without sending, 1 s to 18 h. A silent server is disconnected within one and a half times that. Default 30
    /// s. The server may override it.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>QoS of subscriptions, 0 to 2. Default 1.</summary>
    public int SubscribeQos { get; init; } = 1;

    /// <summary>QoS of publications, 0 to 2. Default 1.</summary>
    public int PublishQos { get; init; } = 1;

    /// <summary>The lifetime of a published message; MQTT 5 only. Null (default): unlimited.</summary>
    public TimeSpan? PublishExpiry { get; init; }

    /// <summary>Maximum number of unconfirmed publications, 1 to 65,535; if there are more, a publisher waits. Null (default): 256, but 20
    /// at QoS 2 with MQTT 3.1.1, where a server cannot state its limit: mosquitto accepts 20 (<c>max_inflight_messages</c>), and confirms
    /// but loses more. Never exceed the server's limit.</summary>
    public int? PublishInFlight { get; init; }

    /// <summary>Maximum size of a received packet with its header in bytes; a larger one ends the connection. Default 64 MiB + 1
    /// KiB.</summary>
    public int MaximumPacketBytes { get; init; } = (64 << 20) + 1024;

    /// <summary>Time limit for resolving the name, connecting, TLS and CONNACK together. Default 10 s.</summary>
    public TimeSpan ConnectDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time limit for a reply from a server, and for the server to accept bytes; also how long an unanswered subscription delays
    /// publications. Default 30 s.</summary>
    public TimeSpan ReplyDeadline { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest first delay before reconnecting, with full jitter. While the server is unreachable, it grows to four times
    /// this; while connections are lost within 2 s, to <see cref="MaxReconnectDelay"/>, and from the third such loss the delay is at least
    /// half of the longest. After a connection with at least 10 messages, it is at most four times this. Default 0.25 s.</summary>
    public TimeSpan InitialReconnectDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest delay before reconnecting. Default 10 s.</summary>
    public TimeSpan MaxReconnectDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Returns user name and password for each connection attempt; null (default): those of <see cref="Server"/>, or none. An
    /// exception is recorded by its type, and the attempt is retried; a missing or unreadable file fails a session that was never
    /// connected.</summary>
    public Func<CancellationToken, ValueTask<MqttCredentials>>? Credentials { get; init; }

    /// <summary>Trusted roots for the server's certificate; null (default): the system's.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>The client certificate with its key; null (default): none.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>The message published if the publishing session's connection is lost; null (default): none.</summary>
    public MqttWill? Will { get; init; }

    internal int MaxInFlight => PublishInFlight ?? (Version == MqttVersion.V311 && PublishQos == 2 ? 20 : 256);

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant(
        $"{Connector.Place(this)} version {Version}, client {(ClientId.Length == 0 ? "at random" : ClientId)}, keep-alive {KeepAlive}");
}

/// <summary>User name and password. Neither is printed, and the password is not written as JSON.</summary>
/// <param name="UserName">The user name, at most <see cref="MaxBytes"/> of UTF-8.</param>
/// <param name="Password">The password, at most <see cref="MaxBytes"/>.</param>
/// <exception cref="ArgumentException">The user name is null, has U+0000 or half a surrogate pair, or a value is too long.</exception>
public sealed record MqttCredentials(string UserName, ReadOnlyMemory<byte> Password)
{
    /// <summary>Maximum number of bytes in a user name or password. Source: MQTT 5.0, sections 3.1.3.5 and 3.1.3.6.</summary>
    public const int MaxBytes = 65_535;

    /// <summary>The user name.</summary>
    /// <exception cref="ArgumentException">The user name is null, has U+0000 or half a surrogate pair, or is too long.</exception>
    public string UserName { get; init => field = Checked(value, nameof(UserName)); } = Checked(UserName, nameof(UserName));

    /// <summary>The password's bytes.</summary>
    /// <exception cref="ArgumentException">The password is too long.</exception>
    [JsonIgnore]
    public ReadOnlyMemory<byte> Password { get; init => field = Checked(value, nameof(Password)); } = Checked(Password, nameof(Password));

    /// <summary>Reads a file: the user name in line 1, the password in line 2; absent lines count as empty.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static async ValueTask<MqttCredentials> FromFileAsync(string path, CancellationToken cancellationToken)
    {
        var lines = await File.ReadAllLinesAsync(path, cancellationToken).ConfigureAwait(false);
        return new(lines.Length > 0 ? lines[0] : "", Encoding.UTF8.GetBytes(lines.Length > 1 ? lines[1] : ""));
    }

    /// <inheritdoc />
    public override string ToString() => "credentials";

    // errors omit the value, which may be a secret
    private static string Checked(string name, string property)
    {
        ArgumentNullException.ThrowIfNull(name, property);
        if (!PacketText.IsText(name))
        {
            throw new ArgumentException("expected a user name without U+0000 and unpaired surrogates", property);
        }

        Checked(Encoding.UTF8.GetByteCount(name), "a user name", property);
        return name;
    }

    private static ReadOnlyMemory<byte> Checked(ReadOnlyMemory<byte> password, string property)
    {
        Checked(password.Length, "a password", property);
        return password;
    }

    private static void Checked(int bytes, string what, string property)
    {
        if (bytes > MaxBytes) { throw new ArgumentException($"expected {what} of at most {MaxBytes} bytes, got {bytes}", property); }
    }
}
