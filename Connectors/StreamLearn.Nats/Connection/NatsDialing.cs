using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using NATS.Client.Core;

namespace StreamLearn.Nats;

internal sealed class NatsDialing : IDisposable
{
    private const int DefaultPort = 4222;
    private static readonly TimeSpan MaxReported = TimeSpan.FromSeconds(1);
    private readonly NatsOptions _options;
    private readonly NatsLink _link;
    private readonly Backoff _backoff;
    private readonly HashSet<(string Host, int Port)> _own;
    private readonly SemaphoreSlim _told = new(0);
    private TimeSpan _wait;             // wait before the next round of attempts
    private long _triesAt;
    private long _openedAt = -1;        // −1: not connected
    private long _messages;             // number of messages when it was opened
    private int _tried;                 // number of attempts since the last connection or wait
    private string _host = "";          // host of the current attempt
    private string _named = "";         // last host name in the options
    private volatile NatsWire? _wire;   // the newest wire
    private long _tries;

    internal NatsDialing(NatsOptions options, NatsLink link)
    {
        (_options, _link) = (options, link);
        _backoff = new(options.InitialReconnectDelay, options.MaxReconnectDelay, new Random(RandomNumberGenerator.GetInt32(int.MaxValue)));
        _own = [.. options.Servers.Select(static s => (s.IdnHost, PortOf(s)))];
    }

    internal long Tries => Volatile.Read(ref _tries);

    internal TimeSpan TriesAgainIn => TimeSpan.FromMilliseconds(Math.Max(0, Volatile.Read(ref _triesAt) - _link.Now));

    internal static string Shown(Uri address) => !address.IsAbsoluteUri ? "no address"
        : address.Port > 0 ? $"{address.Scheme}://{address.Host}:{address.Port}"
        : address.Scheme is "nats" or "tls" ? $"{address.Scheme}://{address.Host}:{DefaultPort}" : $"{address.Scheme}://{address.Host}";

    internal static string Shown(string address) =>
        Uri.TryCreate(address.Contains("://", StringComparison.Ordinal) ? address : $"nats://{address}", UriKind.Absolute, out var uri)
            ? Shown(uri) : "no address";

    internal NatsConnection Open() => new(_options.ToNatsOpts() with
    {
        Url = string.Join(',', _options.Servers.Select(Shown)),
        NoRandomize = false,
        TlsOpts = NatsTlsOpts.Default,                  // NatsWire starts TLS
        WriterBufferSize = _options.MaxUnsentBytes,
        ReconnectWaitMin = TimeSpan.Zero,               // the waits are computed below
        ReconnectWaitMax = TimeSpan.Zero,
        ReconnectJitter = TimeSpan.Zero,
        LoggerFactory = new ClientLog(OnLogged),
    })
    {
        OnConnectingAsync = WaitAsync,
        OnSocketAvailableAsync = socket => new(_wire = NextWire((INatsTlsUpgradeableSocketConnection)socket)),
    };

    internal (string Reason, bool IsForGood) ReasonOf(Exception failure)
    {
        var place = Shown(_options.Servers[0]);
        var isAlone = _options.Servers.Length == 1;
        for (var e = failure; e is not null; e = e.InnerException)
        {
            if (Refused(e, place, _options.ClientCertificate is not null) is { } refused)
            {
                return (refused, isAlone && (TlsAlert.Of(e) is not { } alert || TlsAlert.IsOfCertificate(alert)));
            }

            switch (e)
            {
                case NatsWireException { HasNoTls: true }: return ($"{place}: {e.Message}", isAlone);
                case NatsWireException: return ($"{place}: {e.Message}", false);
                case SocketException: return ($"cannot reach {place}: {e.Message}", false);
                default: break;
            }
        }

        return ($"{place}: {failure.GetBaseException().Message}", false);
    }

