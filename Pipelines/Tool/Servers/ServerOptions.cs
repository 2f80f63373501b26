using System.CommandLine;
using System.CommandLine.Parsing;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using StreamLearn.Mqtt;
using StreamLearn.Nats;

namespace Tool;

internal sealed class ServerOptions
{
    private const string Old = "3.1.1";
    private readonly Option<int> _qos = Numbers.Of("--qos", "0|1|2", "Quality of service (QoS) of MQTT,", 0, 2, 1);
    private readonly Option<string?> _login = Choices.Existing("--login",
        "A file with user name and password in two lines; for NATS also a token in one line. It is read at each connect.");

    private readonly Option<string?> _authority = Choices.Existing("--ca",
        "Trusted CA certificates, a PEM file; for mqtts, wss and tls. Default: the system's.");

    private readonly Option<string?> _certificate = Choices.Existing("--cert",
        "The client certificate, a PEM file; for mqtts, wss and tls.");

    private readonly Option<string?> _key = Choices.Existing("--key",
        "The key of --cert, a PEM file without a password. Default: in the file of --cert.");

    private readonly Option<string> _path = new("--path")
    {
        Description = "The path of the server's WebSocket; for ws and wss.",
        DefaultValueFactory = _ => "/mqtt",
    };

    private readonly Option<string> _protocol = Choices.Word("--protocol", "MQTT version; not for NATS.", "5.0", Old);

    private readonly Option<double> _wait = Numbers.Of(
        "--wait", "seconds", "Maximum time to connect, and to wait for a confirmation,", 0.1, 3600, 10);

    private readonly bool _isOfNats;

    internal ServerOptions(bool isOfNats = false)
    {
        _isOfNats = isOfNats;
        Argument = new(isOfNats ? "server" : "link")
        {
            Description = isOfNats ? "The server: nats://host[:4222] or tls://host[:4222]."
                : "Server and topic: mqtt://host[:1883]/topic, mqtts://host[:8883]/topic, ws://host[:80]/topic, wss://host[:443]/topic; "
                    + "nats://host[:4222]/topic or tls://host[:4222]/topic.",
        };
        Argument.Check(text => Parse(text, out _));
        _path.Check(static text => text.StartsWith('/') ? null : $"expected a path that starts with '/', got '{text}'");
    }

    internal Argument<string> Argument { get; }

    internal void AddTo(Command command)
    {
        command.Validators.Add(result =>
        {
            if (result.GetResult(Argument) is { Tokens: [var token] } && Parse(token.Value, out var link) is null)
            {
                foreach (var file in new[] { _authority, _certificate }.Where(f => result.GetResult(f) is not null && !link!.IsSecure))
                {
                    result.AddError(
                        $"{file.Name}: expected mqtts://, wss:// or tls:// with it: {link!.Server.Scheme}:// has no certificates");
                }

                Option[] ofMqtt = link!.IsNats ? [_qos, _protocol] : [];
                foreach (var option in ofMqtt.Where(o => result.GetResult(o) is { Implicit: false }))
                {
                    result.AddError($"{option.Name}: expected MQTT with it, got {link!.Server.Scheme}://");
                }

                if (result.GetResult(_path) is { Implicit: false } && !link!.IsWebSocket)
                {
                    result.AddError($"--path: expected ws:// or wss:// with it, got {link.Server.Scheme}://");
                }
            }

            if (result.GetResult(_key) is not null && result.GetResult(_certificate) is null)
            {
                result.AddError("--key: expected --cert with it");
            }
        });
        command.Add(Argument);
        Option[] options = _isOfNats ? [_login, _authority, _certificate, _key, _wait]
            : [_qos, _login, _authority, _certificate, _key, _path, _protocol, _wait];
        foreach (var option in options)
        {
            command.Add(option);
        }
    }

    internal TopicAddress AddressOf(ParseResult result)
    {
        _ = Parse(result.GetRequiredValue(Argument), out var link);
        return link!;
    }

