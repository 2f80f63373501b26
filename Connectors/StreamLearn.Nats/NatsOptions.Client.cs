using NATS.Client.Core;

namespace StreamLearn.Nats;

public sealed partial record NatsOptions
{
    /// <summary>Converts to the options of the official client. Other servers get the login of the first. Announced servers are always
    /// tried, regardless of <see cref="AcceptsDiscoveredServers"/>.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public NatsOpts ToNatsOpts()
    {
        Checked();
        return new()
        {
            Url = string.Join(',', Servers.Select(
                static s => s.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped))),
            NoRandomize = true,
            Name = Name,
            InboxPrefix = InboxPrefix,
            PingInterval = PingEvery,
            ConnectTimeout = ConnectDeadline,
            RequestTimeout = ReplyDeadline,
            CommandTimeout = ReplyDeadline,
            ReconnectWaitMin = InitialReconnectDelay,
            ReconnectWaitMax = MaxReconnectDelay,
            MaxPayloadHardCap = MaxMessageBytes,
            IgnoreAuthErrorAbort = true,
            AuthOpts = new() { AuthCredCallback = LoginOf(this) },
            TlsOpts = TlsOf(this),
        };
    }

    /// <summary>Connects the official client; the time limit is <see cref="ReplyDeadline"/>.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    /// <exception cref="TransportException">No server can be reached, or one refuses.</exception>
    public async Task<NATS.Client.Core.NatsConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        Exception? logged = null;       // its exception for a first connection does not give the reason
        var log = new ClientLog((_, exception) => logged = exception ?? logged);
        var connection = new NATS.Client.Core.NatsConnection(ToNatsOpts() with { LoggerFactory = log });
        try
        {
            await connection.ConnectAsync().AsTask().WaitAsync(ReplyDeadline, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch (Exception e)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            if (e is not (NatsException or TimeoutException)) { throw; }
            var server = string.Join(", ", Servers.Select(NatsDialing.Shown));
            throw Refusal(server, e.InnerException ?? logged ?? e, ClientCertificate is not null);
        }
    }

    /// <summary>Uses the system's message, which contains no secrets.</summary>
    private static TransportException Refusal(string server, Exception cause, bool hasCertificate) => cause switch
    {
        _ when NatsDialing.Refused(cause, server, hasCertificate) is { } refused => new(refused, false, cause),
        TimeoutException => new($"cannot reach {server}: no answer in time", true, cause),
        NatsException => new($"{server}: {PrintableText.Of(cause.Message)}", true, cause),
        _ => new($"cannot reach {server}: {Dialer.Cause(cause)}", true, cause),
    };

    private static Func<Uri, CancellationToken, ValueTask<NatsAuthCred>>? LoginOf(NatsOptions options)
    {
        if (options.Credentials is null && options.Servers.All(static s => s.UserInfo.Length == 0)) { return null; }
        return async (server, stop) =>
        {
            try
            {
                var own = options.Servers.FirstOrDefault(
                    s => s.IdnHost == server.IdnHost && NatsDialing.PortOf(s) == NatsDialing.PortOf(server), options.Servers[0]);
                var login = options.Credentials is { } ask ? await ask(stop).ConfigureAwait(false) : NatsCredentials.Of(own.UserInfo);
                return login.ToClient();
            }
            catch (Exception e)         // its message may contain a secret
            {
                throw new NatsException($"expected credentials, got {e.GetType().Name}");
            }
        };
    }

    private static NatsTlsOpts TlsOf(NatsOptions options) => new()
    {
        // for nats:// the server decides; the package would require TLS if certificates are set
        Mode = options.Servers.Any(static s => s.Scheme == "tls") ? TlsMode.Require : TlsMode.Prefer,
        ConfigureClientAuthentication = ssl =>
        {
            ssl.CertificateChainPolicy = ServerTrust.ChainPolicy(options.TrustedRoots);
            if (options.ClientCertificate is { } own)
            {
                ssl.ClientCertificates = [own];
                ssl.LocalCertificateSelectionCallback = (_, _, _, _, _) => own;
            }

            return ValueTask.CompletedTask;
        },
    };
}