    /// <summary>Returns a refusal by TLS alert, login or certificate; null for another failure.</summary>
    internal static string? Refused(Exception failure, string server, bool hasCertificate = false) => failure switch
    {
        _ when TlsAlert.Of(failure) is { } alert => TlsAlert.Text(alert, server, hasCertificate),
        NatsServerException { IsAuthError: true } login => $"{server}: the login was refused: {PrintableText.Of(login.Error)}",
        AuthenticationException => $"the certificate of {server} is not trusted: {failure.Message}",
        _ => null,
    };

    /// <summary>Call it while holding the link's lock.</summary>
    internal void Connected()
    {
        (_openedAt, _tried, _wait) = (_link.Now, 0, TimeSpan.Zero);
        _messages = _link.Counters.Received + _link.Counters.Published;
        Volatile.Write(ref _triesAt, 0);
    }

    /// <summary>Call it while holding the link's lock.</summary>
    internal void Lost()
    {
        if (_openedAt < 0) { return; }
        var messages = _link.Counters.Received + _link.Counters.Published - _messages;
        _wait = _backoff.Lost(TimeSpan.FromMilliseconds(_link.Now - _openedAt), messages);
        _openedAt = -1;
    }

    internal void Told() => _told.Release();

    /// <summary>Closes at once, even during a write.</summary>
    internal ValueTask EndAsync() => _wire?.DisposeAsync() ?? default;

    internal ValueTask OnFailedAsync(object? sender, NatsEventArgs e)
    {
        Told();
        return default;
    }

    private void OnLogged(string text, Exception? exception)
    {
        if (exception is not null && !_link.Leaving.IsCancellationRequested) { _link.Note(ReasonOf(exception).Reason); }
        else if (text.StartsWith("Server didn't respond", StringComparison.Ordinal))
        {
            _link.Note("expected the server to answer in time");
        }
    }

    public void Dispose() => _told.Dispose();

    internal static int PortOf(Uri address) => address.Port > 0 ? address.Port : DefaultPort;

    /// <summary>Waits after all servers were tried, and after a loss.</summary>
    private async ValueTask<(string Host, int Port)> WaitAsync((string Host, int Port) target)
    {
        // the client reports losses and failed attempts on another thread
        var isAgain = _link.Connection.ConnectionState == NatsConnectionState.Reconnecting;
        if (isAgain) { await ((Task)_told.WaitAsync(MaxReported, _link.Leaving)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); }
        if (!_options.AcceptsDiscoveredServers && !_own.Contains(target))
        {
            throw new NatsException($"{target.Host}:{target.Port} is skipped: NatsOptions.AcceptsDiscoveredServers is false");
        }

        // a server known only by address has a certificate for the name of the server that announced it
        var isNamed = _own.Contains(target);
        _host = !isNamed && IPAddress.TryParse(target.Host, out _) && _named.Length > 0 ? _named : target.Host;
        if (isNamed && !IPAddress.TryParse(target.Host, out _)) { _named = target.Host; }
        var told = _options.AcceptsDiscoveredServers ? _link.Connection.ServerInfo?.ClientConnectUrls ?? [] : [];
        var servers = _own.Count + told.Count(t => !_own.Any(o => t == $"{o.Host}:{o.Port}"));
        TimeSpan wait;
        lock (_link.Gate)
        {
            if (_tried++ >= servers)
            {
                _tried = 1;
                _wait = _backoff.Unreached();
            }

            (wait, _wait) = (_wait, TimeSpan.Zero);
            Volatile.Write(ref _triesAt, wait > TimeSpan.Zero ? _link.Now + (long)wait.TotalMilliseconds : 0);
        }

        await Task.Delay(wait, _link.Time, _link.Leaving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return _link.Leaving.IsCancellationRequested ? throw new NatsException("the transport was disposed") : target;
    }

    private NatsWire NextWire(INatsTlsUpgradeableSocketConnection socket) => new(
        socket, new(_host, 0, _options.ConnectDeadline, _options.TrustedRoots, _options.ClientCertificate),
        _options.Servers.Any(static s => s.Scheme == "tls"),
        new(_link.Answers, Interlocked.Increment(ref _tries)));
}
