namespace StreamLearn.Fleets;

/// <summary>Medians over live devices, recomputed at the end of a round after an eighth of them has sent something. Elders vote if there
/// are three, otherwise devices with an accepted update if there are three, otherwise all. With three or more owners, each has one
/// vote.</summary>
internal sealed class FleetMedians(Func<string, string>? ownerOf = null)
{
    internal const int MaxStragglers = 64;

    /// <summary>If there are this many voters, norms need no check at every update.</summary>
    private const int ManyVoters = 64;

    /// <summary>Minimum score for which a reason is given.</summary>
    internal const double Slow = 2;

    private double[] _values = [];
    private long _news;
    private bool _hasVotes = true;      // since the last computation

    /// <summary>Devices with known norms.</summary>
    internal int Voters { get; private set; }

    internal double Norm { get; private set; }

    /// <summary>Steps per update.</summary>
    internal double Steps { get; private set; }

    internal int Weighed { get; private set; }

    internal double Weight { get; private set; }

    internal int RowsVoters { get; private set; }

    /// <summary>Distance of a device's rows from those of the fleet, in standard deviations of the fleet.</summary>
    internal double RowsDistance { get; private set; }

    /// <summary>Seconds per step.</summary>
    internal double Step { get; private set; }

    internal TimeSpan? Latency { get; private set; }

    /// <summary>Slowest first.</summary>
    internal ImmutableArray<(string Device, double Score, string Reason)> Stragglers { get; private set; } = [];

    internal void State(ref StateStream s)
    {
        _news = s.Count(_news);
        s.Value(ref _hasVotes);
        Voters = s.Value(Voters, 0, int.MaxValue);
        (Norm, Steps, Latency, Step) = (s.Value(Norm), s.Value(Steps), s.Value(Latency), s.Value(Step));
        (Weighed, Weight) = (s.Value(Weighed, 0, int.MaxValue), s.Value(Weight));
        (RowsVoters, RowsDistance) = (s.Value(RowsVoters, 0, int.MaxValue), s.Value(RowsDistance));
        Stragglers = s.Items(Stragglers, MaxStragglers, StateMessages.State);
    }

    /// <summary><paramref name="votes"/>: the norm of the update is a vote.</summary>
    internal void Note(bool votes) => (_news, _hasVotes) = (_news + 1, _hasVotes || votes);

    internal double ScoreOf(DevicePace pace) => pace.Known && Step > 0 ? pace.Step / Step : 1;

    internal TimeSpan? LatencyOf(IReadOnlyList<Member> members)
    {
        var median = Median(members, static m => m.Pace.Latency?.TotalSeconds, out var known);
        return known == 0 ? null : TimeSpan.FromSeconds(median);
    }

    internal void Compute(IReadOnlyList<Member> members)
    {
        if (_news * 8 < members.Count && members.Count >= ManyVoters && (Voters >= ManyVoters || !_hasVotes)) { return; }
        (_news, _hasVotes) = (0, false);
        Norm = Vote(members, static m => m.NormVote > 0 ? m.NormVote : null, out var voters);
        Voters = voters;
        Steps = Vote(members, static m => m.Last?.Steps, out _);
        Weight = Vote(members, static m => m.WeightVote > 0 ? m.WeightVote : null, out var weighed);
        Weighed = weighed;
        RowsDistance = Vote(members, static m => m.RowsVote, out var rowsVoters);
        RowsVoters = rowsVoters;
        Latency = LatencyOf(members);
        Step = Median(members, static m => m.Pace.Known ? m.Pace.Step : null, out var known);
        if (known == 0) { return; }
        var computing = Median(members, static m => m.Pace.Computing > 0 ? m.Pace.Computing : null, out _);
        var rest = Median(members, static m => m.Pace.Computing > 0 ? m.Pace.Rest : null, out _);
        var waiting = Median(members, static m => m.Pace.Computing > 0 ? m.Pace.Waiting : null, out _);
        Stragglers = Slowest(members, computing, rest, waiting);
    }

    private double Vote(IReadOnlyList<Member> members, Func<Member, double?> of, out int known)
    {
        var median = Median(members, of, out known, Member.ElderFrom);
        if (known < Fleet.EnoughDevices) { median = Median(members, of, out known, accepted: 1); }
        if (known < Fleet.EnoughDevices) { median = Median(members, of, out known); }
        return median;
    }

    /// <summary>The upper median; 0 if nothing is known. <paramref name="accepted"/>: minimum accepted updates of a device.</summary>
    private double Median(IReadOnlyList<Member> members, Func<Member, double?> of, out int known, int accepted = 0)
    {
        if (_values.Length < members.Count) { _values = new double[2 * members.Count]; }
        known = 0;
        for (var i = 0; i < members.Count; i++)
        {
            if (members[i].Accepted >= accepted && of(members[i]) is { } value) { _values[known++] = value; }
        }

        if (ownerOf is not null && accepted > 0) { known = OfOwners(members, of, known, accepted); }
        _values.AsSpan(0, known).Sort();
        return known == 0 ? 0 : _values[known / 2];
    }

    private int OfOwners(IReadOnlyList<Member> members, Func<Member, double?> of, int known, int accepted)
    {
        double[] owners = [.. members.Where(m => m.Accepted >= accepted && of(m) is not null).GroupBy(m => ownerOf!(m.Id.Name))
            .Select(own => own.Select(m => of(m)!.Value).Order().ElementAt(own.Count() / 2))];
        if (owners.Length < Fleet.EnoughDevices) { return known; }
        owners.CopyTo(_values, 0);
        return owners.Length;
    }

    private ImmutableArray<(string Device, double Score, string Reason)> Slowest(
        IReadOnlyList<Member> members, double computing, double rest, double waiting)
    {
        var slowest = new PriorityQueue<(string Device, double Score, string Reason), (double Score, int Place)>(MaxStragglers + 1);
        for (var i = 0; i < members.Count; i++)
        {
            if (!members[i].Pace.Known) { continue; }
            var score = ScoreOf(members[i].Pace);
            slowest.Enqueue(new(members[i].Id.Name, score, ReasonOf(members[i].Pace, score, computing, rest, waiting)), (score, -i));
            if (slowest.Count > MaxStragglers) { slowest.Dequeue(); }
        }

        var found = ImmutableArray.CreateBuilder<(string Device, double Score, string Reason)>(slowest.Count);
        while (slowest.TryDequeue(out var straggler, out _)) { found.Add(straggler); }
        found.Reverse();
        return found.MoveToImmutable();
    }

    private static string ReasonOf(DevicePace pace, double score, double computing, double rest, double waiting)
    {
        if (score < Slow || pace.Computing == 0) { return ""; }
        var (own, link, credit) = (pace.Computing - computing, pace.Rest - rest, pace.Waiting - waiting);
        return own >= link && own >= credit ? "computing" : link >= credit ? "link" : "credit";
    }
}
