using System.Collections.Immutable;
using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Fleets;

/// <summary>Members, invitations and reports. A device joins by a hello or an update; it is awaited from its first update, even without
/// steps, until it leaves or its lease expires.</summary>
internal sealed partial class Fleet(int maxDevices, long version, double maxShare, Func<string, string>? ownerOf = null)
{
    /// <summary>Devices needed to tell that one sends more than the others.</summary>
    internal const int EnoughDevices = 3;

    private static readonly Comparer<Member> Order = Comparer<Member>.Create(static (a, b) => a.Id.CompareTo(b.Id));

    private readonly Dictionary<string, Member> _members = new(StringComparer.Ordinal);
    private readonly List<Member> _ready = [];
    private readonly List<DeviceId> _cohort = [];
    private readonly double[] _memory = new double[FleetView.MemoryValues];
    private readonly RecentShares _recent = new();
    private readonly Newcomers _newcomers = new();
    private long _rows;         // of all devices, that count in the fleet's scale
    private DeviceView[] _views = [];
    private int _resting;       // of those that are ready
    private long _round = version;
    private long _held = version;

    internal FleetMedians Medians { get; } = new(ownerOf);

    internal IReadOnlyList<Member> Ready => _ready;

    internal int Alive { get; private set; }

    /// <summary>Live elders.</summary>
    internal int Elders { get; private set; }

    internal int Known { get; private set; }

    /// <summary>False: everyone is invited.</summary>
    internal bool Listed { get; private set; }

    internal bool AllRest => _resting == _ready.Count;

    /// <summary>Share of the ready learners that have steps to make; evaluators do not count.</summary>
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

    internal int Invited { get; private set; }

    internal int Reported { get; private set; }

    /// <summary>Invited devices with an accepted update, alive or not.</summary>
    internal int Contributors { get; private set; }

    /// <summary>Median expected time of invited devices.</summary>
    internal TimeSpan? Predicted { get; private set; }

    internal Member? MemberOf(string device) => _members.GetValueOrDefault(device);

    /// <summary>Too many such messages quarantine the device.</summary>
    internal bool Strike(string device, DateTimeOffset now)
    {
        if (MemberOf(device) is not { } member || member.Strikes.IsQuarantined(now) || !member.Strikes.Add(now)) { return false; }
        Die(member);
        return true;
    }

    /// <summary>Forgets fences, quarantine and updates of a device, except what is in the open round.</summary>
    internal bool Forget(string device)
    {
        if (!_members.TryGetValue(device, out var member)) { return false; }
        Die(member);
        member.Forget();
        return true;
    }

    /// <summary>True: twice all others' updates, so fast that their updates would be stale. A slower burst, as after a server outage, is
    /// none.</summary>
    internal bool IsFlood(Member member, DateTimeOffset now) => maxShare < 1 && _ready.Count >= EnoughDevices
        && Medians.Latency is { } usual && member.Recent.Due - now > usual && _recent.IsFlood(member.Recent);

    /// <summary>Maximum weight that keeps the device within its share of recent updates.</summary>
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

    /// <summary>Rows that count in the fleet's scale: with three or more devices, at most a share each. <paramref name="isKnown"/>: others
    /// have made a scale.</summary>
    internal long CountRows(Member member, long rows, bool isKnown)
    {
        if (isKnown && _rows > 0 && maxShare < 1)
        {
            var most = (_rows - member.Rows) * maxShare / (1 - maxShare);
            rows = (long)Math.Clamp(most - member.Rows, 0, rows);
        }

        (member.Rows, _rows) = (member.Rows + rows, _rows + rows);
        return rows;
    }

    /// <summary>True: devices without an accepted update have sent too much this second. No bound without elders.</summary>
    internal bool IsCrowded(string device, DateTimeOffset now) =>
        Elders > 0 && MemberOf(device) is not { Accepted: > 0 } && !_newcomers.Take(device, Elders, now);

    internal bool IsIdleFlood(string device, DateTimeOffset now) => _members.TryGetValue(device, out var member) && member.Idle.IsFull(now);