    internal async Task HintAsync(ParseResult result, TextWriter error)
    {
        if (AddressOf(result).Hint is { } hint)
        {
            await error.WriteLineAsync($"streamlearn: {Tapped.Plain(hint)}").ConfigureAwait(false);
        }
    }

    private string? Parse(string text, out TopicAddress? link)
    {
        if (!_isOfNats) { return TopicAddress.TryParse(text, out link); }
        link = null;
        var isOfNats = text.StartsWith("nats://", StringComparison.Ordinal) || text.StartsWith("tls://", StringComparison.Ordinal);
        var server = isOfNats && text.EndsWith('/') ? text[..^1] : text;
        return isOfNats && server.LastIndexOf('/') == server.IndexOf('/', StringComparison.Ordinal) + 1
            ? TopicAddress.TryParse($"{server}/-", out link)            // any topic
            : "expected nats://host[:4222] or tls://host[:4222]";
    }

    internal bool IsOld(SymbolResult result) => result.GetResult(_protocol) is { Tokens: [{ Value: Old }] };

    internal bool IsNats(SymbolResult result) =>
        result.GetResult(Argument) is { Tokens: [var token] } && Parse(token.Value, out var link) is null && link!.IsNats;

    internal string NameOf(ParseResult result) => AddressOf(result).Server switch
    {
        { Port: > 0 } server => FormattableString.Invariant($"{server.Scheme}://{server.Host}:{server.Port}"),
        var server => $"{server.Scheme}://{server.Host}:4222",
    };

    internal TimeSpan WaitOf(ParseResult result) => TimeSpan.FromSeconds(result.GetValue(_wait));

    internal OpenLink Open(ParseResult result)
    {
        var link = AddressOf(result);
        if (link.IsNats) { return OpenLink.Of(new NatsTransport(NatsOf(result))); }
        var (login, qos) = (result.GetValue(_login), result.GetValue(_qos));
        return OpenLink.Of(new MqttTransport(new()
        {
            Server = link.IsWebSocket ? new UriBuilder(link.Server) { Path = result.GetRequiredValue(_path) }.Uri : link.Server,
            Version = result.GetValue(_protocol) == Old ? MqttVersion.V311 : MqttVersion.V5,
            CleanStart = true,
            SubscribeQos = qos,
            PublishQos = qos,
            TrustedRoots = RootsOf(result),
            ClientCertificate = CertificateOf(result),
            Credentials = login is null ? null : stop => MqttCredentials.FromFileAsync(login, stop),
        }));
    }

    internal NatsOptions NatsOf(ParseResult result)
    {
        var login = result.GetValue(_login);
        return new()
        {
            Servers = [AddressOf(result).Server],
            ReplyDeadline = WaitOf(result),
            TrustedRoots = RootsOf(result),
            ClientCertificate = CertificateOf(result),
            Credentials = login is null ? null : stop => NatsCredentials.FromFileAsync(login, stop),
        };
    }

    private X509Certificate2Collection? RootsOf(ParseResult result)
    {
        if (result.GetValue(_authority) is not { } authority) { return null; }
        X509Certificate2Collection roots = [];
        roots.ImportFromPemFile(authority);
        return roots.Count > 0 ? roots
            : throw new CryptographicException($"--ca: expected certificates in PEM, found none in {authority}");
    }

    private X509Certificate2? CertificateOf(ParseResult result) =>
        result.GetValue(_certificate) is { } own ? CertificateOf(own, result.GetValue(_key)) : null;

    private static X509Certificate2 CertificateOf(string file, string? key)
    {
        try
        {
            using var read = X509Certificate2.CreateFromPemFile(file, key);
            return X509CertificateLoader.LoadPkcs12(read.Export(X509ContentType.Pkcs12), null);        // a key form for TLS on all systems
        }
        catch (CryptographicException)
        {
            throw new CryptographicException(
                $"--cert: expected a certificate in {file} and its key, without a password, in {key ?? "the same file"}");
        }
    }
}
