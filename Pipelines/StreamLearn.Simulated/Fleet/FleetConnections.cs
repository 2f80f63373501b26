namespace StreamLearn.Simulated;

/// <summary>Reports a lost and a restored connection once, however many sessions it affects.</summary>
internal sealed class FleetConnections
{
    /// <summary>Time to collect losses, and for which all sessions must stay connected to count as restored.</summary>
    internal static readonly TimeSpan Gathering = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Member, int Link, string Session), bool> _connected = [];
    private readonly SortedDictionary<string, MemberConnections> _members = new(StringComparer.Ordinal);
    private readonly List<RunEvent> _told = [];
    private ConnectionLoss? _outage;
    private readonly List<string> _lines = [];
    private bool _isSlow;

    /// <summary>When the run ended; null before the end, and without connections.</summary>
    internal TimeSpan? Ended { get; private set; }

    /// <summary><see cref="ConnectionLost"/> and <see cref="ConnectionBack"/> in time order, without their mode.</summary>
    internal List<RunEvent> Told => Read<List<RunEvent>>(() => [.. _told]);

    internal List<string> Lines => Read<List<string>>(() => [.. _lines]);

    /// <summary>True within a process.</summary>
    internal bool IsEmpty => Read(() => _members.Count == 0);

    /// <summary>Why the server is no longer awaited; null: it is.</summary>
    internal string? GivenUp { get; private set; }

    internal int Losses => Read(() => _members.Values.Sum(m => m.Losses));

    /// <summary>Valid after the run's end.</summary>
    internal List<LinkFacts> Links =>
        Read<List<LinkFacts>>(() => [.. _members.Select(m => new LinkFacts(m.Key, m.Value.Losses, m.Value.CutOff, m.Value.IsBack))]);

    internal int LossesOf(string member) => Read(() => _members.TryGetValue(member, out var line) ? line.Losses : 0);

    /// <summary>Null: all sessions are connected, or the loss is not reported yet.</summary>
    internal TimeSpan? AwayFor(TimeSpan now) =>
        Read<TimeSpan?>(() => _outage is { IsTold: true, BackAt: null } outage ? now - outage.StartedAt : null);

    internal void GiveUp(TimeSpan at, TimeSpan patience, string what)
    {
        GivenUp = FormattableString.Invariant($"stopped: for {patience.TotalSeconds:0.#} s {what}");
        lock (_gate) { _lines.Add(FormattableString.Invariant($"{at.TotalSeconds:0.0} s  {GivenUp}")); }
    }

    internal void TellSlow(TimeSpan at, string text)
    {
        lock (_gate)
        {
            if (_isSlow || _outage is not null) { return; }
            _isSlow = true;
            _lines.Add(FormattableString.Invariant($"{at.TotalSeconds:0.0} s  {text}"));
        }
    }

    /// <summary><paramref name="cancellationToken"/>: ends reading without an exception.</summary>
    internal async Task ListenAsync(string member, int link, ITransport transport, Func<TimeSpan> now, CancellationToken cancellationToken)
    {
        await foreach (var change in transport.ConnectionsAsync(cancellationToken).ConfigureAwait(false))
        {
            Take(member, link, change, now());
        }
    }

    /// <summary>A session never connected counts as away, not as lost.</summary>
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

            // a new connect implies an unseen loss
            if (was) { Lose(line, key, change, at, wasConnected: true); }
            _connected[key] = change.IsConnected;
            if (change.IsConnected) { Restore(line, 1, at); }
        }
    }

    /// <summary>Records that a member left; its missing sessions are no longer reported.</summary>
    internal void Leave(string member, TimeSpan at)
    {
        lock (_gate)
        {
            if (!_members.TryGetValue(member, out var line) || line.HasLeft) { return; }
            line.HasLeft = true;
            if (line.Lost > 0) { Restore(line, line.Lost, at); }
        }
    }

    internal void Tick(TimeSpan at)
    {
        lock (_gate)
        {
            if (_outage is not { } outage) { return; }
            if (at >= outage.StartedAt + Gathering) { TellLost(outage); }
            if (outage.BackAt is { } back && at >= back + Gathering) { TellBack(outage, back); }
        }
    }

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
