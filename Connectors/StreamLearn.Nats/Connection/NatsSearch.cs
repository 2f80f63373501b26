using System.Security.Authentication;

namespace StreamLearn.Nats;

/// <summary>Seeks a connection, uses it until it ends, and seeks the next one, until it leaves or has failed: each server in turn, with a
/// wait when all have been tried.</summary>
internal sealed class NatsSearch(NatsConnection connection, NatsOptions options, Random random)
{
    private readonly Backoff _backoff = new(options.InitialReconnectDelay, options.MaxReconnectDelay, random);
    private readonly NatsServers _servers = new(options.Servers.Select(NatsServer.Of));
    private int _tried;         // since the last connection, or the last wait

    internal async Task RunAsync()
    {
        while (!connection.Leaving.IsCancellationRequested)
        {
            var wait = TimeSpan.Zero;
            string reason;
            var server = _servers.Next();
            try
            {
                (wait, reason) = await UseAsync(server).ConfigureAwait(false);
                _tried = 0;
            }
            catch (Exception e) when (Dialer.IsNetwork(e) || e is AuthenticationException or NatsRefusal)
            {
                reason = ReasonOf(e, server);
                if (++_tried >= _servers.Count)
                {
                    _tried = 0;
                    wait = Dialer.IsAbsent(e) ? _backoff.Unreached() : _backoff.Lost(TimeSpan.Zero);
                }

                if (IsForGood(e)) { connection.Fail(new(reason, isTransient: false, e)); }
            }
            catch (Exception e)         // its message may hold a secret
            {
                reason = $"{server}: expected a network's fault, got {e.GetType().Name}";
                connection.Fail(new(reason, isTransient: false));
            }

            lock (connection.Gate)
            {
                connection.Counters.LastFault = reason;
                connection.TriesAt = connection.Now + (long)wait.TotalMilliseconds;
            }

            connection.Lost(reason);
            if (connection.Failure is not null) { return; }
            await Task.Delay(wait, connection.Time, connection.Leaving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>A login or a certificate that was refused before there ever was a connection will be refused again.</summary>
    private bool IsForGood(Exception e)
    {
        lock (connection.Gate)
        {
            return connection.Counters.Connects == 0 && _servers.Count == 1
                && (e is AuthenticationException or NatsRefusal { IsForGood: true }
                    || (TlsAlert.Of(e) is { } alert && TlsAlert.IsOfCertificate(alert)));
        }
    }

    private string ReasonOf(Exception e, NatsServer server) => e switch
    {
        NatsRefusal => $"{server}: {e.Message}",
        _ when TlsAlert.Of(e) is { } alert => TlsAlert.Text(alert, server.Place, options.ClientCertificate is not null),
        AuthenticationException => $"the certificate of {server} is not trusted: {e.Message}",
        _ => $"cannot reach {server}: {Dialer.Cause(e)}",
    };

    /// <summary>Connects to a server and uses the connection until it ends.</summary>
    /// <returns>How long to wait then, and why it ended.</returns>
    private async Task<(TimeSpan Wait, string Reason)> UseAsync(NatsServer server)
    {
        NatsHandshake ready;
        using (var deadline = new CancellationTokenSource(options.ConnectDeadline, connection.Time))
        using (var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, connection.Leaving))
        {
            ready = await NatsHandshake.WithAsync(server, options, both.Token).ConfigureAwait(false);
        }

        var opened = connection.Now;
        long before, messages;
        string reason;
        var loop = new NatsLoop(connection, options, ready, Told);
        try
        {
            lock (connection.Gate)
            {
                before = connection.Counters.Received + connection.Counters.Published;
                connection.Connected(ready.Info, server.Place);
            }

            Told(ready.Info, server);
            reason = await loop.RunAsync().ConfigureAwait(false);
        }
        finally
        {
            await loop.DisposeAsync().ConfigureAwait(false);
        }

        lock (connection.Gate) { messages = connection.Counters.Received + connection.Counters.Published - before; }
        var isSoon = loop.IsServerLeaving && _servers.Count > 1;        // another server is there
        var wait = isSoon ? TimeSpan.Zero : _backoff.Lost(TimeSpan.FromMilliseconds(connection.Now - opened), messages);
        return (wait, $"{server}: {reason}");
    }

    private void Told(ServerInfo info, NatsServer by)
    {
        if (!options.TakesServersTold) { return; }
        lock (connection.Gate) { _servers.Told(info.ConnectUrls, by); }
    }
}

/// <summary>A server will not have this client, or is no such server.</summary>
/// <param name="message">Why, without secrets.</param>
/// <param name="isForGood">True if it will say the same again.</param>
internal sealed class NatsRefusal(string message, bool isForGood) : IOException(message)
{
    internal bool IsForGood => isForGood;
}
