using System.Collections.Immutable;

namespace StreamLearn.Models;

/// <summary>What says that an exit is sure of a row.</summary>
public enum ExitMeasure
{
    /// <summary>The entropy of the probabilities, in nats: a row leaves below its threshold.</summary>
    Entropy,

    /// <summary>The highest probability: a row leaves at or above its threshold.</summary>
    Probability,

    /// <summary>The distance of the two highest probabilities: a row leaves at or above its threshold.</summary>
    Margin,
}

/// <summary>When a row leaves a network early: a threshold for every exit but the last, where all that is left leaves. A value.</summary>
/// <remarks>
/// The decision is a function of logits and threshold alone; logits that are not numbers never leave early. Source: Teerapittayanon,
/// McDanel, Kung (2016), BranchyNet, for entropy; Guo et al. (2017) for the temperature.
/// </remarks>
/// <param name="Measure">What says that an exit is sure.</param>
/// <param name="Thresholds">A threshold for each exit but the last, from the first on; none is NaN.</param>
public sealed record ExitRule(ExitMeasure Measure, ImmutableArray<float> Thresholds)
{
    /// <summary>What is measured at each exit but the last is compared with its threshold.</summary>
    /// <exception cref="ArgumentException">A threshold is NaN, or there is no list of them.</exception>
    public ImmutableArray<float> Thresholds { get; init => field = Checked(value); } = Checked(Thresholds);

    /// <summary>
    /// What logits are divided by before their probabilities are taken, so that a confidence of 0.9 is right nine times in ten; above 0,
    /// default 1. <see cref="TemperatureScaling"/> fits it.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not above 0 and finite.</exception>
    public float Temperature
    {
        get;
        init => field = value > 0 && float.IsFinite(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Temperature), value, "expected a finite temperature above 0");
    } = 1;

    /// <summary>Lets nothing leave early.</summary>
    /// <param name="exits">Exits of the network, at least 1.</param>
    public static ExitRule Never(int exits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(exits, 1);
        return new(ExitMeasure.Entropy, [.. new float[exits - 1]]);
    }

    /// <summary>Lets a row leave at the first exit that gives a class this probability.</summary>
    /// <param name="exits">Exits of the network, at least 1.</param>
    /// <param name="atLeast">The probability, above 0 and at most 1.</param>
    public static ExitRule WhenConfident(int exits, float atLeast)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(exits, 1);
        if (!(atLeast > 0 && atLeast <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(atLeast), atLeast, "expected a probability above 0 and at most 1");
        }

        var thresholds = new float[exits - 1];
        Array.Fill(thresholds, atLeast);
        return new(ExitMeasure.Probability, [.. thresholds]);
    }

    /// <summary>Says whether a row leaves at an exit.</summary>
    /// <param name="exit">The exit, from 0.</param>
    /// <param name="logits">The exit's scores of the row, one for each class.</param>
    public bool Leaves(int exit, ReadOnlySpan<float> logits)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(exit);
        return exit >= Thresholds.Length || Leaves(Measure, Thresholds[exit], Certainty.Of(Measure, logits, Temperature));
    }

    /// <summary>Computes the probabilities of the classes at the rule's temperature.</summary>
    /// <param name="logits">An exit's scores of a row, one for each class.</param>
    /// <param name="probabilities">One for each class.</param>
    public void Probabilities(ReadOnlySpan<float> logits, Span<float> probabilities) =>
        Certainty.Probabilities(logits, Temperature, probabilities);

    /// <summary>Says whether a measured value lets a row leave; NaN does not.</summary>
    internal static bool Leaves(ExitMeasure measure, float threshold, float value) =>
        measure == ExitMeasure.Entropy ? value < threshold : value >= threshold;

    /// <summary>The threshold at which nothing leaves.</summary>
    internal static float Closed(ExitMeasure measure) => measure == ExitMeasure.Entropy ? 0 : float.PositiveInfinity;

    /// <inheritdoc />
    public bool Equals(ExitRule? other) => other is not null && Measure == other.Measure && Temperature.Equals(other.Temperature)
        && Thresholds.AsSpan().SequenceEqual(other.Thresholds.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Measure, Temperature, Thresholds.Length, Thresholds.FirstOrDefault());

    /// <inheritdoc />
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"{Measure.ToString().ToLowerInvariant()} {(Measure == ExitMeasure.Entropy ? "<" : "≥")} [{string.Join(", ", Texts())}]"
            + $"{(Temperature == 1 ? "" : FormattableString.Invariant($", temperature {Temperature}"))}");

    private static ImmutableArray<float> Checked(ImmutableArray<float> thresholds)
    {
        if (thresholds.IsDefault) { throw new ArgumentException("expected a list of thresholds", nameof(thresholds)); }
        foreach (var threshold in thresholds)
        {
            if (float.IsNaN(threshold))
            {
                throw new ArgumentException("expected thresholds that are numbers, got NaN", nameof(thresholds));
            }
        }

        return thresholds;
    }

    private IEnumerable<string> Texts() => Thresholds.Select(t => t.ToString(System.Globalization.CultureInfo.InvariantCulture));
}
