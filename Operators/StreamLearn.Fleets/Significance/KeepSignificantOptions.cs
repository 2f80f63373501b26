using System.Globalization;

namespace StreamLearn.Fleets;

/// <summary>Which changes go with an update, and which wait.</summary>
public sealed record KeepSignificantOptions
{
    /// <summary>How large a change has to be; default chosen by what is measured.</summary>
    public SignificanceThreshold Threshold { get; init; } = new MeasuredThreshold();

    /// <summary>What that is compared with; default its parameter.</summary>
    public Significance Significance { get; init; } = new RelativeSignificance();

    /// <summary>Updates whose fate is waited for; the oldest one beyond counts as applied. Updates, at least 1; default 64.</summary>
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
