using System.Security.Authentication;

namespace StreamLearn.Mqtt;

internal sealed class LinkSearch(Link link, MqttOptions options, TimeProvider time, Random random)
{
    private readonly Backoff _backoff = new(options.InitialReconnectDelay, options.MaxReconnectDelay, random);
    private long? _reached;         // when the server was reached, if it has not yet answered the first subscription

    /// <summary>Use it while holding the lock.</summary>
    internal ConnectionLoop? Loop { get; private set; }

    private Session Session => link.Session;

    private LinkFaults Faults => link.Faults;

    private long Messages => Session.Counters.Received + Session.Counters.Published;

    internal async Task RunAsync()
    {
        while (!link.Leaving.IsCancellationRequested)
        {
            TimeSpan wait;
            try { wait = await OnceAsync().ConfigureAwait(false); }
            catch (Exception e) { wait = NotReached(e); }

            lock (link.Gate) { link.Lost(); }
            if (link.Failure is not null) { return; }
            if (_reached is { } since && link.Now - since >= (long)options.ReplyDeadline.TotalMilliseconds) { link.StopAwaiting(); }
            await Task.Delay(wait, time, link.Leaving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private TimeSpan NotReached(Exception failure)
    {
        if (TlsAlert.Of(failure) is { } alert)
        {
            Faults.Alerted(alert, failure);
            return _backoff.Lost(TimeSpan.Zero);
        }

        var place = Connector.Place(options);
        if ((failure as AuthenticationException ?? failure.InnerException as AuthenticationException) is { } untrusted)
        {
            Faults.Refused(failure is ConnectorException ? $"{place}: {failure.Message}"
                : $"the certificate of {place} is not trusted: {untrusted.Message}", failure);
            return _backoff.Lost(TimeSpan.Zero);
        }

        if (!Dialer.IsNetwork(failure))
        {
            // its message may contain a secret
            link.Fail(new($"{place}: expected a network error, got {failure.GetType().Name}", isTransient: false));
            return TimeSpan.Zero;
        }

        Faults.Record($"cannot reach {place}: {Dialer.Cause(failure)}");
        if (!Dialer.IsAbsent(failure)) { return _backoff.Lost(TimeSpan.Zero); }
        _reached = null;
        return _backoff.Unreached();
    }

    private async Task<TimeSpan> OnceAsync()
    {
        MqttCredentials? credentials;
        Connection connection;
        var begun = link.Now;
        using (var deadline = new CancellationTokenSource(options.ConnectDeadline, time))
        using (var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, link.Leaving))
        {
            try
            {
                credentials = options.Credentials is { } ask
                    ? await ask(both.Token).AsTask().WaitAsync(both.Token).ConfigureAwait(false)
                    : Connector.Credentials(options.Server);
            }
            catch (Exception e)
            {
                Faults.NoLogin(e);
                return _backoff.Unreached();
            }

            connection = await Connector.OpenAsync(options, link.Filter is null ? null : ReadThreads.Shared, both.Token)
                .ConfigureAwait(false);
        }

        _reached ??= link.Now;
        return await UseAsync(connection, credentials, begun).ConfigureAwait(false);
    }

    private async Task<TimeSpan> UseAsync(Connection connection, MqttCredentials? credentials, long begun)
    {
        var (opened, before) = (link.Now, Messages);
        MqttReason? reason;
        long messages;
        var loop = new ConnectionLoop(link, connection, time);
        try
        {
            lock (link.Gate)
            {
                Loop = loop;
                Session.Connect(link.Output, credentials, opened, begun);
                if (link.Leaving.IsCancellationRequested) { link.Goodbye(); }
            }

            await loop.RunAsync().ConfigureAwait(false);
        }
        finally
        {
            await loop.DisposeAsync().ConfigureAwait(false);
            lock (link.Gate)
            {
                Loop = null;
                messages = Messages - before;
                Session.Lost();
                link.Output.Clear();
                reason = Session.ServerReason;
            }
        }

        if (reason is { } said) { Faults.OnServerReason(said); }
        return _backoff.Lost(TimeSpan.FromMilliseconds(link.Now - opened), messages);
    }
}
