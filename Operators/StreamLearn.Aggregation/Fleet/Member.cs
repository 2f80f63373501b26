using StreamLearn.Learning;

namespace StreamLearn.Aggregation;

/// <summary>What is remembered of a device.</summary>
/// <param name="id">Its name.</param>
/// <param name="held">The version that every device holds from its start; −1 for none.</param>
internal sealed class Member(DeviceId id, long held)
{
    /// <summary>Bytes of a member at most: this, its name twice over (here and in what it was told), and its places in lists.</summary>
    internal const long Bytes = 1536 + IdentityWindow.Bytes;

    private const double VoteKept = 0.9;

    private VersionsSent _versions = new(held);
    private (long From, long To) _own = (-1, -1);

    internal DeviceId Id => id;

    internal long Epoch { get; set; } = long.MinValue;

    /// <summary>Its last updates of this epoch.</summary>
    internal IdentityWindow Identities { get; } = new();

    /// <summary>What it has of versions.</summary>
    internal ref VersionsSent Versions => ref _versions;

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

    internal DateTimeOffset Seen { get; set; }

    /// <summary>
    /// The version that the round followed which it was last invited to by name, or which it joined; −1 for none. So for the next two.
    /// </summary>
    internal long InvitedTo { get; set; } = -1;

    internal long ReportedIn { get; set; } = -1;

    internal long ContributedIn { get; set; } = -1;

    internal int Invitations { get; set; }

    internal int Participations { get; set; }

    /// <summary>Its last update with steps.</summary>
    internal UpdateHeader? Last { get; private set; }

    /// <summary>The newest version that it has taken since it started; −1 for none.</summary>
    internal long Took { get; private set; } = -1;

    internal DevicePace Pace { get; } = new();

    /// <summary>
    /// The greatest of its last norms, each counting a tenth less with every newer one. It is one vote, however many updates it sends.
    /// </summary>
    internal double NormVote { get; private set; }

    /// <summary>What it was told last, and from which version on; null for nothing since it started.</summary>
    internal (Directive Directive, long Since)? Told { get; set; }

    /// <summary>Takes note of a start of the device that is newer than those known.</summary>
    internal void Restart(long epoch)
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

    internal void Sent(in UpdateHeader update) => Last = update;

    internal void Vote(double norm) => NormVote = Math.Max(norm, VoteKept * NormVote);

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
