using NATS.Client.Core;

namespace StreamLearn.Nats;

/// <summary>Opens the official client with a transport's options.</summary>
public static class NatsOptionsExtensions
{
    /// <summary>Converts to the official client's options. Other servers get the first one's login. Announced servers are always tried,
    /// regardless of <see cref="NatsOptions.TakesServersTold"/>.</summary>
    /// <param name="options">The options.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public static NatsOpts ToNatsOpts(this NatsOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Checked();
        return new()
        {
            Url = string.Join(',', options.Servers.Select(
                static s => s.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped))),
            NoRandomize = true,
            Name = options.Name,
            InboxPrefix = options.InboxPrefix,
            PingInterval = options.PingEvery,
            ConnectTimeout = options.ConnectDeadline,
            RequestTimeout = options.ReplyDeadline,
            CommandTimeout = options.ReplyDeadline,
            ReconnectWaitMin = options.InitialReconnectDelay,
            ReconnectWaitMax = options.MaxReconnectDelay,
            MaxPayloadHardCap = options.MaxMessageBytes,
            IgnoreAuthErrorAbort = true,
            AuthOpts = new() { AuthCredCallback = LoginOf(options) },
            TlsOpts = TlsOf(options),
        };
    }

    /// <summary>Connects the official client.</summary>
    /// <param name="options">The options; times out after <see cref="NatsOptions.ReplyDeadline"/>.</param>
    /// <param name="cancellationToken">Cancels connecting.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    /// <exception cref="TransportException">No server is reachable, or one refuses.</exception>
    public static async Task<NATS.Client.Core.NatsConnection> ConnectAsync(
        this NatsOptions options, CancellationToken cancellationToken)
    {
        Exception? logged = null;       // its exception for a first connection does not give the reason
        var log = new ClientLog((_, exception) => logged = exception ?? logged);
        var connection = new NATS.Client.Core.NatsConnection(options.ToNatsOpts() with { LoggerFactory = log });
        try
        {
            await connection.ConnectAsync().AsTask().WaitAsync(options.ReplyDeadline, TimeProvider.System, cancellationToken)
                .ConfigureAwait(false);
            return connection;
        }
        catch (Exception e)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            if (e is not (NatsException or TimeoutException)) { throw; }
            var server = string.Join(", ", options.Servers.Select(NatsDialing.Shown));
            throw Refusal(server, e.InnerException ?? logged ?? e, options.ClientCertificate is not null);
        }
    }

    /// <summary>Uses the system's text, which holds no secrets.</summary>
    private static TransportException Refusal(string server, Exception cause, bool hasCertificate) => cause switch
    {
        _ when NatsDialing.Refused(cause, server, hasCertificate) is { } refused => new(refused, false, cause),
        TimeoutException => new($"cannot reach {server}: no answer in time", true, cause),
        NatsException => new($"{server}: {PrintableText.Of(cause.Message)}", true, cause),
        _ => new($"cannot reach {server}: {Dialer.Cause(cause)}", true, cause),
    };

    /// <summary>The options' login or the address's; null: none.</summary>
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
            catch (Exception e)         // its message may hold a secret
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
