namespace StreamLearn.Learning;

/// <summary>Settings of <c>Prequential</c>.</summary>
public sealed record PrequentialOptions
{
    /// <summary>Scored rows per emitted score, at least 1; default 1000.</summary>
    public int EveryRows { get; init; } = 1000;

    /// <summary>Rows in the sliding window, at least 1; default 1000.</summary>
    public int WindowRows { get; init; } = 1000;

    /// <summary>The fading factor a, above 0 to 1; default 0.999.</summary>
    public double FadingFactor { get; init; } = 0.999;

    /// <summary>The int64 key column for delayed labels; default <c>time</c>.</summary>
    public string Key { get; init; } = Schema.TimeColumn;

    /// <summary>Maximum number of answers that wait for labels, and of labels that wait for answers; if there are more, the oldest is
    /// evicted. At least 1; default 4096.</summary>
    public int MaxPendingRows { get; init; } = 4096;

    /// <summary>How long an answer waits for its label, above 0; default 10 minutes.</summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromMinutes(10);

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(EveryRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(WindowRows, 1);
        FadingMean.Of(FadingFactor);
        ArgumentException.ThrowIfNullOrEmpty(Key);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPendingRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(MaxWait, TimeSpan.Zero);
    }

    /// <inheritdoc />
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"every {EveryRows} rows, window {WindowRows}, fading {FadingFactor}");
}
