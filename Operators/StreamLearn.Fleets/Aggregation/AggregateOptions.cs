namespace StreamLearn.Fleets;

/// <summary>Settings of <c>Aggregate</c>.</summary>
public sealed record AggregateOptions
{
    /// <summary>Averaging of versions into the model in use; default polynomial.</summary>
    public Averaging Averaging { get; init; } = new PolynomialAveraging();

    /// <summary>Greatest Euclidean norm of an update, above 0. Null (default): ten times the median of live devices' greatest recent norms,
    /// up to tenfold more by plausible steps over the fleet's median; rises at most tenfold at once. Devices vote after four accepted
    /// updates, if three can. With fewer than three known devices: a hundred times the initial model's norm, at least 100.</summary>
    public float? MaxNorm { get; init; }

    /// <summary>Euclidean norm to which longer updates are scaled down, above 0; default null: none. Applied after <see cref="MaxNorm"/>,
    /// which refuses updates. Source: Sun et al. (2019), norm thresholding.</summary>
    public float? ClipNorm { get; init; }

    /// <summary>Maximum weight of an update, relative to the median over live devices, at least 1; default 10. Greater weights are capped,
    /// counted as <c>updates-capped</c>. Needs three devices. <see cref="float.PositiveInfinity"/>: no cap.</summary>
    public float MaxWeight { get; init; } = 10;

    /// <summary>Maximum share of one device in a round of three or more, and in the rows of the fleet's scale: 0.5 to 1; default 0.6, which
    /// two fast devices among slow ones do not reach. Weights are capped, counted as <c>updates-capped</c>. In rounds that end after a
    /// number of updates, the share is that in the last 64 updates. 1: no cap and no <c>flood</c>. With unweighted rules such as medians, a
    /// device may always have the mean number of updates of the others; more are refused as <c>share</c>.</summary>
    public double MaxShare { get; init; } = 0.6;

    /// <summary>Maximum age of an update's base, in versions, at least 0; default 1000.</summary>
    public int MaxStaleness { get; init; } = 1000;

    /// <summary>Silence after which a device counts as gone, above 0: three heartbeat intervals, so 30 s if <c>Heartbeat</c> has its
    /// default of 10 s. Null (default): only a leave message ends it. Any message but a redelivered update renews the lease.</summary>
    public TimeSpan? Lease { get; init; }

    /// <summary>Time after which a round that waits for devices leaves out those without an update, above 0. Null (default): ten times what
    /// half of the others needed, or up to a hundred times if the device's last updates took a tenth of that; at least a minute, or five if
    /// nothing came from the device. It gets versions, its late update counts by its age, and it is then awaited again. Counted as
    /// <c>devices-left-out</c>, <c>devices-back</c>.</summary>
    public TimeSpan? RoundTimeout { get; init; }

    /// <summary>Devices that must announce data before the first version, which contains the initial model and the fleet's scale; 0: none.
    /// Null (default): the strategy decides.</summary>
    public int? Enroll { get; init; }

    /// <summary>Number of this start of the aggregator, above all earlier ones. Versions contain it, and updates based on versions of an
    /// earlier epoch are refused. After resuming from a version, it is at least the next epoch. Null (default): with receipts, the start
    /// time in milliseconds since 1970, otherwise 0.</summary>
    public long? Epoch { get; init; }

    /// <summary>How long to wait at the start for a retained version, on a control input of <c>Weights</c>, before accepting updates. Above
    /// 0; null (default): starts with the initial model. It also applies after a checkpoint of another <see cref="Epoch"/>, because the
    /// version may be newer.</summary>
    public TimeSpan? Restore { get; init; }

    /// <summary>True: the time of <see cref="Restore"/> begins once connected. Default false: it begins with the run.</summary>
    public bool RestoreOnceConnected { get; init; }

    /// <summary>Key that seals versions, 16 to 64 random bytes; empty (default): no seal. A state keeps its first key. After resuming from
    /// an older state, the seal (<see cref="StreamLearn.Models.Weights.Seal"/>) proves that versions from devices are genuine.</summary>
    public ImmutableArray<byte> Secret { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Steering for strategies without their own, such as <see cref="BestVersion"/>; default none.</summary>
    public Steer Steer { get; init; } = Steer.None;

    /// <summary>Returns the owner of a device, known from logins. If there are at least three owners, each has one vote on norms, whatever
    /// its number of devices. Null (default): owners are unknown.</summary>
    public Func<string, string>? OwnerOf { get; init; }

    /// <summary>Maximum number of known devices, at least 1; default 16,384.</summary>
    public int MaxDevices { get; init; } = 16_384;

    /// <summary>Maximum number of held updates, for strategies that need the whole set. At least 1; default 4096.</summary>
    public int MaxHeldUpdates { get; init; } = 4096;

    /// <summary>Maximum number of directives per version, at least 1; default 1024.</summary>
    public int MaxDirectives { get; init; } = 1024;

    /// <summary>Further named strategies that a <see cref="StrategyChoice"/> on a control input can select. Default: none.</summary>
    public ImmutableArray<(string Name, Strategy Strategy)> Others { get; init => field = value.IsDefault ? [] : value; } = [];

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
            throw new ArgumentException("expected a different name for each strategy", nameof(Others));
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
        if (RoundTimeout is { } wait) { ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(wait, TimeSpan.Zero, nameof(RoundTimeout)); }
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
