namespace StreamLearn.Fleets;

/// <summary>Members, invitations and reports. A device joins by a hello or an update. It is awaited from its first update, even one without
/// steps, until it leaves or its lease expires.</summary>
internal sealed partial class Fleet(int maxDevices, long version, double maxShare, Func<string, string>? ownerOf = null)
{
    /// <summary>Minimum number of devices for detecting that one sends more than the others.</summary>
    internal const int EnoughDevices = 3;

    internal static readonly Comparer<Member> Order = Comparer<Member>.Create(static (a, b) => a.Id.CompareTo(b.Id));

    private readonly Dictionary<string, Member> _members = new(StringComparer.Ordinal);
    private readonly List<Member> _ready = [];
    private readonly RecentShares _recent = new();
    private readonly Newcomers _newcomers = new();
    private int _resting;       // number of resting devices among the ready ones
    private long _held = version;

    internal FleetMedians Medians { get; } = new(ownerOf);

    internal Invitations Invitations { get; } = new(version);

    internal ScaleRows Rows { get; } = new(maxShare);

    internal IReadOnlyList<Member> Ready => _ready;

    internal int Alive { get; private set; }

    internal int Elders { get; private set; }

    internal int Known { get; private set; }

    internal bool AllRest => _resting == _ready.Count;

    /// <summary>Share of the ready learners that have steps to do; evaluators do not count.</summary>
    internal double ShareAtWork
    {
        get
        {
            if (_resting == 0) { return 1; }
            var (learning, resting) = (0, 0);
            foreach (var member in _ready)
            {
                if (member.Rests && member.Last is null) { continue; }
                learning++;
                resting += member.Rests ? 1 : 0;
            }

            return learning == 0 ? 1 : (double)(learning - resting) / learning;
        }
    }

    internal Member? MemberOf(string device) => _members.GetValueOrDefault(device);

    /// <summary>Records a message that no honest device sends; too many of them quarantine the device.</summary>
    internal bool Strike(string device, DateTimeOffset now)
    {
        if (MemberOf(device) is not { } member || member.Strikes.IsQuarantined(now) || !member.Strikes.Add(now)) { return false; }
        Die(member);
        return true;
    }

    /// <summary>Forgets the fences, the quarantine and the updates of a device, except those in the open round.</summary>
    internal void Forget(Member member)
    {
        Die(member);
        Known -= member is { IsLeftOut: true, HasData: false } ? 1 : 0;
        member.Forget();
    }

    /// <summary>Devices of the round, with those that are there and rest, are late or not invited; not those that were refused.</summary>
    internal int Present
    {
        get
        {
            var present = Invitations.Contributors;
            foreach (var member in _ready)
            {
                present += !Invitations.HasContributed(member) && (member.Rests || !Invitations.HasReported(member)) ? 1 : 0;
            }

            return present;
        }
    }

    /// <summary>Returns true if a device sends twice the updates of all others, so fast that theirs would be stale. A slower burst, such as
    /// after a server outage, does not count.</summary>
    internal bool IsFlood(Member member, DateTimeOffset now) => maxShare < 1 && _ready.Count >= EnoughDevices
        && Medians.Latency is { } usual && member.Recent.Due - now > usual && _recent.IsFlood(member.Recent);

    internal double Allowed(Member member, double weight, double share) =>
        share >= 1 || _ready.Count < EnoughDevices ? weight : Math.Min(weight, _recent.Allowed(member.Recent, weight, share));

    internal void Count(Member member, double weight, int maxStaleness, DateTimeOffset now)
    {
        member.Strikes.TakeBack();
        if (member.Accept() && member.Alive) { Elders++; }
        var due = member.Recent.Due is { } d && d > now ? d : now;
        member.Recent.Due = due + ((Medians.Latency ?? TimeSpan.Zero) / Math.Max(1, maxStaleness / 2));
        if (_recent.Add(ref member.Recent, weight)) { return; }
        var unit = _recent.Shrink();
        foreach (var other in _members.Values)
        {
            (other.Recent.Weight, other.Recent.Count) = (other.Recent.Weight / unit, other.Recent.Count / unit);
        }
    }

    /// <summary>True if devices without an accepted update have sent too much in this second. Without elders there is no limit.</summary>
    internal bool IsCrowded(string device, DateTimeOffset now) =>
        Elders > 0 && MemberOf(device) is not { Accepted: > 0 } && !_newcomers.Take(device, Elders, now);

    internal bool IsIdleFlood(string device, DateTimeOffset now) => _members.TryGetValue(device, out var member) && member.Idle.IsFull(now);

    internal void NoteIdle(string device, DateTimeOffset now)
    {
        if (_members.TryGetValue(device, out var member)) { member.Idle.Add(now); }
    }

