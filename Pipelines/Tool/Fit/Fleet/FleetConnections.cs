using StreamLearn;


namespace Tool;

/// <summary>
/// How the sessions of a fleet stand with their server. However many are lost together, it tells once that the connection is lost and once
/// that it is back.
/// </summary>
internal sealed class FleetConnections
{
    /// <summary>Time in which losses are taken together, and for which all sessions must stay connected before the connection is said to be
    /// back.</summary>
    internal static readonly TimeSpan Gathering = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Member, int Link, string Session), bool> _connected = [];
    private readonly SortedDictionary<string, MemberConnections> _members = new(StringComparer.Ordinal);
    private readonly List<RunEvent> _told = [];
    private ConnectionLoss? _outage;
    private readonly List<string> _lines = [];
    private bool _isSlow;

    /// <summary>When the run ended; null before, and for one without connections of its own.</summary>
    internal TimeSpan? Ended { get; private set; }

    /// <summary>What was told so far: <see cref="ConnectionLost"/> and <see cref="ConnectionBack"/>, in order of time, without their
    /// mode.</summary>
    internal List<RunEvent> Told => Read<List<RunEvent>>(() => [.. _told]);

    /// <summary>What was told so far, in lines for people.</summary>
    internal List<string> Lines => Read<List<string>>(() => [.. _lines]);

    /// <summary>True if nobody has a connection of its own, as within a process.</summary>
    internal bool IsEmpty => Read(() => _members.Count == 0);

    /// <summary>Why nobody waits for the server any more; null: somebody does.</summary>
    internal string? GivenUp { get; private set; }

    /// <summary>Connections that were lost, of all sessions.</summary>
    internal int Losses => Read(() => _members.Values.Sum(m => m.Losses));

    /// <summary>How each participant was connected, once the run has ended.</summary>
    internal List<LinkFacts> Links =>
        Read<List<LinkFacts>>(() => [.. _members.Select(m => new LinkFacts(m.Key, m.Value.Losses, m.Value.CutOff, m.Value.IsBack))]);

    /// <summary>Connections that a participant lost.</summary>
    internal int LossesOf(string member) => Read(() => _members.TryGetValue(member, out var line) ? line.Losses : 0);

    /// <summary>How long some session has had no connection, once that was told; null if all have one.</summary>
    internal TimeSpan? AwayFor(TimeSpan now) =>
        Read<TimeSpan?>(() => _outage is { IsTold: true, BackAt: null } outage ? now - outage.StartedAt : null);

    /// <summary>Nobody waits for the server any more.</summary>
    internal void GiveUp(TimeSpan at, TimeSpan patience, string what)
    {
        GivenUp = FormattableString.Invariant($"given up: for {patience.TotalSeconds:0.#} s {what}");
        lock (_gate) { _lines.Add(FormattableString.Invariant($"{at.TotalSeconds:0.0} s  {GivenUp}")); }
    }

    /// <summary>Tells once that the link is too slow.</summary>
    internal void TellSlow(TimeSpan at, string text)
    {
        lock (_gate)
        {
            if (_isSlow || _outage is not null) { return; }
            _isSlow = true;
            _lines.Add(FormattableString.Invariant($"{at.TotalSeconds:0.0} s  {text}"));
        }
    }

    /// <summary>Reads what a transport of a participant tells, until it is canceled. <paramref name="cancellationToken"/>: ends the
    /// reading, without an exception.</summary>
    internal async Task ListenAsync(string member, int link, ITransport transport, Func<TimeSpan> now, CancellationToken cancellationToken)
    {
        await foreach (var change in transport.ConnectionsAsync(cancellationToken).ConfigureAwait(false))
        {
            Take(member, link, change, now());
        }
    }

    /// <summary>Takes in a change. A session that has not had a connection yet has none to lose, but goes without one.</summary>
    internal void Take(string member, int link, ConnectionChange change, TimeSpan at)
    {
        lock (_gate)
        {
            if (!_members.TryGetValue(member, out var line)) { _members[member] = line = new(); }
            if (line.HasLeft) { return; }
            var key = (member, link, change.Session);
            if (!_connected.TryGetValue(key, out var was))
            {
                if (!change.IsConnected) { Lose(line, key, change, at, wasConnected: false); }
                _connected[key] = change.IsConnected;
                return;
            }

            // one that is connected anew was lost, though nobody has seen it
            if (was) { Lose(line, key, change, at, wasConnected: true); }
            _connected[key] = change.IsConnected;
            if (change.IsConnected) { Restore(line, 1, at); }
        }
    }

    /// <summary>A participant has ended: nobody misses its sessions.</summary>
    internal void Leave(string member, TimeSpan at)
    {
        lock (_gate)
        {
            if (!_members.TryGetValue(member, out var line) || line.HasLeft) { return; }
            line.HasLeft = true;
            if (line.Lost > 0) { Restore(line, line.Lost, at); }
        }
    }

    /// <summary>Tells what is due by now.</summary>
    internal void Tick(TimeSpan at)
    {
        lock (_gate)
        {
            if (_outage is not { } outage) { return; }
            if (at >= outage.StartedAt + Gathering) { TellLost(outage); }
            if (outage.BackAt is { } back && at >= back + Gathering) { TellBack(outage, back); }
        }
    }

    /// <summary>The run has ended: tells what has not been told.</summary>
    internal void End(TimeSpan at)
    {
        lock (_gate)
        {
            Ended = at;
            foreach (var line in _members.Values) { line.Close(at); }
            if (_outage is not { } outage) { return; }
            TellLost(outage);
            if (outage.BackAt is { } back) { TellBack(outage, back); }
        }
    }

    private static string TextOf(RunEvent item) => item switch
    {
        ConnectionLost lost => FormattableString.Invariant($"{lost.Seconds:0.0} s  no connection to {lost.Server}: {ReasonOf(lost)} ")
            + FormattableString.Invariant($"({lost.Sessions} session{(lost.Sessions == 1 ? "" : "s")})"),
        _ => FormattableString.Invariant($"{item.Seconds:0.0} s  connection is back"),
    };

    /// <summary>Why, without the server, which is named before.</summary>
    private static string ReasonOf(ConnectionLost lost)
    {
        var named = $"{lost.Server}: ";
        return lost.Reason.StartsWith(named, StringComparison.Ordinal) ? lost.Reason[named.Length..] : lost.Reason;
    }

    private T Read<T>(Func<T> read)
    {
        lock (_gate) { return read(); }
    }

    private void Lose(MemberConnections line, (string Member, int Link, string Session) key, ConnectionChange change, TimeSpan at,
        bool wasConnected)
    {
        line.Lose(at, wasConnected);
        _outage ??= new(change.Transport, change.Reason.Length == 0 ? "the connection was lost" : change.Reason, at);
        if (!_outage.IsTold) { _outage.Sessions.Add(key); }
        _outage.BackAt = null;
    }

    private void Restore(MemberConnections line, int sessions, TimeSpan at)
    {
        line.Restore(sessions, at);
        if (_outage is not null && _members.Values.All(m => m.Lost == 0)) { _outage.BackAt = at; }
    }

    private void TellLost(ConnectionLoss outage)
    {
        if (outage.IsTold) { return; }
        outage.IsTold = true;
        Tell(new ConnectionLost(outage.Server, outage.Sessions.Count, outage.Reason) { Seconds = outage.StartedAt.TotalSeconds });
    }

    private void TellBack(ConnectionLoss outage, TimeSpan at)
    {
        Tell(new ConnectionBack(outage.Server, (at - outage.StartedAt).TotalSeconds) { Seconds = at.TotalSeconds });
        _outage = null;
    }

    private void Tell(RunEvent item)
    {
        _told.Add(item);
        _lines.Add(TextOf(item));
    }
}
