using System.Globalization;

namespace StreamLearn.Fleets;

/// <summary>Settings of replicated models.</summary>
public sealed record ReplicatedModelOptions
{
    /// <summary>Number of other sites, at least 1; default 1. Sites not known yet are at clock 0.</summary>
    public int Others { get; init; } = 1;

    /// <summary>Sites that may join later; each name counts once. At least 0; default 0.</summary>
    public int Joiners { get; init; }

    /// <summary>True: the site joins running sites with a snapshot, and drops updates before it. It needs signals; default false.</summary>
    public bool Joins { get; init; }

    /// <summary>Number of workers; each <see cref="DeviceMessage.Device"/> of their updates is one. Each waits for
    /// the version that answers its update; the slowest sets the site's clock. Unknown ones are awaited for a <see cref="Lease"/> after the
    /// first. At least 1; default 1, whose name is ignored.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>How many updates a worker may be ahead of the slowest: 0 (default) is bulk-synchronous, more is stale-synchronous. No
    /// effect with one worker. Source: Ho et al. (2013), stale synchronous parallel.</summary>
    public int Slack { get; init; }

    /// <summary>Number of this start of the site, named in its updates; it rises at each start. Null (default): with one worker the start
    /// in its first update, otherwise the start of the run in milliseconds since 1970.</summary>
    public long? Epoch { get; init; }

    /// <summary>Interval of snapshot requests, above zero; default 1 s.</summary>
    public TimeSpan AskEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long to wait for a silent site or worker (for a worker, since its last version); any message renews it. Above zero;
    /// null: forever. Default 1 minute. It should exceed the step of the slowest site and a restart.</summary>
    public TimeSpan? Lease { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Which changes to send; null: all at once. Default: the significant ones.</summary>
    public KeepSignificantOptions? Keep { get; init; } = new();

    /// <summary>DS: maximum number of clocks ahead of the slowest site. At least 1; default 4.</summary>
    public int MaxLead { get; init; } = 4;

    /// <summary>q_max: a barrier for changes that are made faster than the link sends them. Beyond this many unanswered updates, at least
    /// 1, their positions are sent first, changes accumulate until an answer, and readers of those positions wait for the values. All sites
    /// have a barrier, or none has one. Needs signals; null (default): changes queue.</summary>
    public int? MaxUnheard { get; init; }

    /// <summary>With <see cref="MaxUnheard"/>, the parameters that the steps of this site read, as indexes of values; null (default): all.
    /// Other awaited values do not block it.</summary>
    public ImmutableArray<int>? Reads { get; init; }

    internal SelectiveBarrier? Barrier => MaxUnheard is { } most ? new(most, Reads) : null;

    /// <summary>True: each version contains exactly the others' changes up to <see cref="MaxLead"/> − 1 clocks before its own, added by
    /// clock and name (with several workers, by name once all have sent). Sites in lock step are then bit-identical despite delays, or a
    /// crash with a restart from a checkpoint within the <see cref="Lease"/>. Excludes <see cref="MaxUnheard"/> and <see cref="Slack"/>.
    /// Default false: changes are added in order of arrival.</summary>
    public bool IsOrdered { get; init; }

    /// <summary>Maximum number of updates held per site while joining, or per sender until their turn. If there are more, the oldest is
    /// applied at once. At least 1; default 16. Ordered sites in lock step need two per clock of <see cref="MaxLead"/>.</summary>
    public int MaxHeld { get; init; } = 16;

    internal int Capacity => Others + Joiners;

    internal void Check(bool hasSignals)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Others, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(Joiners);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxLead, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Workers, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(Slack);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxHeld, IsOrdered ? 2 * MaxLead : 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(AskEvery, TimeSpan.Zero);
        if (Lease is { } lease) { ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lease, TimeSpan.Zero, nameof(Lease)); }
        if (IsOrdered && Barrier is not null) { throw new ArgumentException("expected order or a barrier, got both"); }

        if (IsOrdered && Slack > 0) { throw new ArgumentException("expected order or slack, got both"); }

        if (!hasSignals && (Joins || Joiners > 0 || Barrier is not null))
        {
            throw new ArgumentException("expected a signal input: sites that join or have a barrier need it");
        }

        Keep?.Check();
        if (MaxUnheard is { } most) { ArgumentOutOfRangeException.ThrowIfLessThan(most, 1, nameof(MaxUnheard)); }
    }

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Others} others, lead {MaxLead}, "
        + $"{(Workers > 1 ? $"{Workers} workers, slack {Slack}, " : "")}"
        + $"{Keep?.ToString() ?? "all changes"}{(Joins ? ", joins" : "")}{(Barrier is { } barrier ? $", {barrier}" : "")}"
        + $"{(IsOrdered ? ", ordered" : "")}");
}
