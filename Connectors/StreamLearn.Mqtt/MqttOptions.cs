using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Serialization;

namespace StreamLearn.Mqtt;

/// <summary>Settings of an <see cref="MqttTransport"/>. They print without secrets.</summary>
public sealed record MqttOptions
{
    /// <summary>
    /// Where the server is: <c>mqtt://host[:1883]</c>, <c>mqtts://host[:8883]</c>, <c>ws://host[:80]/path</c>,
    /// <c>wss://host[:443]/path</c>; user and password in it are taken, and never printed. Default <c>mqtt://localhost</c>.
    /// </summary>
    public Uri Server { get; init; } = new("mqtt://localhost");

    /// <summary>The version of the protocol. Default 5.0.</summary>
    public MqttVersion Version { get; init; } = MqttVersion.V5;

    /// <summary>
    /// What the sessions' client identifiers begin with, 1 to 60 characters; it has to be the device's own for sessions to last. The
    /// session that publishes has it as it is, those that subscribe have a number after it. Default: a random one for each transport,
    /// whose sessions end with it; with 3.1.1, which cannot say so, subscriptions unsubscribe before they leave.
    /// </summary>
    public string ClientId { get; init; } = "";

    /// <summary>False: sessions last over connections, and after the program's end as long as <see cref="SessionExpiry"/>. Default
    /// false.</summary>
    public bool CleanStart { get; init; }

    /// <summary>How long the server keeps a session without a connection; MQTT 5 only. Default a day.</summary>
    public TimeSpan SessionExpiry { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Something is sent at least this often, and a server that is silent (stopped, or gone without a word) is left within one and
    /// a half times this; 1 s to 18 h. Default 30 s. A server may ask for another.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>QoS of what is subscribed to, 0 to 2. Default 1.</summary>
    public int SubscribeQos { get; init; } = 1;

    /// <summary>QoS of what is published, 0 to 2. Default 1.</summary>
    public int PublishQos { get; init; } = 1;

    /// <summary>How long a published message is of use; MQTT 5 only. Null, the default: for ever.</summary>
    public TimeSpan? PublishExpiry { get; init; }

    /// <summary>
    /// Messages that may be published and not yet confirmed; beyond, a publisher waits. 1 to 65,535. Null, the default: 256, but 20 at
    /// QoS 2 with MQTT 3.1.1. There a server has no way to say how many it takes: mosquitto takes 20 (<c>max_inflight_messages</c>), and
    /// confirms and loses what is more. Set a number only up to the server's.
    /// </summary>
    public int? PublishInFlight { get; init; }

    /// <summary>Bytes of the largest packet that is taken, header included; a server that sends a larger one is left. Default 64 MiB + 1
    /// KiB.</summary>
    public int MaximumPacketBytes { get; init; } = (64 << 20) + 1024;

    /// <summary>Limit on everything a server does before a connection is ready: resolve, connect, TLS, CONNACK. Default 10 s.</summary>
    public TimeSpan ConnectDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Limit on an answer of the server, and on its taking bytes; also how long a subscription that a reachable server does not
    /// answer holds publications up. Default 30 s.</summary>
    public TimeSpan ReplyDeadline { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The longest first wait before a connection is tried again, with full jitter. Later ones grow to four times as long while the server
    /// cannot be reached, and up to <see cref="MaxReconnectDelay"/> while it takes connections and loses them within 2 s; from the third
    /// such one on they are at least half as long as they may be. A connection over which 10 messages or more went was useful, however
    /// short: the wait after it is at most four times this, 1 s by default. Default 0.25 s.
    /// </summary>
    public TimeSpan InitialReconnectDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest wait before a connection is tried again. Default 10 s.</summary>
    public TimeSpan MaxReconnectDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gives user name and password at every connect; null, the default: those of <see cref="Server"/>, or none. What it throws is noted by
    /// its type alone and tried again; a file that is not there or may not be read fails a session that has never been connected.
    /// </summary>
    public Func<CancellationToken, ValueTask<MqttCredentials>>? Credentials { get; init; }

    /// <summary>Roots that a server's certificate must lead to; null, the default: the system's.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>The client's own certificate, with its key; null, the default: none.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>What the server publishes when the publishing session's connection is lost; null, the default: nothing.</summary>
    public MqttWill? Will { get; init; }

    /// <summary><see cref="PublishInFlight"/>, or its default.</summary>
    internal int MaxInFlight => PublishInFlight ?? (Version == MqttVersion.V311 && PublishQos == 2 ? 20 : 256);

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant(
        $"{Connector.Place(this)} version {Version}, client {(ClientId.Length == 0 ? "at random" : ClientId)}, keep-alive {KeepAlive}");
}

/// <summary>User name and password. They do not print, and the password is not written as JSON.</summary>
/// <param name="UserName">The user name, at most <see cref="MaxBytes"/> of UTF-8.</param>
/// <param name="Password">The password's bytes, at most <see cref="MaxBytes"/>.</param>
/// <exception cref="ArgumentException">The user name is null, has U+0000 or half of a surrogate pair, or one of the two is too
/// long.</exception>
public sealed record MqttCredentials(string UserName, ReadOnlyMemory<byte> Password)
{
    /// <summary>Bytes of a user name, and of a password, at most. Source: MQTT 5.0, sections 3.1.3.5 and 3.1.3.6.</summary>
    public const int MaxBytes = 65_535;

    /// <summary>The user name.</summary>
    /// <exception cref="ArgumentException">It is null, has U+0000 or half of a surrogate pair, or is too long.</exception>
    public string UserName { get; init => field = Checked(value, nameof(UserName)); } = Checked(UserName, nameof(UserName));

    /// <summary>The password's bytes.</summary>
    /// <exception cref="ArgumentException">They are too many.</exception>
    [JsonIgnore]
    public ReadOnlyMemory<byte> Password { get; init => field = Checked(value, nameof(Password)); } = Checked(Password, nameof(Password));

    /// <summary>Reads a file: the user name in its first line, the password in its second; a line that is not there is empty.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static async ValueTask<MqttCredentials> FromFileAsync(string path, CancellationToken cancellationToken)
    {
        var lines = await File.ReadAllLinesAsync(path, cancellationToken).ConfigureAwait(false);
        return new(lines.Length > 0 ? lines[0] : "", Encoding.UTF8.GetBytes(lines.Length > 1 ? lines[1] : ""));
    }

    /// <inheritdoc />
    public override string ToString() => "credentials";

    // what is wrong is told without the text, which may be a secret
    private static string Checked(string name, string property)
    {
        ArgumentNullException.ThrowIfNull(name, property);
        if (!PacketText.IsText(name))
        {
            throw new ArgumentException("expected a user name without U+0000 and halves of surrogate pairs", property);
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
