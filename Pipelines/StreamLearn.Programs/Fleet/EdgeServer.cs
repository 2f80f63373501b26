using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using StreamLearn.Mqtt;
using StreamLearn.Nats;

namespace StreamLearn.Programs;

/// <summary>The server through which a fleet goes, by the scheme of its address.</summary>
public static class EdgeServer
{
    /// <summary>The schemes that are understood.</summary>
    public static ImmutableArray<string> Schemes { get; } = ["mqtt", "mqtts", "nats", "tls"];

    /// <summary>Reads the address of a server: without a path, and without a user, for an address may be shown.</summary>
    /// <param name="text">The text.</param>
    /// <param name="schemes">The schemes that are understood.</param>
    /// <returns>Null: it is none.</returns>
    public static Uri? AddressOf(string text, ImmutableArray<string> schemes) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && schemes.Contains(uri.Scheme) && uri.Host.Length > 0
            && uri.PathAndQuery is "/" or "" && uri.UserInfo.Length == 0 ? uri : null;

    private static readonly TimeSpan Unsaved = TimeSpan.FromHours(1);
    private const int MaxClient = 43;        // of 60, 17 are for the mark

    private static readonly TimeSpan AnswersKept = TimeSpan.FromDays(1);

    /// <summary>Where a server is: scheme, host and port, and nothing else of its address.</summary>
    /// <param name="server">Its address.</param>
    public static string NameOf(Uri server)
    {
        var port = server.Port > 0 ? server.Port : server.Scheme switch { "mqtt" => 1883, "mqtts" => 8883, _ => 4222 };
        return FormattableString.Invariant($"{server.Scheme}://{server.Host}:{port}");
    }

    /// <summary>Opens a transport.</summary>
    /// <param name="server">Where the server is.</param>
    /// <param name="client">The name under which the server keeps what waits; null: for no longer than it must.</param>
    /// <param name="kept">How long the server keeps it.</param>
    /// <param name="login">A file with user and password; null: there is none.</param>
    /// <exception cref="LoginFileException">The file is there and no login.</exception>
    public static ITransport Open(Uri server, string? client, TimeSpan kept, FileInfo? login)
    {
        LoginFile.Check(login);
        return server.Scheme is "nats" or "tls" ? new NatsTransport(NatsOf(server, client, kept, login))
            : OpenMqtt(server, client, kept, login);
    }

    /// <summary>Opens a transport for answers or alerts, to a topic of the user's own.</summary>
    /// <param name="server">Where the server is.</param>
    /// <param name="client">The name under which the server knows the program.</param>
    /// <param name="topic">The topic; a level may be <c>{device}</c>.</param>
    /// <param name="isKept">True: on NATS, a stream that is made for the topic keeps what is published for a day, so that it is confirmed
    /// when it is stored; subscribers of the subject get it as ever. False: who subscribes gets it, and nobody else.</param>
    /// <param name="login">A file with user and password; null: there is none.</param>
    /// <exception cref="LoginFileException">The file is there and no login.</exception>
    public static ITransport OpenAnswers(Uri server, string client, string topic, bool isKept, FileInfo? login)
    {
        ArgumentNullException.ThrowIfNull(topic);
        LoginFile.Check(login);
        if (server.Scheme is not ("nats" or "tls")) { return OpenMqtt(server, client, Unsaved, login); }
        var options = NatsOf(server, client, AnswersKept, login);
        Topic filter = topic.Replace("{device}", "+", StringComparison.Ordinal);
        return new NatsTransport(options with
        {
            Keep = isKept ? options.Keep! with { Stream = StreamOf(filter), Topics = [filter], Retained = [] } : null,
        });
    }

