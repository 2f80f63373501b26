namespace StreamLearn.Fleets;

/// <summary>A site's workers, by name, with leases.</summary>
/// <remarks>Source: Ho et al. (2013), stale synchronous parallel.</remarks>
internal sealed class SiteWorkers(ReplicatedModelOptions options)
{
    private readonly List<SiteWorker> _workers = [];
    private DateTimeOffset? _since;         // when the first worker appeared

    internal bool HaveLeft(DateTimeOffset now) =>
        !AreExpected(now) && _workers.Exists(static w => w.HasLeft) && !_workers.Exists(w => IsWaitedFor(w, now));

    /// <summary>Null: the limit of workers is reached.</summary>
    internal SiteWorker? Find(string name, DateTimeOffset now)
    {
        _since ??= now;
        var at = _workers.FindIndex(w => string.CompareOrdinal(w.Name, name) >= 0);
        if (at >= 0 && _workers[at].Name == name) { return _workers[at]; }
        if (_workers.Count == options.Workers) { return null; }
        var worker = new SiteWorker(name);
        _workers.Insert(at < 0 ? _workers.Count : at, worker);
        return worker;
    }

    /// <summary>Returns the lowest clock among awaited workers, or the site's clock while one is unknown or none is left.</summary>
    internal long Slowest(long clock, DateTimeOffset now)
    {
        if (AreExpected(now)) { return clock; }
        long? least = null;
        foreach (var worker in _workers)
        {
            if (IsWaitedFor(worker, now)) { least = Math.Min(worker.Clock, least ?? worker.Clock); }
        }

        return least ?? clock;
    }

    /// <summary>Returns the number of awaited workers, and how far the fastest is ahead of the site.</summary>
    internal (int Workers, long Lead) Standing(long clock, DateTimeOffset now)
    {
        var (count, lead) = (0, 0L);
        foreach (var worker in _workers)
        {
            if (!IsWaitedFor(worker, now)) { continue; }
            (count, lead) = (count + 1, Math.Max(lead, worker.Clock - clock));
        }

        return (count, lead);
    }

    internal bool AreWaiting(long clock) => _workers.Exists(w => CanContinue(w, clock));

    /// <summary>Releases waiting workers within the slack, in order of name.</summary>
    internal IEnumerable<string> Continue(long clock, DateTimeOffset now)
    {
        foreach (var worker in _workers)
        {
            if (!CanContinue(worker, clock)) { continue; }
            worker.Continue(now);
            yield return worker.Name;
        }
    }

    internal DateTimeOffset? NextExpiry(DateTimeOffset now)
    {
        if (options.Lease is not { } lease) { return null; }
        var first = AreExpected(now) ? _since + lease : null;
        foreach (var worker in _workers)
        {
            if (!worker.Waits && IsWaitedFor(worker, now) && !(worker.Seen + lease >= first)) { first = worker.Seen + lease; }
        }

        return first;
    }

    internal SiteWorker? NextHeld(long clock) => UpdateSender.Next(_workers, clock);

    internal void State(ref StateStream s)
    {
        s.ClockTime(ref _since);
        UpdateSender.State(ref s, _workers, options.Workers, options.MaxHeld, static name => new SiteWorker(name));
    }

    private bool AreExpected(DateTimeOffset now) => _workers.Count < options.Workers && !(now - _since >= options.Lease);

    /// <summary>A worker that waits is silent because of the site, so its lease does not expire.</summary>
    private bool IsWaitedFor(SiteWorker worker, DateTimeOffset now) =>
        !worker.HasLeft && (worker.Waits || !(now - worker.Seen >= options.Lease));

    private bool CanContinue(SiteWorker worker, long clock) => worker.Waits && worker.Clock - clock <= options.Slack;
}
