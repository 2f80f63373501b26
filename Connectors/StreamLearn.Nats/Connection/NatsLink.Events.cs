using System.Security.Authentication;
using NATS.Client.Core;

namespace StreamLearn.Nats;

internal sealed partial class NatsLink
{
    /// <summary>Connects first; after a loss, checks whether the client of an application stops trying.</summary>
    private async Task ConnectAsync()
    {
        while (!Leaving.IsCancellationRequested)
        {
            try
            {
                await Connection.ConnectAsync().ConfigureAwait(false);
                if (Connection.ConnectionState != NatsConnectionState.Open) { continue; }
                Opened("");
                return;
            }
            catch (Exception e) when (e is NatsException or OperationCanceledException or IOException or AuthenticationException
                or ObjectDisposedException)
            {
                if (Leaving.IsCancellationRequested) { return; }
                var isOver = e is ObjectDisposedException || Connection.ConnectionState == NatsConnectionState.Failed;
                var (reason, isForGood) = _dialing?.ReasonOf(e) ?? (e.Message, false);
                if (isOver || (isForGood && Counters.Connects == 0))
                {
                    Fail(new($"{reason}", isTransient: false, e));
                    return;
                }

                lock (Gate)
                {
                    if (e is NatsException) { Counters.LastFault = reason; }
                    if (!_isOpen) { _news.Lost(reason); }
                }

                await Task.Delay(Retry, Time, Leaving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private ValueTask OnOpenedAsync(object? sender, NatsEventArgs e)
    {
        Opened(e.Message);
        return default;
    }

    private ValueTask OnLostAsync(object? sender, NatsEventArgs e)
    {
        Lost($"the connection to {NatsDialing.Shown(e.Message)} was lost");
        _dialing?.Told();
        return default;
    }

    private ValueTask OnErrorAsync(object? sender, NatsServerErrorEventArgs e)
    {
        lock (Gate)
        {
            Counters.LastFault = e.Error;
            if (e.Error.StartsWith("Slow Consumer", StringComparison.OrdinalIgnoreCase)) { Counters.SlowConsumer++; }
            if (!NatsViolation.TryRead(e.Error, out var violation)) { return default; }
            var error = violation.Error(Name);
            if (violation.IsSubscription && violation.Subject.StartsWith(Connection.Opts.InboxPrefix, StringComparison.Ordinal))
            {
                NoReplies = error;
                End(error);
            }

            foreach (var ask in _asks.Where(a => violation.IsToPublish(a.Subject))) { ask.Ended.TrySetResult(error); }
            foreach (var part in _parts.ToArray()) { part.Denied(violation, error); }
        }

        return default;
    }

    private void Opened(string place)
    {
        lock (Gate)
        {
            if (place.Length > 0) { Place = NatsDialing.Shown(place); }
            if (_isOpen || Failure is not null) { return; }
            (_isOpen, NoReplies) = (true, null);
            if (Place.Length == 0) { Place = NatsDialing.Shown(Connection.Opts.Url.Split(',')[0]); }
            Counters.Connects++;
            _dialing?.Connected();
            foreach (var part in _parts.ToArray()) { part.Connected(); }
            _news.Connected(isKept: false);
            _opened.TrySetResult();
        }
    }

    private void Lost(string reason)
    {
        lock (Gate)
        {
            if (!_isOpen) { return; }
            (_isOpen, NoReplies, _opened) = (false, null, New());
            Counters.Losses++;
            if (Counters.LastFaultAt < Now - 1000 || Counters.LastFault.Length == 0) { Counters.LastFault = reason; }
            _dialing?.Lost();
            End(new(reason, isTransient: true));
            foreach (var part in _parts.ToArray()) { part.Lost(); }
            _news.Lost(reason);
        }

        if (_dialing is null) { _ = Task.Run(ConnectAsync); }
    }

    private void Leave()
    {
        foreach (var part in _parts.ToArray()) { part.Leaves(); }
        End(Failure!);
        _opened.TrySetResult();
    }

    private void End(TransportException reason)
    {
        foreach (var ask in _asks) { ask.Ended.TrySetResult(reason); }
        _asks.Clear();
    }
}
