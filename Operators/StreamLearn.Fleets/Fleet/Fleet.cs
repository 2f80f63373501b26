using System.Collections.Immutable;
using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Fleets;

/// <summary>
/// Who belongs to the fleet, who is invited to the round and who has reported in it. At most a set number of devices. A device joins by a
/// hello or an update; it is waited for once it has sent an update, be it without steps, and until it leaves or its lease runs out.
/// </summary>
internal sealed partial class Fleet(int maxDevices, long version, double maxShare, Func<string, string>? ownerOf = null)
{
    /// <summary>Devices from which on it can be said that one sends more than the others.</summary>
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

    /// <summary>What is ordinary among its devices.</summary>
    internal FleetMedians Medians { get; } = new(ownerOf);

    /// <summary>Devices that are alive and have announced data, in order.</summary>
    internal IReadOnlyList<Member> Ready => _ready;

    /// <summary>Devices that are alive.</summary>
    internal int Alive { get; private set; }

    /// <summary>Elders among them.</summary>
    internal int Elders { get; private set; }

    /// <summary>Devices that have ever announced data.</summary>
    internal int Known { get; private set; }

    /// <summary>True if a selection has named who is invited to the round; otherwise everyone is.</summary>
    internal bool Listed { get; private set; }

    /// <summary>True if no device that is ready has steps to make.</summary>
    internal bool AllRest => _resting == _ready.Count;

    /// <summary>Share of the ready devices that learn which have steps to make; those that only judge do not count.</summary>
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

    /// <summary>Ready devices invited to the round.</summary>
    internal int Invited { get; private set; }

    /// <summary>Those of them that have reported.</summary>
    internal int Reported { get; private set; }

    /// <summary>Invited devices of which an update was accepted, whether they are still alive or not.</summary>
    internal int Contributors { get; private set; }

    /// <summary>The median time that invited devices are expected to take; null while unknown.</summary>
    internal TimeSpan? Predicted { get; private set; }

    /// <summary>The member of a name; null: there is none.</summary>
    internal Member? MemberOf(string device) => _members.GetValueOrDefault(device);

    /// <summary>Counts a message that no honest device sends; one that sends many is out of the fleet for a while.</summary>
    internal bool Strike(string device, DateTimeOffset now)
    {
        if (MemberOf(device) is not { } member || member.Strikes.IsQuarantined(now) || !member.Strikes.Add(now)) { return false; }
        Die(member);
        return true;
    }

    /// <summary>Forgets a device: what it was fenced by, quarantined for, and has sent. What of it is in the open round stays.</summary>
    internal bool Forget(string device)
    {
        if (!_members.TryGetValue(device, out var member)) { return false; }
        Die(member);
        member.Forget();
        return true;
    }

    /// <summary>True if a device sends twice as much as all the others together, and so fast that its versions alone would make the updates
    /// of the others stale. A burst that would not, such as what a device kept while the server was away, is no flood.</summary>
    internal bool IsFlood(Member member, DateTimeOffset now) => maxShare < 1 && _ready.Count >= EnoughDevices
        && Medians.Latency is { } usual && member.Recent.Due - now > usual && _recent.IsFlood(member.Recent);

    /// <summary>What an update may weigh, so that its device has at most a share of what is accepted lately.</summary>
    internal double Allowed(Member member, double weight, double share) =>
        share >= 1 || _ready.Count < EnoughDevices ? weight : Math.Min(weight, _recent.Allowed(member.Recent, weight, share));

    /// <summary>Counts what was accepted of a device. <paramref name="maxStaleness"/>: versions that the base of an update may lie
    /// back.</summary>
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

    /// <summary>How many rows of a device count in the fleet's scale, of those that it tells of: of three devices and more, none has more
    /// than a share of all. <paramref name="isKnown"/> true: there is a scale that others have made, be it those of before.</summary>
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

    /// <summary>True if no update of a device was accepted yet, and such devices have sent too much in this second. While there is no
    /// elder, there is no bound.</summary>
    internal bool IsCrowded(string device, DateTimeOffset now) =>
        Elders > 0 && MemberOf(device) is not { Accepted: > 0 } && !_newcomers.Take(device, Elders, now);

    /// <summary>True if a device has sent so much of nothing in this second that all else of it is passed over.</summary>
    internal bool IsIdleFlood(string device, DateTimeOffset now) => _members.TryGetValue(device, out var member) && member.Idle.IsFull(now);

