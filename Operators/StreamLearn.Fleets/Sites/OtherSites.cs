namespace StreamLearn.Fleets;

/// <summary>The other sites that have been heard of, and how long those are waited for that say nothing.</summary>
internal sealed class OtherSites(ReplicatedModelOptions options)
{
    private readonly List<OtherSite> _sites = [];
    private int _expected = options.Joins ? 0 : options.Others;     // none of them is to be heard of before the slowest is known
    private DateTimeOffset? _since;                                 // the first call

    internal IReadOnlyList<OtherSite> All => _sites;

    /// <summary>True once a site that nobody has heard of is waited for no more.</summary>
    private bool IsExpectedNoMore(DateTimeOffset now) => now - _since >= options.Lease;

    internal void Begin(DateTimeOffset now) => _since ??= now;

    /// <summary>The site of a name; null if there are as many others already.</summary>
    internal OtherSite? Find(string name, DateTimeOffset now, long heard = 0)
    {
        var site = _sites.Find(s => s.Name == name);
        if (site is null && _sites.Count < options.Capacity) { _sites.Add(site = new(name) { Heard = heard }); }
        site?.Seen = now;
        return site;
    }

    internal bool IsWaitedFor(OtherSite site, DateTimeOffset now) => !site.HasLeft && !(now - site.Seen >= options.Lease);

    /// <summary>The clock of the slowest site that is waited for.</summary>
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

    /// <summary>The last update of this site that all have heard.</summary>
    internal long Heard(DateTimeOffset now)
    {
        var least = long.MaxValue;
        foreach (var site in _sites)
        {
            if (IsWaitedFor(site, now)) { least = Math.Min(least, site.Heard); }
        }

        return least;
    }

    /// <summary>True if values are awaited at a place that is read. Who is waited for no more, or was for too long, is passed over.
    /// <paramref name="reads"/>: of each place, if it is read; null: all are. <paramref name="expired"/>: how many sites are passed over
    /// from here on.</summary>
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

    /// <summary>Waits no more for a site that has lost what it knew.</summary>
    internal void Forget(string name)
    {
        if (_sites.Find(s => s.Name == name) is not { } site) { return; }
        site.HasLeft = true;
        site.AwaitNothing();
    }

    /// <summary>When the next one is waited for no more; null: never.</summary>
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

    /// <summary>True if all are known, and a name is before those of the others that are waited for, but for one.</summary>
    internal bool IsFirst(string name, string butFor, DateTimeOffset now) => (_sites.Count >= _expected || IsExpectedNoMore(now))
        && !_sites.Exists(s => s.Name != butFor && IsWaitedFor(s, now) && string.CompareOrdinal(s.Name, name) < 0);

    /// <summary>The one whose held update is next in the order of clocks and names; null if there is none up to a clock.</summary>
    internal OtherSite? NextHeld(long clock) => UpdateSender.Next(_sites, clock);

    internal void State(ref StateStream s)
    {
        s.ClockTime(ref _since);
        UpdateSender.State(ref s, _sites, options.Capacity, options.MaxHeld, static name => new OtherSite(name));
    }
}
