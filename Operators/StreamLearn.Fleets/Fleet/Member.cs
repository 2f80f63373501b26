namespace StreamLearn.Fleets;

internal sealed class Member(DeviceId id)
{
    /// <summary>Maximum size of a member in bytes: itself, its name twice, and list entries.</summary>
    internal const long Bytes = 1536 + IdentityWindow.Bytes;

    /// <summary>Accepted updates after which a device is an elder and takes precedence.</summary>
    internal const int ElderFrom = 4;

    private const double VoteKept = 0.9;

    private VersionsSent _versions = new(-1);
    private RecentShare _recent;
    private Strikes _strikes;
    private IdleMessages _idle;
    private Starts _starts;
    private (long From, long To) _own = (-1, -1);
    private bool _hasVotedRefused;      // since its last accepted update

    internal DeviceId Id => id;

    internal long Epoch { get; set; } = long.MinValue;

    internal IdentityWindow Identities { get; } = new();

    internal ref VersionsSent Versions => ref _versions;

    internal ref RecentShare Recent => ref _recent;

    internal ref Strikes Strikes => ref _strikes;

    internal ref IdleMessages Idle => ref _idle;

    internal ref Starts Starts => ref _starts;

    /// <summary>Number of accepted updates, up to <see cref="ElderFrom"/>.</summary>
    internal int Accepted { get; private set; }

    internal bool IsElder => Accepted == ElderFrom;

    /// <summary>The weight of its last update before the cap, which is its vote on the median.</summary>
    internal float WeightVote { get; set; }

    internal double? RowsVote { get; set; }

    internal long Rows { get; set; }

    /// <summary>The version that the device holds, as reported since the resume; 0/0: none; null: not reported.</summary>
    internal ModelVersion? Holds { get; set; }

    internal int Questions { get; set; }

    internal bool HasForeignVersion { get; set; }

    internal bool IsVersionDue { get; set; }

    internal bool IsReceiptDue { get; set; }

    /// <summary>True from the first message until the device leaves or its lease expires.</summary>
    internal bool Alive { get; set; }

    /// <summary>True after the device has left: late messages of that epoch do not bring it back.</summary>
    internal bool Left { get; set; }

    /// <summary>True after it has left with a last update: it cannot return in this epoch.</summary>
    internal bool HasEnded { get; set; }

    internal bool HasData { get; set; }

    /// <summary>True after rounds waited for it too long, until it sends an update.</summary>
    internal bool IsLeftOut { get; set; }

    internal bool IsReady => Alive && HasData && !IsLeftOut;

    /// <summary>True if no first round waits for it any longer.</summary>
    internal bool IsKnown => HasData || IsLeftOut;

    internal DateTimeOffset Joined { get; set; }

    /// <summary>True if it reports that it has no steps to do, which counts as a report.</summary>
    internal bool Rests { get; set; }

    internal DateTimeOffset Seen { get; set; }

    /// <summary>Base version of the last round to which it was invited or that it joined; −1: none.</summary>
    internal long InvitedTo { get; set; } = -1;

    internal long ReportedIn { get; set; } = -1;

    internal long ContributedIn { get; set; } = -1;

    internal int Invitations { get; set; }

    internal int Participations { get; set; }

    internal (int Samples, int Steps, float Loss)? Last { get; private set; }

    /// <summary>Newest version that it received since its start; −1: none.</summary>
    internal long Took { get; private set; } = -1;

    internal DevicePace Pace { get; } = new();

    /// <summary>Greatest recent norm, reduced by a tenth per update; of consecutive refusals, only the first counts. It is one vote,
    /// whatever the number of updates.</summary>
    internal double NormVote { get; private set; }

    /// <summary>The last directive and the first version that carried it; null: none since its start.</summary>
    internal (Directive Directive, long Since)? Told { get; set; }

