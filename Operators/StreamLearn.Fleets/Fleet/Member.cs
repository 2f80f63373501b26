using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Fleets;

/// <summary>What is remembered of a device.</summary>
internal sealed class Member(DeviceId id)
{
    /// <summary>Bytes of a member at most: this, its name twice over (here and in what it was told), and its places in lists.</summary>
    internal const long Bytes = 1536 + IdentityWindow.Bytes;

    /// <summary>Accepted updates from which on a device is an elder: its word comes before that of others.</summary>
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

    /// <summary>Its last updates of this epoch.</summary>
    internal IdentityWindow Identities { get; } = new();

    /// <summary>What it has of versions.</summary>
    internal ref VersionsSent Versions => ref _versions;

    /// <summary>What it has brought lately.</summary>
    internal ref RecentShare Recent => ref _recent;

    /// <summary>Messages of it that no honest device sends.</summary>
    internal ref Strikes Strikes => ref _strikes;

    /// <summary>Messages of it that bring nothing.</summary>
    internal ref IdleMessages Idle => ref _idle;

    /// <summary>The starts of the program that speaks for it.</summary>
    internal ref Starts Starts => ref _starts;

    /// <summary>Updates of it that were accepted, up to <see cref="ElderFrom"/>.</summary>
    internal int Accepted { get; private set; }

    internal bool IsElder => Accepted == ElderFrom;

    /// <summary>What its last update would weigh by the strategy, whatever it was cut to: its vote on what is ordinary.</summary>
    internal float WeightVote { get; set; }

    /// <summary>Distance of the rows that it reported last from those of the fleet: its vote on what is ordinary.</summary>
    internal double? RowsVote { get; set; }

    /// <summary>Rows of it that count in the fleet's scale.</summary>
    internal long Rows { get; set; }

    /// <summary>The version that it holds, as it has said since the aggregator resumed; 0/0 for none; null: it has not said.</summary>
    internal ModelVersion? Holds { get; set; }

    /// <summary>How often it was asked for that.</summary>
    internal int Questions { get; set; }

    /// <summary>True while it holds a version of an earlier aggregator, as it says.</summary>
    internal bool HasForeignVersion { get; set; }

    /// <summary>True while a version waits to be sent to it.</summary>
    internal bool IsVersionDue { get; set; }

    /// <summary>True while a receipt waits to be sent to it.</summary>
    internal bool IsReceiptDue { get; set; }

    /// <summary>True from its first message to its farewell or the end of its lease.</summary>
    internal bool Alive { get; set; }

    /// <summary>True if it said farewell: messages of that epoch which come late do not bring it back.</summary>
    internal bool Left { get; set; }

    /// <summary>True once its farewell has come with an update: it does not come back in this epoch.</summary>
    internal bool HasEnded { get; set; }

    /// <summary>True once it has sent an update, be it without steps.</summary>
    internal bool HasData { get; set; }

    /// <summary>True while it has no steps to make, as it says: it counts as one that has reported.</summary>
    internal bool Rests { get; set; }

    internal DateTimeOffset Seen { get; set; }

    /// <summary>
    /// The version that the round followed which it was last invited to by name, or which it joined; −1 for none. So for the next two.
    /// </summary>
    internal long InvitedTo { get; set; } = -1;

    internal long ReportedIn { get; set; } = -1;

    internal long ContributedIn { get; set; } = -1;

    internal int Invitations { get; set; }

    internal int Participations { get; set; }

    /// <summary>Of its last update with steps.</summary>
    internal (int Samples, int Steps, float Loss)? Last { get; private set; }

    /// <summary>The newest version that it has taken since it started; −1 for none.</summary>
    internal long Took { get; private set; } = -1;

    internal DevicePace Pace { get; } = new();

    /// <summary>
    /// The greatest of its last norms, each counting a tenth less with every newer one. It is one vote, however many updates it sends. Of
    /// those refused in a row the first counts.
    /// </summary>
    internal double NormVote { get; private set; }

    /// <summary>What it was told last, and from which version on; null for nothing since it started.</summary>
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
        if (s.Value(Told is not null)) { Told = (s.Value(Told?.Directive, LearningCodecs.Directives), s.Value(Told?.Since ?? 0)); }
    }

    /// <summary>Begins as if it had never come, under whatever start comes next.</summary>
    internal void Forget()
    {
        Restart(long.MinValue, -1);
        (_recent, _strikes, _starts) = (default, default, default);
        (NormVote, WeightVote, RowsVote) = (0, 0, null);
        (Accepted, _hasVotedRefused) = (0, false);
    }

    /// <summary>Takes note of a start of the device that is newer than those known. <paramref name="held"/>: the version that every device
    /// holds from its start; −1 for none.</summary>
    internal void Restart(long epoch, long held)
    {
        (Epoch, Left, HasEnded, Told, Took) = (epoch, false, false, null, -1);
        (_versions, HasForeignVersion) = (new(held), false);
        Identities.Clear();
        (Invitations, Participations) = (0, 0);
        _own = (-1, -1);
        Pace.Restart();
    }

    /// <summary>The version that a model is of which goes on from what it learned: the one that it started from, or the newest of those
    /// made after it of this device's updates alone.</summary>
    internal long VersionOf(long baseVersion)
    {
        if (_own.From != baseVersion) { _own = (baseVersion, baseVersion); }
        return _own.To;
    }

    /// <summary>A version was made of its updates alone.</summary>
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

    /// <summary>Counts an accepted update.</summary>
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
