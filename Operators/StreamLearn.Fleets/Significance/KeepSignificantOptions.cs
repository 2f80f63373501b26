using System.Globalization;

namespace StreamLearn.Fleets;

/// <summary>Settings of significance filtering.</summary>
public sealed record KeepSignificantOptions
{
    /// <summary>The threshold; by default it adapts to measurements.</summary>
    public SignificanceThreshold Threshold { get; init; } = SignificanceThreshold.Measured();

    internal Significance Significance { get; init; } = new RelativeSignificance();

    /// <summary>Maximum number of unanswered updates. If there are more, the oldest counts as applied. At least 1; default 64.</summary>
    public int MaxUnanswered { get; init; } = 64;

    internal void Check()
    {
        ArgumentNullException.ThrowIfNull(Threshold);
        ArgumentNullException.ThrowIfNull(Significance);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxUnanswered, 1);
        Threshold.Check();
    }

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Threshold}, {Significance}");
}
