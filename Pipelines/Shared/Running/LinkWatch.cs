using StreamLearn.Nats;

namespace StreamLearn.Programs;

/// <summary>Reports lost and restored connections, and a connected server that keeps refusing messages. <paramref name="updateBytes"/>:
/// size of the largest message; 0 if all are small.</summary>
internal sealed class LinkWatch(
    IReadOnlyCollection<ITransport> transports, Uri server, long updateBytes, Action<string> say, string? advice = null)
{
    private const int LossesToAdvise = 3;

    private static readonly TimeSpan LossesWithin = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly string _server = EdgeServer.NameOf(server);
    private long? _lostSince = TimeProvider.System.GetTimestamp();      // the link starts without a connection
    private bool _saysLost;
    private bool _wasConnected;
    private bool _saysLimit;
    private int _losses;
    private long? _refusedSince;
    private bool _saysRefused;
    private (long Since, long Losses) _counted = (TimeProvider.System.GetTimestamp(), 0);
    private bool _asksForAnother;

    public bool IsConnected => _lostSince is null;

    /// <summary>Ignores losses of less than three seconds.</summary>
    public void Look()
    {
        LookForAnother();
        if (transports.FirstOrDefault(static t => !EdgeServer.IsConnected(t)) is not { } lost)
        {
            if (_saysLost) { say($"{_server} is connected{(_wasConnected ? " again" : "")}"); }
            if (_lostSince is not null) { SayLimit(); }      // the server's settings may have changed in the meantime
            (_lostSince, _saysLost, _wasConnected) = (null, false, true);
            LookAtRefusals();
            return;
        }

        if (_lostSince is null && ++_losses == LossesToAdvise && advice is not null)
        {
            say(FormattableString.Invariant($"the connection to {_server} was lost {_losses} times: {advice}"));
        }

        _lostSince ??= TimeProvider.System.GetTimestamp();
        if (_saysLost || TimeProvider.System.GetElapsedTime(_lostSince.Value) < Patience) { return; }
        _saysLost = true;
        var fault = EdgeServer.LastFault(lost) is { Length: > 0 } known ? known.ReplaceLineEndings(" ") : "no answer";
        say((_wasConnected ? $"the connection to {_server} is lost: {fault}" : $"{_server} is not reachable: {fault}")
            + "; messages are kept, and the program keeps trying to connect");
    }

    /// <summary>Checks once whether another client has the same name: an MQTT server then closes the older connection, mostly without a
    /// reason.</summary>
    private void LookForAnother()
    {
        var losses = transports.Max(EdgeServer.LossesOf);
        if (losses - _counted.Losses >= LossesToAdvise && !_asksForAnother)
        {
            _asksForAnother = true;
            say(FormattableString.Invariant($"{_server} has closed a connection {losses - _counted.Losses} times in a minute and ")
                + "accepted the next one: does another program use the same names, for example with a copy of this state?");
        }

        if (TimeProvider.System.GetElapsedTime(_counted.Since) > LossesWithin)
        {
            _counted = (TimeProvider.System.GetTimestamp(), losses);
        }
    }

    /// <summary>Ignores a single refusal; a retry that cannot succeed is refused each time.</summary>
    private void LookAtRefusals()
    {
        var refusals = transports.Select(static t => RefusedWithin(Patience, t));
        if (refusals.FirstOrDefault(static r => r is not null) is not { } refusal)
        {
            if (_saysRefused) { say($"{_server} accepts all messages again"); }
            (_refusedSince, _saysRefused) = (null, false);
            return;
        }

        _refusedSince ??= TimeProvider.System.GetTimestamp();
        if (_saysRefused || TimeProvider.System.GetElapsedTime(_refusedSince.Value) < Patience) { return; }
        _saysRefused = true;
        say($"{_server} is connected but refuses: {refusal}; messages are kept, and the program keeps trying");
    }

    /// <summary>Reports once that the server's message limit is below an update: the run cannot succeed.</summary>
    private void SayLimit()
    {
        if (_saysLimit || transports.Select(t => ServerCheck.Lacks(server, t, updateBytes)).FirstOrDefault(static l => l is not null)
            is not { } lack) { return; }
        _saysLimit = true;
        say(lack.Text);
    }

    /// <summary>Only NATS accepts a connection and then refuses to store, because its store is full or the account has none.</summary>
    private static string? RefusedWithin(TimeSpan time, ITransport transport) =>
        transport is NatsTransport { Status: { IsConnected: true, LastFault: { Length: > 0 } fault } status }
            && status.LastFaultAge < time ? fault.ReplaceLineEndings(" ") : null;
}