    /// <summary>The name of the stream that keeps a topic.</summary>
    private static string StreamOf(Topic topic) =>
        string.Concat(topic.Value.Select(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_'));

    /// <summary>Opens a transport to the server of sensors, which need not keep anything: of NATS, what passes is read.</summary>
    /// <param name="server">Where the server is.</param>
    /// <param name="client">The name under which a server of MQTT keeps what waits; null: for no longer than it must.</param>
    /// <param name="kept">How long the server keeps it.</param>
    /// <param name="login">A file with user and password; null: there is none.</param>
    /// <exception cref="LoginFileException">The file is there and no login.</exception>
    public static ITransport OpenSource(Uri server, string? client, TimeSpan kept, FileInfo? login)
    {
        LoginFile.Check(login);
        return server.Scheme is "nats" or "tls" ? new NatsTransport(NatsOf(server, client, kept, login) with { Keep = null })
            : OpenMqtt(server, client, kept, login);
    }

    /// <summary>Opens the official client of a NATS server, which connects when it is first used.</summary>
    /// <param name="server">Where the server is.</param>
    /// <param name="login">A file with user and password; null: there is none.</param>
    /// <exception cref="LoginFileException">The file is there and no login.</exception>
    public static NATS.Client.Core.NatsConnection OpenNatsClient(Uri server, FileInfo? login)
    {
        LoginFile.Check(login);
        return new(NatsOf(server, client: null, Unsaved, login).ToNatsOpts());
    }

    /// <summary>True if a transport that this opened has a connection to its server. Subscriptions of a participant that has ended are
    /// closed; what it publishes over stays.</summary>
    /// <param name="transport">The transport.</param>
    public static bool IsConnected(ITransport transport) => transport switch
    {
        MqttTransport { Status: var mqtt } => mqtt.Subscriptions.Append(mqtt.Publishing).Any(static s => s.IsConnected),
        NatsTransport nats => nats.Status.IsConnected,
        _ => true,
    };

    /// <summary>How often a transport that this opened has lost a session's connection, of the session that lost it most often; of NATS,
    /// where two programs do not end each other's connections, 0.</summary>
    /// <param name="transport">The transport.</param>
    public static long LossesOf(ITransport transport) =>
        transport is MqttTransport { Status: var mqtt } ? mqtt.Subscriptions.Append(mqtt.Publishing).Max(static s => s.Losses) : 0;

    /// <summary>The last fault of a transport that this opened, of what it publishes over or else of what it subscribes over; empty: there
    /// was none.</summary>
    /// <param name="transport">The transport.</param>
    public static string LastFault(ITransport transport) => transport switch
    {
        MqttTransport { Status: var mqtt } =>
            mqtt.Subscriptions.Prepend(mqtt.Publishing).Select(static s => s.LastFault).FirstOrDefault(static f => f.Length > 0) ?? "",
        NatsTransport nats => nats.Status.LastFault,
        _ => "",
    };

    private static MqttTransport OpenMqtt(Uri server, string? client, TimeSpan kept, FileInfo? login) => new(new()
    {
        Server = server,
        ClientId = client is null ? "" : Cut(client) + MarkOf(client, login),
        CleanStart = client is null,
        PublishExpiry = client is null ? Unsaved : kept,
        SessionExpiry = kept,
        Credentials = login is null ? null : _ => ValueTask.FromResult(LoginFile.Read(login) switch
        {
            [var user, var password] => new MqttCredentials(user, Encoding.UTF8.GetBytes(password)),
            var lines => new(lines[0], default),
        }),
    });

    /// <summary>A name that leaves room for the mark: the hash of a longer one stands for its end.</summary>
    private static string Cut(string client) => client.Length <= MaxClient ? client
        : $"{client[..(MaxClient - 17)]}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(client)))[..16]}";

    /// <summary>What only who has the login can add to a client's name. A server of MQTT closes the session of whoever connects under the
    /// name of another, whatever the login: a name that can be guessed lets each device end the sessions of all.</summary>
    private static string MarkOf(string client, FileInfo? login)
    {
        const int Iterations = 10_000;      // servers log names: a password is not to be found from them quickly
        const int Bytes = 8;
        return LoginFile.ReadIfThere(login) is not [_, var password] ? ""
            : "-" + Convert.ToHexStringLower(Rfc2898DeriveBytes.Pbkdf2(
                Encoding.UTF8.GetBytes(password), Encoding.UTF8.GetBytes(client), Iterations, HashAlgorithmName.SHA256, Bytes));
    }

    /// <summary>Versions of the model that all get are in the bucket; all else is in the stream, until it is acknowledged.</summary>
    private static NatsOptions NatsOf(Uri server, string? client, TimeSpan kept, FileInfo? login) => new()
    {
        Servers = [server],
        Name = client ?? "fleet",
        InboxPrefix = LoginFile.ReadIfThere(login) is [var user, _] && LinkConfig.IsName(user) ? $"_INBOX.{user}" : "_INBOX",
        Keep = new() { Reader = client ?? "", MaxAge = kept, Retained = ["sl/+/aggregator/down/all/#"] },
        Credentials = login is null ? null : _ => ValueTask.FromResult(LoginFile.Read(login) switch
        {
            [var user, var password] => new NatsCredentials(user, password),
            var lines => new("", "", lines[0]),
        }),
    };
}
