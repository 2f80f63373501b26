namespace StreamLearn.Samples;

/// <summary>How the concept of a generated stream changes: the wearer turns the sensor, and its axes change places.</summary>
public enum ConceptDrift
{
    /// <summary>It does not. The default.</summary>
    None,

    /// <summary>Every bout that begins after <see cref="HarStreamOptions.DriftAt"/> has the new concept.</summary>
    Abrupt,

    /// <summary>The share of bouts with the new concept rises from 0 to 1 within <see cref="HarStreamOptions.DriftTime"/>.</summary>
    Gradual,

    /// <summary>New and old concept take turns of <see cref="HarStreamOptions.DriftTime"/>, beginning with the new one.</summary>
    Recurring,
}

/// <summary>Settings of <c>FromHarStream</c>.</summary>
public sealed record HarStreamOptions
{
    /// <summary>Whose stream: offsets, gain and gait follow from the seed and this number. Default 0.</summary>
    public int User { get; init; }

    /// <summary>Seed of the stream; default null, the run's.</summary>
    public long? Seed { get; init; }

    /// <summary>Rows of a batch, 1 to 65,536; default 50, a second. The rows do not depend on it.</summary>
    public int BatchRows { get; init; } = 50;

    /// <summary>Length of the stream in its own time, more than 0; default 5 minutes. <see cref="TimeSpan.MaxValue"/>: until it is
    /// ended.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Shortest bout of one activity, at least 20 ms; default 8 s.</summary>
    public TimeSpan MinBout { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>Longest bout of one activity, at least <see cref="MinBout"/>; default 24 s.</summary>
    public TimeSpan MaxBout { get; init; } = TimeSpan.FromSeconds(24);

    /// <summary>How the concept changes; default not at all.</summary>
    public ConceptDrift Drift { get; init; }

    /// <summary>When the concept begins to change, in the stream's time; default 150 s.</summary>
    public TimeSpan DriftAt { get; init; } = TimeSpan.FromSeconds(150);

    /// <summary>How long a gradual change takes, or a turn of a recurring one lasts; more than 0, default 60 s.</summary>
    public TimeSpan DriftTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How many times faster than its own time the stream is played, at least 1e-6; infinite: as fast as the pipeline takes it.
    /// Default 1. Event times are unchanged.</summary>
    public double SpeedUp { get; init; } = 1;

    /// <summary>Event time of the first row; default 2025-01-01T00:00Z. The playing starts when the run does, whatever this is.</summary>
    public DateTimeOffset Start { get; init; } = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// True: after the last row the source stays open until the run is drained, as a sensor does that is silent. Default false: it ends.
    /// </summary>
    public bool StayOpen { get; init; }

    internal HarStreamOptions Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchRows, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BatchRows, 65536);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Duration, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MinBout, TimeSpan.FromMilliseconds(20));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBout, MinBout);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxBout, TimeSpan.FromDays(365));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(DriftTime, TimeSpan.Zero);
        if (!Enum.IsDefined(Drift))
        {
            throw new ArgumentOutOfRangeException(nameof(Drift), Drift, "expected none, abrupt, gradual or recurring");
        }

        if (!(SpeedUp >= 1e-6)) { throw new ArgumentOutOfRangeException(nameof(SpeedUp), SpeedUp, "expected a speed-up of at least 1e-6"); }
        return this;
    }

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant(
        $"user {User}, {Duration.TotalSeconds} s, batches of {BatchRows} rows, drift {Drift.ToString().ToLowerInvariant()}");
}
