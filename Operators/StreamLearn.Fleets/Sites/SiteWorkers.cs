namespace StreamLearn.Fleets;

/// <summary>The workers of a site, in the order of their names, and how long those are waited for that say nothing.</summary>
/// <remarks>Source: Ho et al. (2013), stale synchronous parallel.</remarks>
internal sealed class SiteWorkers(ReplicatedModelOptions options)
{
    private readonly List<SiteWorker> _workers = [];
    private DateTimeOffset? _since;         // the first one was heard

    /// <summary>True if all that are known have ended, and one of them has said so.</summary>
    internal bool HaveLeft(DateTimeOffset now) =>
        !AreExpected(now) && _workers.Exists(static w => w.HasLeft) && !_workers.Exists(w => IsWaitedFor(w, now));

    /// <summary>The worker of a name; null if there are as many others already.</summary>
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

    /// <summary>The clock of the slowest worker that is waited for; the site's own while one has not been heard of, or if there is
    /// none.</summary>
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

    /// <summary>How many are waited for, and by how many clocks the first of them is ahead of the site.</summary>
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

    /// <summary>True if a worker waits for a version, and is not too far ahead of the slowest one to get it.</summary>
    internal bool AreWaiting(long clock) => _workers.Exists(w => MayGoOn(w, clock));

    /// <summary>Lets all go on that wait and are not too far ahead, and gives their names in order.</summary>
    internal IEnumerable<string> GoOn(long clock, DateTimeOffset now)
    {
        foreach (var worker in _workers)
        {
            if (!MayGoOn(worker, clock)) { continue; }
            worker.GoOn(now);
            yield return worker.Name;
        }
    }

    /// <summary>When the next one is waited for no more; null: never.</summary>
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

    /// <summary>The one whose held update is next in the order of clocks and names; null if there is none up to a clock.</summary>
    internal SiteWorker? NextHeld(long clock) => UpdateSender.Next(_workers, clock);

    internal void State(ref StateStream s)
    {
        s.ClockTime(ref _since);
        UpdateSender.State(ref s, _workers, options.Workers, options.MaxHeld, static name => new SiteWorker(name));
    }

    private bool AreExpected(DateTimeOffset now) => _workers.Count < options.Workers && !(now - _since >= options.Lease);

    /// <summary>True unless it has left or vanished; one that waits is silent because of the site.</summary>
    private bool IsWaitedFor(SiteWorker worker, DateTimeOffset now) =>
        !worker.HasLeft && (worker.Waits || !(now - worker.Seen >= options.Lease));

    private bool MayGoOn(SiteWorker worker, long clock) => worker.Waits && worker.Clock - clock <= options.Slack;
}