    /// <summary>Counts a message of a device that brought nothing.</summary>
    internal void NoteIdle(string device, DateTimeOffset now)
    {
        if (_members.TryGetValue(device, out var member)) { member.Idle.Add(now); }
    }

    /// <summary>Takes a device's rows out of what counts in the fleet's scale.</summary>
    internal void ForgetRows(Member member) => (_rows, member.Rows) = (_rows - member.Rows, 0);

    /// <summary>Admits the sender of an update by the update's identity. <paramref name="member"/>: the sender; null if it is not a member,
    /// or the update is one of an earlier start.</summary>
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

    /// <summary>Goes on from a version of an earlier aggregator, which no device holds in this one's name. <paramref name="rows"/>: rows
    /// that its scale is of: whose they are, nobody knows.</summary>
    internal void GoOnFrom(long restored, long rows)
    {
        (_round, _held) = (restored, -1);
        foreach (var member in _members.Values) { member.Versions.Lose(-1); }
        CountRowsBefore(rows);
    }

    /// <summary>True if there are devices that are alive, and each has said what it holds.</summary>
    internal bool HaveAllReported => Alive > 0 && _members.Values.All(static m => !m.Alive || m.Holds is not null);

    /// <summary>The device that says it holds the newest version, of those that were asked less often; null: there is none.</summary>
    internal Member? HolderOfNewest(int questions) =>
        _members.Values.Where(m => m.Alive && m.Questions < questions).MaxBy(static m => m.Holds ?? default);

    /// <summary>Begins a start in which no device has said anything.</summary>
    internal void ForgetReports()
    {
        foreach (var member in _members.Values) { (member.Holds, member.Questions) = (null, 0); }
    }

    /// <summary>Begins with so many rows in the fleet's scale, which are no device's.</summary>
    internal void CountRowsBefore(long rows)
    {
        _rows = rows;
        foreach (var member in _members.Values) { member.Rows = 0; }
    }

    /// <summary>Lets a version be offered to all devices that are alive.</summary>
    internal void Offer(Downlink downlink)
    {
        foreach (var member in _members.Values)
        {
            if (member.Alive) { downlink.Offer(member); }
        }
    }

    /// <summary>Lets all devices that are alive be told what has become of their updates.</summary>
    internal void Report(Downlink downlink)
    {
        foreach (var member in _members.Values) { downlink.Report(member); }
    }

    /// <summary>Takes in what a device says of itself.</summary>
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

    /// <summary>Notes whether a device has steps to make.</summary>
    internal void Rest(Member member, bool rests)
    {
        if (IsReady(member)) { _resting += (rests ? 1 : 0) - (member.Rests ? 1 : 0); }
        member.Rests = rests;
    }

    /// <summary>Notes that a device has reported in the round, if it is invited and alive.</summary>
    internal void Report(Member member)
    {
        if (member.ReportedIn == _round || !IsInvited(member)) { return; }
        member.ReportedIn = _round;
        if (Listed) { member.Participations++; }
        if (IsReady(member)) { Reported++; }
    }

    /// <summary>Notes that an update of an invited device was accepted in the round.</summary>
    internal void Contribute(Member member)
    {
        if (member.ContributedIn == _round) { return; }
        member.ContributedIn = _round;
        Contributors++;
    }

    /// <summary>Takes a device out that has ended: nothing of this epoch brings it back, such as a hello that comes over another session
    /// after its farewell.</summary>
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

    /// <summary>Ends the leases that have run out. Who never sent an update is forgotten.</summary>
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

    /// <summary>Begins the round that follows a version.</summary>
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

    /// <summary>Finds the member of a device, new or known, in a start that is not older than the newest known.</summary>
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

    /// <summary>Forgets a device that is gone, is no elder, and waits for nothing.</summary>
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

    /// <summary>True if nothing else refers to a device.</summary>
    private static bool MayForget(Member member) =>
        member is { IsVersionDue: false, IsReceiptDue: false } && !member.Identities.HasHeld;

    private void Join(Member member)
    {
        (member.Alive, member.Left) = (true, false);
        Alive++;
        Elders += member.IsElder ? 1 : 0;
        if (member.HasData) { Enter(member); }
    }

    /// <summary>A device that comes back in the round it went in has reported already, if it had.</summary>
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