    internal void State(ref StateStream s)
    {
        Epoch = s.Value(Epoch);
        Identities.State(ref s);
        _versions.State(ref s);
        HasForeignVersion = s.Value(HasForeignVersion);
        _own = (s.Value(_own.From), s.Value(_own.To));
        (Alive, Left, HasEnded, HasData) = (s.Value(Alive), s.Value(Left), s.Value(HasEnded), s.Value(HasData));
        Rests = s.Value(Rests);
        Seen = s.ClockTime(Seen) ?? default;
        (InvitedTo, ReportedIn, ContributedIn) = (s.Value(InvitedTo), s.Value(ReportedIn), s.Value(ContributedIn));
        (Invitations, Participations) = (s.Value(Invitations, 0, int.MaxValue), s.Value(Participations, 0, int.MaxValue));
        if (s.Value(Last is not null))
        {
            var last = Last ?? default;
            Last = (s.Value(last.Samples), s.Value(last.Steps), s.Value(last.Loss));
        }

        Took = s.Value(Took);
        Pace.State(ref s);
        NormVote = s.Value(NormVote);
        _recent.State(ref s);
        _strikes.State(ref s);
        _idle.State(ref s);
        _starts.State(ref s);
        (WeightVote, RowsVote, Rows) = (s.Value(WeightVote), s.Value(RowsVote ?? -1), s.Count(Rows));
        if (!(RowsVote >= 0)) { RowsVote = null; }
        Questions = s.Value(Questions, 0, int.MaxValue);
        Holds = s.Value(Holds is not null) ? new(s.Value(Holds?.Epoch ?? 0), s.Value(Holds?.Version ?? 0)) : null;
        Accepted = s.Value(Accepted, 0, ElderFrom);
        s.Value(ref _hasVotedRefused);
        if (s.Format != ServerState.BeforeLeftOut) { (IsLeftOut, Joined) = (s.Value(IsLeftOut), s.ClockTime(Joined) ?? default); }
        if (s.Value(Told is not null)) { Told = (s.Value(Told?.Directive, LearningCodecs.Directives), s.Value(Told?.Since ?? 0)); }
    }

    internal void Forget()
    {
        Restart(long.MinValue, -1);
        (_recent, _strikes, _starts) = (default, default, default);
        (NormVote, WeightVote, RowsVote) = (0, 0, null);
        (Accepted, _hasVotedRefused, IsLeftOut) = (0, false, false);
    }

    /// <summary><paramref name="held"/>: version that every device holds at its start; −1: none.</summary>
    internal void Restart(long epoch, long held)
    {
        (Epoch, Left, HasEnded, Told, Took) = (epoch, false, false, null, -1);
        (_versions, HasForeignVersion) = (new(held), false);
        Identities.Clear();
        (Invitations, Participations) = (0, 0);
        _own = (-1, -1);
        Pace.Restart();
    }

    /// <summary>Returns the base version, or the newest version made from it by the updates of this device alone.</summary>
    internal long VersionOf(long baseVersion)
    {
        if (_own.From != baseVersion) { _own = (baseVersion, baseVersion); }
        return _own.To;
    }

    internal void Made(long version)
    {
        if (_own.To == version - 1) { _own.To = version; }
    }

    internal void Take(long version) => Took = Math.Max(Took, version);

    internal void Sent(WeightDelta update) => Last = (update.Samples, update.Steps, update.Loss);

    internal void Vote(double norm, bool isRefused = false)
    {
        if (isRefused && _hasVotedRefused) { return; }
        _hasVotedRefused = isRefused;
        NormVote = Math.Max(norm, VoteKept * NormVote);
    }

    internal bool Accept() => !IsElder && ++Accepted == ElderFrom;

    internal DeviceView View(double score) => new()
    {
        Device = id,
        BaseVersion = Took,
        Samples = Last?.Samples ?? 0,
        Steps = Last?.Steps ?? 0,
        Loss = Last?.Loss ?? 0,
        Latency = Pace.Latency,
        Invitations = Invitations,
        Participations = Participations,
        LastRound = ReportedIn < 0 ? null : ReportedIn,
        Score = score,
    };
}