    /// <summary><paramref name="member"/>: the sender; null if it is not a member, or if the update is from an earlier start.</summary>
    internal UpdateRefusal? Admit(WeightDelta update, DateTimeOffset now, out Member? member)
    {
        if (KnownStart(update.Device, update.Epoch, now, out member) is { } stranger) { return stranger; }
        if (member!.Starts.AreTwo(now))
        {
            member = null;
            return UpdateRefusal.TwoPrograms;
        }

        if (member.Identities.Admit(update.Sequence, update.Fingerprint) is { } known)
        {
            if (!update.IsResent) { return known; }         // a duplicate made by the network does not show that the device is alive
            member.Seen = now;
            if (!member.Alive && !member.Left) { Join(member); }
            return known;
        }

        member.Seen = now;
        if (!member.HasData)
        {
            Known += member.IsKnown ? 0 : 1;
            member.HasData = true;
            if (member.IsReady) { Enter(member); }
        }

        if (!member.Alive && !member.Left) { Join(member); }
        return null;
    }

    /// <summary>Resumes from a version of an earlier aggregator. <paramref name="rows"/>: number of rows from which its scaling
    /// moments were computed; their devices are unknown.</summary>
    internal void ResumeFrom(long restored, long rows)
    {
        Invitations.ResumeFrom(restored);
        _held = -1;
        foreach (var member in _members.Values) { member.Versions.Lose(-1); }
        Rows.Restart(rows, _members.Values);
    }

    internal bool HaveAllReported => Alive > 0 && _members.Values.All(static m => !m.Alive || m.Holds is not null);

    /// <summary>The holder of the newest version among devices asked fewer than <paramref name="questions"/> times.</summary>
    internal Member? HolderOfNewest(int questions) =>
        _members.Values.Where(m => m.Alive && m.Questions < questions).MaxBy(static m => m.Holds ?? default);

    internal void Resume()
    {
        foreach (var member in _members.Values)
        {
            (member.Holds, member.Questions) = (null, 0);
            member.Identities.Resume();
        }
    }

    internal void Offer(Downlink downlink)
    {
        foreach (var member in _members.Values)
        {
            if (member.Alive) { downlink.Offer(member); }
        }
    }

    internal void Report(Downlink downlink)
    {
        foreach (var member in _members.Values) { downlink.Report(member); }
    }

    internal UpdateRefusal? Hear(Presence presence, DateTimeOffset now, out Member? member, out bool areTwo)
    {
        (member, areTwo) = (null, false);
        if (presence.TopicDevice is not null) { return UpdateRefusal.NotItsTopic; }
        if (KnownStart(presence.Device, presence.Epoch, now, out member) is { } stranger) { return stranger; }
        member!.Seen = now;
        areTwo = presence.Start is { } start && member.Starts.Note(start, now);
        if (presence.Kind == PresenceKind.Leave) { Leave(member); }
        else if (!member.Alive && !member.HasEnded && (presence.Kind == PresenceKind.Hello || !member.Left)) { Join(member); }
        return null;
    }

    internal void Rest(Member member, bool rests)
    {
        if (member.IsReady) { _resting += (rests ? 1 : 0) - (member.Rests ? 1 : 0); }
        member.Rests = rests;
    }

    /// <summary>Later messages of the epoch, such as a hello that arrives after the leave message, do not bring the device back.</summary>
    internal void End(Member member)
    {
        member.HasEnded = true;
        Leave(member);
    }

    internal void Leave(Member member)
    {
        member.Left = true;
        Die(member);
    }

    /// <summary>Devices that never sent an update are forgotten.</summary>
    internal (int Ended, DateTimeOffset? Next) Expire(DateTimeOffset now, TimeSpan lease)
    {
        var (ended, next) = (0, (DateTimeOffset?)null);
        foreach (var (name, member) in _members)
        {
            if (!member.Alive) { continue; }
            var end = member.Seen + lease;
            if (end <= now)
            {
                Die(member);
                if (!member.HasData && MayForget(member) && !member.Strikes.IsQuarantined(now))
                {
                    Known -= member.IsKnown ? 1 : 0;
                    _members.Remove(name);
                }

                ended++;
            }
            else if (!(next <= end)) { next = end; }
        }

        return (ended, next);
    }

    /// <summary>Finds the member of a device; null if the start is older than the newest known.</summary>
    private UpdateRefusal? KnownStart(string device, long epoch, DateTimeOffset now, out Member? member)
    {
        var isKnown = _members.TryGetValue(device, out member);
        UpdateRefusal? refusal = member?.Strikes.IsQuarantined(now) == true ? UpdateRefusal.Quarantined
            : Plausible.IsStart(epoch, now) ? null : UpdateRefusal.ImplausibleEpoch;
        if (refusal is not null)
        {
            member = null;
            return refusal;
        }

        if (!isKnown)
        {
            if (_members.Count == maxDevices && !MakeSpace()) { return UpdateRefusal.FleetFull; }
            _members[device] = member = new(new(device));
        }

        if (epoch < member!.Epoch)
        {
            member = null;
            return UpdateRefusal.Fenced;
        }

        if (epoch > member.Epoch) { member.Restart(epoch, _held); }
        return null;
    }

    private bool MakeSpace()
    {
        foreach (var (name, member) in _members)
        {
            if (member.Alive || member.IsElder || !MayForget(member)) { continue; }
            Known -= member.IsKnown ? 1 : 0;
            return _members.Remove(name);
        }

        return false;
    }

    private static bool MayForget(Member member) => member is { IsVersionDue: false, IsReceiptDue: false } && !member.Identities.HasHeld;
}
