using System.Security.Cryptography;
using StreamLearn.Mqtt;
using StreamLearn.Nats;

namespace StreamLearn.Programs;

internal static class EdgeServer
{
    public static ImmutableArray<string> Schemes { get; } = ["mqtt", "mqtts", "nats", "tls"];

    /// <summary>Parses a server address without path or user, since it may be shown.</summary>
    public static Uri? AddressOf(string text, ImmutableArray<string> schemes) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && schemes.Contains(uri.Scheme) && uri.Host.Length > 0
            && uri.PathAndQuery is "/" or "" && uri.UserInfo.Length == 0 ? uri : null;

    private static readonly TimeSpan Unsaved = TimeSpan.FromHours(1);
    private const int MaxClient = 43;        // 17 of 60 characters are reserved for the mark

    private static readonly TimeSpan AnswersKept = TimeSpan.FromDays(1);

    /// <summary>Returns only scheme, host and port of a server.</summary>
    public static string NameOf(Uri server)
    {
        var port = server.Port > 0 ? server.Port : server.Scheme switch { "mqtt" => 1883, "mqtts" => 8883, _ => 4222 };
        return FormattableString.Invariant($"{server.Scheme}://{server.Host}:{port}");
    }

    public static ITransport Open(Uri server, string? client, TimeSpan kept, FileInfo? login)
    {
        LoginFile.Check(login);
        return server.Scheme is "nats" or "tls" ? new NatsTransport(NatsOf(server, client, kept, login))
            : OpenMqtt(server, client, kept, login);
    }

    public static ITransport OpenAnswers(Uri server, string client, string topic, bool isKept, FileInfo? login)
    {
        LoginFile.Check(login);
        if (server.Scheme is not ("nats" or "tls")) { return OpenMqtt(server, client, Unsaved, login); }
        var options = NatsOf(server, client, AnswersKept, login);
        Topic filter = topic.Replace("{device}", "+", StringComparison.Ordinal);
        return new NatsTransport(options with
        {
            Keep = isKept ? options.Keep! with { Stream = StreamOf(filter), Topics = [filter], Retained = [] } : null,
        });
    }

    private static string StreamOf(Topic topic) =>
        string.Concat(topic.Value.Select(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_'));

    /// <summary>Opens a transport to the sensors' server, which need not store messages: NATS delivers only live ones.</summary>
    public static ITransport OpenSource(Uri server, string? client, TimeSpan kept, FileInfo? login)
    {
        LoginFile.Check(login);
        return server.Scheme is "nats" or "tls" ? new NatsTransport(NatsOf(server, client, kept, login) with { Keep = null })
            : OpenMqtt(server, client, kept, login);
    }

    /// <summary>Opens the official NATS client, which connects on first use.</summary>
    public static NATS.Client.Core.NatsConnection OpenNatsClient(Uri server, FileInfo? login)
    {
        LoginFile.Check(login);
        return new(NatsOf(server, client: null, Unsaved, login).ToNatsOpts());
    }

    /// <summary>Returns true if a transport opened here is connected. After a participant ends, its subscriptions close; its publishing
    /// connection stays.</summary>
    public static bool IsConnected(ITransport transport) => transport switch
    {
        MqttTransport { Status: var mqtt } => mqtt.Subscriptions.Append(mqtt.Publishing).Any(static s => s.IsConnected),
        NatsTransport nats => nats.Status.IsConnected,
        _ => true,
    };

    /// <summary>Returns the number of lost connections of the session that lost most, for a transport opened here; 0 for NATS, where
    /// programs do not end each other's connections.</summary>
    public static long LossesOf(ITransport transport) =>
        transport is MqttTransport { Status: var mqtt } ? mqtt.Subscriptions.Append(mqtt.Publishing).Max(static s => s.Losses) : 0;

    /// <summary>Returns the last publishing fault of a transport opened here, otherwise its last subscription fault; empty without a
    /// fault.</summary>
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

    /// <summary>Leaves room for the mark; a hash replaces the end of a long name.</summary>
    private static string Cut(string client) => client.Length <= MaxClient ? client
        : $"{client[..(MaxClient - 17)]}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(client)))[..16]}";

    /// <summary>Returns a suffix that requires the login. An MQTT server closes a session when another client connects under its name, so a
    /// guessable name would let any device end all sessions.</summary>
    private static string MarkOf(string client, FileInfo? login)
    {
        const int Iterations = 10_000;      // servers log names: this makes guessing the password from one slow
        const int Bytes = 8;
        return LoginFile.ReadIfThere(login) is not [_, var password] ? ""
            : "-" + Convert.ToHexStringLower(Rfc2898DeriveBytes.Pbkdf2(
                Encoding.UTF8.GetBytes(password), Encoding.UTF8.GetBytes(client), Iterations, HashAlgorithmName.SHA256, Bytes));
    }

    /// <summary>The bucket holds versions for all; the stream holds everything else until acknowledged.</summary>
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
