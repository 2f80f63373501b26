namespace StreamLearn.Models;

/// <summary>How the certainty at an exit is measured.</summary>
public enum ExitMeasure
{
    /// <summary>Entropy in nats: a row exits below the threshold.</summary>
    Entropy,

    /// <summary>Highest probability: a row exits at or above the threshold.</summary>
    Probability,

    /// <summary>Difference of the two highest probabilities: a row exits at or above the threshold.</summary>
    Margin,
}

/// <summary>Early-exit thresholds; all remaining rows leave at the last exit. Compared by value.</summary>
/// <remarks>Rows with NaN logits never exit early. Source: Teerapittayanon, McDanel, Kung (2016), BranchyNet, for entropy; Guo et al.
/// (2017) for the temperature.</remarks>
/// <param name="Measure">The certainty measure.</param>
/// <param name="Thresholds">A threshold for each exit except the last, in order; none is NaN.</param>
public sealed record ExitRule(ExitMeasure Measure, ImmutableArray<float> Thresholds)
{
    /// <summary>A threshold for each exit but the last.</summary>
    /// <exception cref="ArgumentException">A threshold is NaN, or the list is missing.</exception>
    public ImmutableArray<float> Thresholds { get; init => field = Checked(value); } = Checked(Thresholds);

    /// <summary>Divides the logits to calibrate the probabilities; above 0, default 1. <see cref="FitTemperature"/> fits it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The budget is not above 0 and finite.</exception>
    public float Temperature
    {
        get;
        init => field = value > 0 && float.IsFinite(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Temperature), value, "expected a finite temperature above 0");
    } = 1;

    /// <summary>Fits the temperature that minimizes the mean log loss of softmax(logits / temperature).</summary>
    /// <remarks>It searches from 0.05 to 20. Cost: 42 passes over the rows. Source: Guo, Pleiss, Sun, Weinberger (2017), temperature
    /// scaling; Kiefer (1953), golden section.</remarks>
    /// <param name="logits">Scores, <c>[rows, classes]</c>, finite, of rows that were not used for training.</param>
    /// <param name="labels">A label per row.</param>
    /// <exception cref="ArgumentException">There are no rows, or the scores have the wrong length.</exception>
    public static float FitTemperature(ReadOnlySpan<float> logits, ReadOnlySpan<int> labels) => TemperatureScaling.Fit(logits, labels);

    /// <summary>Creates a rule without early exits.</summary>
    /// <param name="exits">Exits of the network, at least 1.</param>
    public static ExitRule Never(int exits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(exits, 1);
        return new(ExitMeasure.Entropy, [.. new float[exits - 1]]);
    }

    /// <summary>Creates a rule by which a row exits when a class reaches a probability.</summary>
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

    /// <summary>Returns whether a row leaves at an exit.</summary>
    /// <param name="exit">The exit, from 0.</param>
    /// <param name="logits">The row's scores, one per class.</param>
    public bool Leaves(int exit, ReadOnlySpan<float> logits)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(exit);
        return exit >= Thresholds.Length || Leaves(Measure, Thresholds[exit], Certainty.Of(Measure, logits, Temperature));
    }

    /// <summary>Computes the class probabilities at the rule's temperature.</summary>
    /// <param name="logits">A row's scores, one per class.</param>
    /// <param name="probabilities">Written: one per class.</param>
    public void Probabilities(ReadOnlySpan<float> logits, Span<float> probabilities) =>
        Certainty.Probabilities(logits, Temperature, probabilities);

    /// <summary>Returns false for NaN.</summary>
    internal static bool Leaves(ExitMeasure measure, float threshold, float value) =>
        measure == ExitMeasure.Entropy ? value < threshold : value >= threshold;

    /// <summary>Returns the threshold at which no row exits.</summary>
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