    internal void NoteIdle(string device, DateTimeOffset now)
    {
        if (_members.TryGetValue(device, out var member)) { member.Idle.Add(now); }
    }

    internal void ForgetRows(Member member) => (_rows, member.Rows) = (_rows - member.Rows, 0);

    /// <summary><paramref name="member"/>: the sender; null: not a member, or an earlier start's update.</summary>
    internal string? Admit(WeightDelta update, DateTimeOffset now, out Member? member)
    {
        if (KnownStart(update.Device, update.Epoch, now, out member) is { } stranger) { return stranger; }
        if (member!.Starts.AreTwo(now))
        {
            member = null;
            return Refusals.TwoPrograms;
        }

        if (member.Identities.Admit(update.Sequence, update.Fingerprint) is { } known)
        {
            if (!update.IsResent) { return known; }         // a copy that the network made is no sign of life
            member.Seen = now;
            if (!member.Alive && !member.Left) { Join(member); }
            return known;
        }

        member.Seen = now;
        if (!member.HasData)
        {
            Known++;
            member.HasData = true;
            if (member.Alive) { Enter(member); }
        }

        if (!member.Alive && !member.Left) { Join(member); }
        return null;
    }

    /// <summary>Resumes from an earlier aggregator's version. <paramref name="rows"/>: rows in its scale, of unknown devices.</summary>
    internal void GoOnFrom(long restored, long rows)
    {
        (_round, _held) = (restored, -1);
        foreach (var member in _members.Values) { member.Versions.Lose(-1); }
        CountRowsBefore(rows);
    }

    internal bool HaveAllReported => Alive > 0 && _members.Values.All(static m => !m.Alive || m.Holds is not null);

    /// <summary>Holder of the newest version among devices asked fewer than <paramref name="questions"/> times.</summary>
    internal Member? HolderOfNewest(int questions) =>
        _members.Values.Where(m => m.Alive && m.Questions < questions).MaxBy(static m => m.Holds ?? default);

    internal void ForgetReports()
    {
        foreach (var member in _members.Values) { (member.Holds, member.Questions) = (null, 0); }
    }

