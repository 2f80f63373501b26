namespace StreamLearn.Samples;

/// <summary>Concept drift of a generated stream: the sensor is turned, which swaps its axes.</summary>
public enum ConceptDrift
{
    /// <summary>No drift, the default.</summary>
    None,

    /// <summary>Every bout from <see cref="HarStreamOptions.DriftAt"/> on has the new concept.</summary>
    Abrupt,

    /// <summary>The share of new bouts increases from 0 to 1 within <see cref="HarStreamOptions.DriftTime"/>.</summary>
    Gradual,

    /// <summary>New and old concept alternate every <see cref="HarStreamOptions.DriftTime"/>, the new first.</summary>
    Recurring,
}

/// <summary>Settings of <c>FromHarStream</c>.</summary>
public sealed record HarStreamOptions
{
    /// <summary>The wearer, who with the seed determines offsets, gain and gait; default 0.</summary>
    public int User { get; init; }

    /// <summary>Seed of the stream; default null: that of the run.</summary>
    public long? Seed { get; init; }

    /// <summary>Rows per batch, 1 to 65,536; default 50, which is one second. Does not affect the rows.</summary>
    public int BatchRows { get; init; } = 50;

    /// <summary>Length in the stream's time, above 0; default 5 minutes. <see cref="TimeSpan.MaxValue"/>: unlimited.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Shortest bout, at least 20 ms; default 8 s.</summary>
    public TimeSpan MinBout { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>Longest bout, at least <see cref="MinBout"/>; default 24 s.</summary>
    public TimeSpan MaxBout { get; init; } = TimeSpan.FromSeconds(24);

    /// <summary>Kind of drift; default none.</summary>
    public ConceptDrift Drift { get; init; }

    /// <summary>Start of the drift, in the stream's time; default 150 s.</summary>
    public TimeSpan DriftAt { get; init; } = TimeSpan.FromSeconds(150);

    /// <summary>Duration of a gradual change or a recurring turn, above 0; default 60 s.</summary>
    public TimeSpan DriftTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Playback speed, at least 1e-6; default 1; infinite for no delay. Event times are unchanged.</summary>
    public double SpeedUp { get; init; } = 1;

    /// <summary>Event time of the first row; default 2025-01-01T00:00Z. Playback starts with the run.</summary>
    public DateTimeOffset Start { get; init; } = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>True to stay open after the last row until the run is drained, like a silent sensor. Default false.</summary>
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
