namespace StreamLearn.Learning;

/// <summary>Settings of <c>Prequential</c>.</summary>
public sealed record PrequentialOptions
{
    /// <summary>Scored rows per score emitted, at least 1; default 1000.</summary>
    public int EveryRows { get; init; } = 1000;

    /// <summary>Rows of the sliding window, at least 1; default 1000.</summary>
    public int WindowRows { get; init; } = 1000;

    /// <summary>The fading factor a, above 0 to 1; default 0.999.</summary>
    public double FadingFactor { get; init; } = 0.999;

    /// <summary>The int64 key column for delayed labels; default <c>time</c>.</summary>
    public string Key { get; init; } = Schema.TimeColumn;

    /// <summary>Maximum answers pending for labels, and labels for answers; beyond it, the oldest is evicted. At least 1; default
    /// 4096.</summary>
    public int MaxPendingRows { get; init; } = 4096;

    /// <summary>Time after which an unlabeled answer is given up, above 0; default 10 minutes.</summary>
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