    internal void CountRowsBefore(long rows)
    {
        _rows = rows;
        foreach (var member in _members.Values) { member.Rows = 0; }
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

    internal string? Hear(Presence presence, DateTimeOffset now, out Member? member, out bool areTwo)
    {
        (member, areTwo) = (null, false);
        if (presence.TopicDevice is not null) { return Refusals.NotItsTopic; }
        if (KnownStart(presence.Device, presence.Epoch, now, out member) is { } stranger) { return stranger; }
        member!.Seen = now;
        areTwo = presence.Start is { } start && member.Starts.Note(start, now);
        if (presence.Kind == PresenceKind.Leave) { Leave(member); }
        else if (!member.Alive && !member.HasEnded && (presence.Kind == PresenceKind.Hello || !member.Left)) { Join(member); }
        return null;
    }

    internal bool IsInvited(Member member) => !Listed || member.InvitedTo == _round;

    internal void Rest(Member member, bool rests)
    {
        if (IsReady(member)) { _resting += (rests ? 1 : 0) - (member.Rests ? 1 : 0); }
        member.Rests = rests;
    }

    internal void Report(Member member)
    {
        if (member.ReportedIn == _round || !IsInvited(member)) { return; }
        member.ReportedIn = _round;
        if (Listed) { member.Participations++; }
        if (IsReady(member)) { Reported++; }
    }

    internal void Contribute(Member member)
    {
        if (member.ContributedIn == _round) { return; }
        member.ContributedIn = _round;
        Contributors++;
    }

    /// <summary>Nothing of this epoch brings the device back, such as a hello that overtakes its leave message.</summary>
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
                if (!member.HasData && MayForget(member) && !member.Strikes.IsQuarantined(now)) { _members.Remove(name); }
                ended++;
            }
            else if (!(next <= end))
            {
                next = end;
            }
        }

        return (ended, next);
    }

    internal ImmutableArray<string>? BeginRound(Cohort select, long version, RandomStream random)
    {
        (_round, Reported, Contributors) = (version, 0, 0);
        Listed = select != Cohort.Everyone;
        if (!Listed)
        {
            (Invited, Predicted) = (_ready.Count, Medians.Latency);
            foreach (var member in _ready) { ReportIfResting(member); }
            return null;
        }

        _cohort.Clear();
        select.Choose(new() { Devices = Views(), Version = version, Memory = _memory }, random, _cohort);
        var invited = new List<Member>(_cohort.Count);
        foreach (var device in _cohort)
        {
            if (_members.TryGetValue(device.Name, out var member) && IsReady(member)) { Invite(member, invited); }
        }

        if (invited.Count == 0)
        {
            foreach (var member in _ready) { Invite(member, invited); }
        }

        invited.Sort(Order);
        foreach (var member in invited) { ReportIfResting(member); }
        (Invited, Predicted) = (invited.Count, Medians.LatencyOf(invited));
        return [.. invited.Select(static m => m.Id.Name)];
    }

    private void ReportIfResting(Member member)
    {
        if (!member.Rests) { return; }
        member.ReportedIn = _round;
        Reported++;
    }

    private static bool IsReady(Member member) => member.Alive && member.HasData;

    private void Invite(Member member, List<Member> invited)
    {
        if (member.InvitedTo == _round) { return; }
        member.InvitedTo = _round;
        member.Invitations++;
        invited.Add(member);
    }

    private ReadOnlySpan<DeviceView> Views()
    {
        if (_views.Length < _ready.Count) { _views = new DeviceView[2 * _ready.Count]; }
        for (var i = 0; i < _ready.Count; i++) { _views[i] = _ready[i].View(Medians.ScoreOf(_ready[i].Pace)); }
        return _views.AsSpan(0, _ready.Count);
    }

    /// <summary>Null member for a start older than the newest known.</summary>
    private string? KnownStart(string device, long epoch, DateTimeOffset now, out Member? member)
    {
        var isKnown = _members.TryGetValue(device, out member);
        var refusal = member?.Strikes.IsQuarantined(now) == true ? Refusals.Quarantined
            : Plausible.IsStart(epoch, now) ? null : Refusals.ImplausibleEpoch;
        if (refusal is not null)
        {
            member = null;
            return refusal;
        }

        if (!isKnown)
        {
            if (_members.Count == maxDevices && !MakeSpace()) { return "fleet-full"; }
            _members[device] = member = new(new(device));
        }

        if (epoch < member!.Epoch)
        {
            member = null;
            return "fenced";
        }

        if (epoch > member.Epoch) { member.Restart(epoch, _held); }
        return null;
    }

    private bool MakeSpace()
    {
        foreach (var (name, member) in _members)
        {
            if (member.Alive || member.IsElder || !MayForget(member)) { continue; }
            Known -= member.HasData ? 1 : 0;
            return _members.Remove(name);
        }

        return false;
    }

    private static bool MayForget(Member member) =>
        member is { IsVersionDue: false, IsReceiptDue: false } && !member.Identities.HasHeld;

    private void Join(Member member)
    {
        (member.Alive, member.Left) = (true, false);
        Alive++;
        Elders += member.IsElder ? 1 : 0;
        if (member.HasData) { Enter(member); }
    }

    /// <summary>A device that returns in the same round keeps its report.</summary>
    private void Enter(Member member)
    {
        _ready.Insert(~_ready.BinarySearch(member, Order), member);
        _resting += member.Rests ? 1 : 0;
        if (!Listed) { member.InvitedTo = _round; }
        if (!IsInvited(member)) { return; }
        Invited++;
        if (member.ReportedIn == _round) { Reported++; }
    }

    private void Die(Member member)
    {
        if (!member.Alive) { return; }
        member.Alive = false;
        Alive--;
        Elders -= member.IsElder ? 1 : 0;
        if (!member.HasData) { return; }
        _ready.RemoveAt(_ready.BinarySearch(member, Order));
        _resting -= member.Rests ? 1 : 0;
        if (!IsInvited(member)) { return; }
        Invited--;
        if (member.ReportedIn == _round) { Reported--; }
    }
}
