using System.Collections.Immutable;

namespace StreamLearn.Fleets;

/// <summary>Settings of <c>Aggregate</c>.</summary>
public sealed record AggregateOptions
{
    /// <summary>How the model in use follows from the versions; default an average that grows with the run.</summary>
    public Averaging Averaging { get; init; } = new PolynomialAveraging();

    /// <summary>
    /// Greatest Euclidean norm of an update, above 0; null (default): ten times the median over the devices that are alive, each with the
    /// greatest of its recent norms, and up to ten times that in proportion to the steps in the update that there was time for, against the
    /// fleet's median. It rises tenfold at once at most. Devices with four accepted updates have a vote, if there are three.
    /// While fewer than three devices are known: a hundred times that of the initial model, at least 100.
    /// </summary>
    public float? MaxNorm { get; init; }

    /// <summary>
    /// Euclidean norm to which the values of longer updates are scaled down, above 0; null (default): none. It comes after
    /// <see cref="MaxNorm"/>, which refuses. Source: Sun et al. (2019), norm thresholding.
    /// </summary>
    public float? ClipNorm { get; init; }

    /// <summary>
    /// Weight of an update, against the median over the devices that are alive, up to which it counts; at least 1; default 10. A greater
    /// one is cut to it, and counted as <c>updates-capped</c>. <see cref="float.PositiveInfinity"/>: none is. It needs three devices.
    /// </summary>
    public float MaxWeight { get; init; } = 10;

    /// <summary>
    /// Share of what a round is made of that one device may have, where three or more take part, and of the rows in the fleet's scale: one
    /// half to 1; default 0.6, so that two devices beside slow ones are not cut. Weights are cut to it, and counted as
    /// <c>updates-capped</c>. Rounds that end with a number of updates are looked at together: about the last 64 updates. 1: none is
    /// cut, nor refused as <c>flood</c>. Where updates do not weigh, as with medians, a device has as many updates in a round as the others
    /// have in the mean; more are refused as <c>share</c>, whatever this says.
    /// </summary>
    public double MaxShare { get; init; } = 0.6;

    /// <summary>Versions that an update's base may lie back. Versions, 0 or more; default 1000.</summary>
    public int MaxStaleness { get; init; } = 1000;

    /// <summary>
    /// Time without a message after which a device is taken for gone until it sends one, above 0: three times the interval of heartbeats,
    /// so 30 s where they come every 10 s, as <c>Heartbeat</c> sends them unless told otherwise. Null (default): no device is, unless it
    /// says so. Any message renews the lease, except for copies of an update that the device did not send again itself.
    /// </summary>
    public TimeSpan? Lease { get; init; }

    /// <summary>
    /// Devices that announce that they have data before the first version is made, which holds the initial model and the fleet's scale; 0
    /// or more, 0 for none. Null (default): as the strategy says.
    /// </summary>
    public int? Enroll { get; init; }

    /// <summary>
    /// Start of the aggregator, above that of every earlier start: versions carry it, and updates that were learned from those of an
    /// earlier one are refused. An aggregator that goes on from a version takes at least the next one. Null (default): the start of the run
    /// in milliseconds since 1970 where it gives receipts, else 0.
    /// </summary>
    public long? Epoch { get; init; }

    /// <summary>
    /// Time that the aggregator waits at its start, before it takes updates, for a version of an earlier start to go on from, on a control
    /// input of <c>Weights</c>: the retained one. Above 0; null (default): it begins with the initial model. It waits too at a start from a
    /// checkpoint, where <see cref="Epoch"/> says that it is another start: the checkpoint may be an older one than the version.
    /// </summary>
    public TimeSpan? Restore { get; init; }

    /// <summary>
    /// True: the time of <see cref="Restore"/> begins when the connections that the block hears of are made, and it waits for them however
    /// long the server is away. Default false: it begins with the run, as where there are no connections.
    /// </summary>
    public bool RestoreOnceConnected { get; init; }

    /// <summary>
    /// Key with which versions are sealed, 16 to 64 random bytes; empty (default): they are not. A state keeps its first key. By the seal
    /// (<see cref="StreamLearn.Models.Weights.Seal"/>) an aggregator that resumes from an older copy of its state recognizes a version
    /// that a device gives back.
    /// </summary>
    public ImmutableArray<byte> Secret { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>What steers the rounds of a strategy that has no such rule of its own, such as <see cref="BestVersion"/>; default: nothing
    /// is steered.</summary>
    public Steer Steer { get; init; } = Steer.None;

    /// <summary>Whose a device is, as its server knows by its logins. Where three owners and more have devices, each owner has one vote on
    /// what is ordinary, however many names it has. Null (default): nobody knows.</summary>
    public Func<string, string>? OwnerOf { get; init; }

    /// <summary>Devices that are told apart. Devices, at least 1; default 16,384.</summary>
    public int MaxDevices { get; init; } = 16_384;

    /// <summary>Updates held at most where a strategy needs the whole set. Updates, at least 1; default 4096.</summary>
    public int MaxHeldUpdates { get; init; } = 4096;

    /// <summary>Directives for single devices that one version carries at most. Directives, at least 1; default 1024.</summary>
    public int MaxDirectives { get; init; } = 1024;

    /// <summary>Further strategies, each with a name of its own: a <see cref="StrategyChoice"/> on a control input lets the aggregator go
    /// on with one of them. Default: none.</summary>
    public ImmutableArray<NamedStrategy> Others { get; init => field = value.IsDefault ? [] : value; } = [];

    internal void Check()
    {
        foreach (var (name, strategy) in Others)
        {
            ArgumentException.ThrowIfNullOrEmpty(name, nameof(Others));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, 64, nameof(Others));
            ArgumentNullException.ThrowIfNull(strategy, nameof(Others));
            strategy.Check();
        }

        if (Others.DistinctBy(static o => o.Name, StringComparer.Ordinal).Count() < Others.Length)
        {
            throw new ArgumentException("expected a name of its own for each strategy", nameof(Others));
        }

        if (Secret.Length is not (0 or (>= VersionSeal.MinBytes and <= VersionSeal.MaxBytes)))
        {
            throw new ArgumentOutOfRangeException(nameof(Secret), Secret.Length, "expected 16 to 64 bytes, or none");
        }

        ArgumentNullException.ThrowIfNull(Steer);
        Steer.Check();
        ArgumentNullException.ThrowIfNull(Averaging);
        Averaging.Check();

        CheckNorm(MaxNorm, nameof(MaxNorm));
        CheckNorm(ClipNorm, nameof(ClipNorm));
        if (!(MaxWeight >= 1)) { throw new ArgumentOutOfRangeException(nameof(MaxWeight), MaxWeight, "expected at least 1"); }
        if (!(MaxShare is >= 0.5 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(MaxShare), MaxShare, "expected a share from one half to 1");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(MaxStaleness);
        if (Lease is { } lease) { ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lease, TimeSpan.Zero, nameof(Lease)); }
        if (Restore is { } time) { ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero, nameof(Restore)); }
        if (Epoch is { } epoch) { ArgumentOutOfRangeException.ThrowIfNegative(epoch, nameof(Epoch)); }
        if (Enroll is { } devices) { ArgumentOutOfRangeException.ThrowIfNegative(devices, nameof(Enroll)); }
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDevices, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxHeldUpdates, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDirectives, 1);
    }

    private static void CheckNorm(float? norm, string name)
    {
        if (norm is { } value && !(value > 0)) { throw new ArgumentOutOfRangeException(name, norm, "expected a norm above 0"); }
    }
}
