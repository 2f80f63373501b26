using System.CommandLine;
using System.CommandLine.Parsing;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using StreamLearn;
using StreamLearn.Mqtt;

namespace Tool;

/// <summary>A server and a topic, as <c>mqtt://host[:port]/topic</c>.</summary>
/// <param name="Server">The server.</param>
/// <param name="Topic">The topic, or a filter.</param>
internal sealed record Link(Uri Server, Topic Topic)
{
    private const string Share = "$share/";

    /// <summary>Reads a link; the topic is taken as it stands, with <c>#</c> and <c>+</c>.</summary>
    /// <returns>What is wrong, or null.</returns>
    internal static string? TryParse(string text, out Link? link)
    {
        link = null;
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        var topic = scheme < 0 ? -1 : text.IndexOf('/', scheme + 3);
        if (topic < 0 || topic == text.Length - 1 || text[..scheme] is not ("mqtt" or "mqtts"))
        {
            return "expected mqtt://host/topic or mqtts://host/topic";
        }

        if (text[..topic].Contains('@', StringComparison.Ordinal))
        {
            return "expected no user or password in the link: put them in a file, for --login";
        }

        if (!Uri.TryCreate(text[..topic], UriKind.Absolute, out var server) || server.Host.Length == 0 || server.Port == 0)
        {
            return "expected host or host:port behind ://, with a port of 1 to 65535";
        }

        if (!IsWholeGroup(text[(topic + 1)..])) { return "expected $share/group/topic, with a group that has no '+' or '#'"; }
        try
        {
            link = new(server, new(text[(topic + 1)..]));
            return null;
        }
        catch (ArgumentException)
        {
            return "expected '+' or '#' alone in its level and '#' last";
        }
    }

    /// <summary>True if a topic may not be published to.</summary>
    internal bool IsFilter => Topic.IsFilter || Topic.Value.StartsWith(Share, StringComparison.Ordinal);

    /// <summary>Whether a group has a name and a topic, if there is a group. Source: MQTT 5.0, section 4.8.2.</summary>
    private static bool IsWholeGroup(string topic) => !topic.StartsWith(Share, StringComparison.Ordinal)
        || (topic[Share.Length..].Split('/', 2) is [{ Length: > 0 } group, { Length: > 0 }] && !group.AsSpan().ContainsAny('+', '#'));
}

/// <summary>What <c>tap</c> and <c>pub</c> have in common: how to get to the server.</summary>
internal sealed class LinkOptions
{
    private const string Old = "3.1.1";
    private readonly Option<int> _qos = Numbers.Whole("--qos", "0|1|2", "Delivery level (QoS),", 0, 2, 1);
    private readonly Option<string?> _login = new("--login")
    {
        Description = "A file of two lines, user name and password. It is read at every connect.",
        HelpName = "file",
    };
    private readonly Option<string?> _authority = new("--ca")
    {
        Description = "Certificates that the server's must lead to, a PEM file; for mqtts. Default: the system's.",
        HelpName = "file",
    };
    private readonly Option<string> _protocol = new("--protocol")
    {
        Description = "Version of MQTT.",
        DefaultValueFactory = _ => "5.0",
    };
    private readonly Option<double> _wait = Numbers.Fraction(
        "--wait", "seconds", "How long to wait for the server: to connect, and to confirm a message,", 0.1, 3600, 10);

    internal LinkOptions()
    {
        _protocol.AcceptOnlyFromAmong(Old, "5.0");
        Argument.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && Link.TryParse(token.Value, out _) is { } problem) { result.AddError($"link: {problem}"); }
        });
        foreach (var file in new[] { _login, _authority })
        {
            file.Validators.Add(result =>
            {
                if (result.Tokens is [var token] && !File.Exists(token.Value))
                {
                    result.AddError($"{file.Name}: expected a file, got '{token.Value}'");
                }
            });
        }
    }

    internal Argument<string> Argument { get; } = new("link")
    {
        Description = "Where: mqtt://host[:1883]/topic, or mqtts://host[:8883]/topic.",
    };

    internal void AddTo(Command command)
    {
        command.Validators.Add(result =>
        {
            if (result.GetResult(_authority) is not null && result.GetResult(Argument) is { Tokens: [var token] }
                && Link.TryParse(token.Value, out var link) is null && link!.Server.Scheme != "mqtts")
            {
                result.AddError("--ca: expected it with mqtts://, over mqtt:// nothing is checked");
            }
        });
        command.Add(Argument);
        foreach (var option in new Option[] { _qos, _login, _authority, _protocol, _wait }) { command.Add(option); }
    }

    internal Link LinkOf(ParseResult result)
    {
        _ = Link.TryParse(result.GetRequiredValue(Argument), out var link);
        return link!;
    }

    /// <summary>True if MQTT 3.1.1 is asked for.</summary>
    internal bool IsOld(SymbolResult result) => result.GetResult(_protocol) is { Tokens: [{ Value: Old }] };

    internal TimeSpan WaitOf(ParseResult result) => TimeSpan.FromSeconds(result.GetValue(_wait));

    /// <exception cref="CryptographicException">Certificates cannot be read, or there are none.</exception>
    internal MqttTransport Open(ParseResult result)
    {
        var (login, authority, qos) = (result.GetValue(_login), result.GetValue(_authority), result.GetValue(_qos));
        X509Certificate2Collection? roots = null;
        if (authority is not null)
        {
            roots = [];
            roots.ImportFromPemFile(authority);
            if (roots.Count == 0) { throw new CryptographicException($"--ca: expected certificates in PEM, found none in {authority}"); }
        }

        return new(new()
        {
            Server = LinkOf(result).Server,
            Version = result.GetValue(_protocol) == Old ? MqttVersion.V311 : MqttVersion.V5,
            CleanStart = true,
            SubscribeQos = qos,
            PublishQos = qos,
            TrustedRoots = roots,
            Credentials = login is null ? null : stop => MqttCredentials.FromFileAsync(login, stop),
        });
    }
}
