namespace StreamLearn.Fleets;

/// <summary>The invited devices, and those of them that have reported. A device that returns in the same round keeps its report.</summary>
internal sealed class Invitations(long version)
{
    private readonly List<DeviceId> _cohort = [];
    private readonly double[] _memory = new double[FleetView.MemoryValues];
    private DeviceView[] _views = [];
    private long _round = version;

    /// <summary>False if everyone is invited.</summary>
    internal bool Listed { get; private set; }

    internal int Invited { get; private set; }

    internal int Reported { get; private set; }

    /// <summary>Invited devices with an accepted update, whether still alive or not.</summary>
    internal int Contributors { get; private set; }

    internal TimeSpan? Predicted { get; private set; }

    /// <summary>Time until half of the devices had reported, or all that have reported so far.</summary>
    internal TimeSpan Half { get; private set; }

    internal bool Awaits(Member member) => Has(member) && !HasReported(member);

    internal bool HasContributed(Member member) => member.ContributedIn == _round;

    internal bool HasReported(Member member) => member.ReportedIn == _round;

    internal bool Has(Member member) => !Listed || member.InvitedTo == _round;

    internal void ResumeFrom(long restored) => _round = restored;

    internal void Report(Member member, TimeSpan elapsed)
    {
        if (member.ReportedIn == _round || !Has(member)) { return; }
        member.ReportedIn = _round;
        if (Listed) { member.Participations++; }
        if (2 * Reported < Invited) { Half = elapsed > TimeSpan.Zero ? elapsed : TimeSpan.Zero; }
        if (member.IsReady) { Reported++; }
    }

    internal void Contribute(Member member)
    {
        if (member.ContributedIn == _round) { return; }
        member.ContributedIn = _round;
        Contributors++;
    }

    internal ImmutableArray<string>? Begin(Fleet fleet, Cohort select, long version, RandomStream random)
    {
        (_round, Reported, Contributors, Half) = (version, 0, 0, default);
        Listed = select != Cohort.Everyone;
        if (!Listed)
        {
            (Invited, Predicted) = (fleet.Ready.Count, fleet.Medians.Latency);
            for (var i = 0; i < fleet.Ready.Count; i++) { ReportIfResting(fleet.Ready[i]); }
            return null;
        }

        _cohort.Clear();
        select.Choose(new() { Devices = Views(fleet), Version = version, Memory = _memory }, random, _cohort);
        var invited = new List<Member>(_cohort.Count);
        foreach (var device in _cohort)
        {
            if (fleet.MemberOf(device.Name) is { IsReady: true } member) { Invite(member, invited); }
        }

        if (invited.Count == 0)
        {
            foreach (var member in fleet.Ready) { Invite(member, invited); }
        }

        invited.Sort(Fleet.Order);
        foreach (var member in invited) { ReportIfResting(member); }
        (Invited, Predicted) = (invited.Count, fleet.Medians.LatencyOf(invited));
        return [.. invited.Select(static m => m.Id.Name)];
    }

    internal void Enter(Member member)
    {
        if (!Listed) { member.InvitedTo = _round; }
        Count(member, 1);
    }

    internal void Leave(Member member) => Count(member, -1);

    internal void State(ref StateStream s, ref long held)
    {
        s.Values<double>(_memory);
        s.Value(ref _round);
        s.Value(ref held);
        Listed = s.Value(Listed);
        Predicted = s.Value(Predicted);
        if (s.Format != ServerState.BeforeLeftOut) { Half = s.Value(Half); }
    }

    internal void Restore(Member member)
    {
        if (member.ContributedIn == _round) { Contributors++; }
        if (member.IsReady) { Count(member, 1); }
    }

    private void Count(Member member, int by)
    {
        if (!Has(member)) { return; }
        Invited += by;
        Reported += member.ReportedIn == _round ? by : 0;
    }

    private void ReportIfResting(Member member)
    {
        if (!member.Rests) { return; }
        member.ReportedIn = _round;
        Reported++;
    }

    private void Invite(Member member, List<Member> invited)
    {
        if (member.InvitedTo == _round) { return; }
        member.InvitedTo = _round;
        member.Invitations++;
        invited.Add(member);
    }

    private ReadOnlySpan<DeviceView> Views(Fleet fleet)
    {
        var ready = fleet.Ready;
        if (_views.Length < ready.Count) { _views = new DeviceView[2 * ready.Count]; }
        for (var i = 0; i < ready.Count; i++) { _views[i] = ready[i].View(fleet.Medians.ScoreOf(ready[i].Pace)); }
        return _views.AsSpan(0, ready.Count);
    }
}
