namespace StreamLearn.Learning;

/// <summary>Settings of <c>Prequential</c>.</summary>
public sealed record PrequentialOptions
{
    /// <summary>Rows scored after which a score is emitted. Rows, at least 1; default 1000.</summary>
    public int EveryRows { get; init; } = 1000;

    /// <summary>Rows of the sliding window. Rows, at least 1; default 1000.</summary>
    public int WindowRows { get; init; } = 1000;

    /// <summary>The fading factor a, above 0 and at most 1; default 0.999.</summary>
    public double FadingFactor { get; init; } = 0.999;

    /// <summary>The int64 column that tells rows apart where labels come later; default <c>time</c>.</summary>
    public string Key { get; init; } = Schema.TimeColumn;

    /// <summary>
    /// Answers that may come after one that waits for its label, and labels after one that waits for its answer: beyond, it makes way.
    /// Rows, at least 1; default 4096.
    /// </summary>
    public int MaxPendingRows { get; init; } = 4096;

    /// <summary>An answer whose label has not come for this long is given up. More than zero; default 10 minutes.</summary>
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
