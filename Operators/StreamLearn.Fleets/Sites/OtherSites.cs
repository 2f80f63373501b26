namespace StreamLearn.Fleets;

internal sealed class OtherSites(ReplicatedModelOptions options)
{
    private readonly List<OtherSite> _sites = [];
    private int _expected = options.Joins ? 0 : options.Others;     // sites that must report before the slowest is known
    private DateTimeOffset? _since;                                 // time of the first call

    internal IReadOnlyList<OtherSite> All => _sites;

    /// <summary>True: sites that never sent anything are no longer awaited.</summary>
    private bool IsExpectedNoMore(DateTimeOffset now) => now - _since >= options.Lease;

    internal void Begin(DateTimeOffset now) => _since ??= now;

    /// <summary>Null: the limit of sites is reached.</summary>
    internal OtherSite? Find(string name, DateTimeOffset now, long heard = 0)
    {
        var site = _sites.Find(s => s.Name == name);
        if (site is null && _sites.Count < options.Capacity) { _sites.Add(site = new(name) { Heard = heard }); }
        site?.Seen = now;
        return site;
    }

    internal bool IsWaitedFor(OtherSite site, DateTimeOffset now) => !site.HasLeft && !(now - site.Seen >= options.Lease);

    internal long Slowest(DateTimeOffset now)
    {
        if (_sites.Count < _expected && !IsExpectedNoMore(now)) { return 0; }
        var least = long.MaxValue;
        foreach (var site in _sites)
        {
            if (IsWaitedFor(site, now)) { least = Math.Min(least, site.Clock); }
        }

        return least;
    }

    internal long Heard(DateTimeOffset now)
    {
        var least = long.MaxValue;
        foreach (var site in _sites)
        {
            if (IsWaitedFor(site, now)) { least = Math.Min(least, site.Heard); }
        }

        return least;
    }

    /// <summary>True if a position that is read is awaited from a site within its lease. <paramref name="reads"/>: null: all.
    /// <paramref name="expired"/>: sites ignored from now on.</summary>
    internal bool Bars(bool[]? reads, DateTimeOffset now, out int expired)
    {
        var bars = false;
        expired = 0;
        foreach (var site in _sites)
        {
            if (site.Awaited.IsEmpty) { continue; }
            if (!IsWaitedFor(site, now) || now - site.AwaitedSince >= options.Lease)
            {
                site.AwaitNothing();
                expired++;
            }
            else { bars |= reads is null || site.Awaited.Any(key => reads[key]); }
        }

        return bars;
    }

    internal void Forget(string name)
    {
        if (_sites.Find(s => s.Name == name) is not { } site) { return; }
        site.HasLeft = true;
        site.AwaitNothing();
    }

    internal DateTimeOffset? NextExpiry(DateTimeOffset now)
    {
        if (options.Lease is not { } lease) { return null; }
        var first = _sites.Count < _expected && !IsExpectedNoMore(now) ? _since + lease : null;
        foreach (var site in _sites)
        {
            if (!IsWaitedFor(site, now)) { continue; }
            if (!(site.Seen + lease >= first)) { first = site.Seen + lease; }
            if (!site.Awaited.IsEmpty && site.AwaitedSince + lease < first) { first = site.AwaitedSince + lease; }
        }

        return first;
    }

    internal bool IsFirst(string name, string butFor, DateTimeOffset now) => (_sites.Count >= _expected || IsExpectedNoMore(now))
        && !_sites.Exists(s => s.Name != butFor && IsWaitedFor(s, now) && string.CompareOrdinal(s.Name, name) < 0);

    /// <summary>Returns the sender of the next held update by clock and name, up to a clock.</summary>
    internal OtherSite? NextHeld(long clock) => UpdateSender.Next(_sites, clock);

    internal void State(ref StateStream s)
    {
        s.ClockTime(ref _since);
        UpdateSender.State(ref s, _sites, options.Capacity, options.MaxHeld, static name => new OtherSite(name));
    }
}
