using System.Globalization;
using StreamLearn.Learning;

namespace StreamLearn.Fleets;

/// <summary>How sites keep their copies of a model alike.</summary>
public sealed record ReplicatedModelOptions
{
    /// <summary>Other sites, at least 1; default 1. One that has not been heard of is at clock 0.</summary>
    public int Others { get; init; } = 1;

    /// <summary>Further sites that may join later, each name counted once. Sites, 0 or more; default 0.</summary>
    public int Joiners { get; init; }

    /// <summary>True for a site that joins while others run: it asks one of them for a snapshot, and takes part from then on. All that it
    /// learns before is dropped. Needs signals; default false.</summary>
    public bool Joins { get; init; }

    /// <summary>
    /// Workers of this site, each name counted once: those that make its updates, whose <see cref="WeightDelta.Device"/> tells them apart.
    /// Each waits for the version that answers its update, and the site's clock is that of its slowest worker. One that has not been heard
    /// of is waited for as long as the <see cref="Lease"/> from the first one on. At least 1; default 1, whose name does not matter.
    /// </summary>
    public int Workers { get; init; } = 1;

    /// <summary>
    /// By how many updates a worker may be ahead of the slowest one of its site as it goes on: 0, the default, is bulk-synchronous, more is
    /// stale-synchronous. Updates, 0 or more; of a single worker without effect. Source: Ho et al. (2013), stale synchronous parallel.
    /// </summary>
    public int Slack { get; init; }

    /// <summary>The start of this site, which its updates name; rises at each. Null: of a single worker the start of its first update, of
    /// several the start of the run in milliseconds since 1970. Default null.</summary>
    public long? Epoch { get; init; }

    /// <summary>Time from one request for a snapshot to the next, above zero; default 1 s.</summary>
    public TimeSpan AskEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a site or a worker that says nothing is waited for, of a worker from when it went on; one that is heard again is
    /// waited for again. Above zero; null: for ever. Default 1 minute. Longer than a step of the slowest site and than a restart.</summary>
    public TimeSpan? Lease { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Which changes the others are told of; null: all of them, at once. Default those that are significant.</summary>
    public KeepSignificantOptions? Keep { get; init; } = new();

    /// <summary>DS: by how many clocks a site may be ahead of the slowest one before it waits. Clocks, at least 1; default 4.</summary>
    public int MaxLead { get; init; } = 4;

    /// <summary>What happens when changes come faster than the link takes them. Needs signals; null, the default: they queue.</summary>
    public SelectiveBarrier? Barrier { get; init; }

    /// <summary>
    /// True: each version holds, of the others, exactly the changes up to <see cref="MaxLead"/> - 1 clocks before its own, added in the
    /// order of clocks and names. Then sites in lock-step give the same bits however long messages take, also after a crash and a restart
    /// from a checkpoint within the <see cref="Lease"/>. Of several workers, the updates of a clock are added by name when all are there.
    /// Not with a <see cref="Barrier"/> or <see cref="Slack"/>, by which time decides. Default false: as they come.
    /// </summary>
    public bool IsOrdered { get; init; }

    /// <summary>Updates of each other site that are held while the site joins, or of each sender until their turn; beyond, the oldest is
    /// taken at once. Updates, at least 1; default 16. Ordered sites that answer in lock-step need two for each clock of
    /// <see cref="MaxLead"/>.</summary>
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
        if (IsOrdered && Barrier is not null)
        {
            throw new ArgumentException("expected order or a barrier, got both");
        }

        if (IsOrdered && Slack > 0)
        {
            throw new ArgumentException("expected order or slack, got both");
        }

        if (!hasSignals && (Joins || Joiners > 0 || Barrier is not null))
        {
            throw new ArgumentException("expected signals of the others, for sites that join or have a barrier");
        }

        Keep?.Check();
        Barrier?.Check();
    }

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Others} others, lead {MaxLead}, "
        + $"{(Workers > 1 ? $"{Workers} workers, slack {Slack}, " : "")}"
        + $"{Keep?.ToString() ?? "all changes"}{(Joins ? ", joins" : "")}{(Barrier is { } barrier ? $", {barrier}" : "")}"
        + $"{(IsOrdered ? ", ordered" : "")}");
}
