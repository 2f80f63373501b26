namespace StreamLearn.Learning;

/// <summary>How well a stream of answers has done so far, each scored before its row was learned from. Immutable.</summary>
/// <remarks>
/// Three views of one stream: all rows, the last ones, and all rows fading. Source: Gama, Sebastião, Rodrigues (2013); Bifet et al.
/// (2015) for kappa-M and kappa-temporal.
/// </remarks>
public sealed record PrequentialScore : ISized
{
    /// <summary>Who answered; in a fleet, the device.</summary>
    public required string Device { get; init; }

    /// <summary>All rows scored so far, by label and answer.</summary>
    public required ConfusionMatrix Landmark { get; init; }

    /// <summary>The last rows scored, by label and answer.</summary>
    public required ConfusionMatrix Window { get; init; }

    /// <summary>Accuracy in which a row counts less the older it is.</summary>
    public required double FadingAccuracy { get; init; }

    /// <summary>Accuracy of answering every row with the label known last, over all rows; the first row counts as wrong.</summary>
    public required double NoChangeAccuracy { get; init; }

    /// <summary>How often answers of each confidence are right, over all rows.</summary>
    public required Reliability Reliability { get; init; }

    /// <summary>Mean log loss in nats over all rows; null if the answers carry no probabilities.</summary>
    public double? LogLoss { get; init; }

    /// <summary>Mean log loss in nats over the last rows; null if the answers carry no probabilities.</summary>
    public double? WindowLogLoss { get; init; }

    /// <summary>Mean Brier score over all rows; null if the answers carry no probabilities.</summary>
    public double? Brier { get; init; }

    /// <summary>Rows scored.</summary>
    public long Rows => Landmark.Rows;

    /// <summary>Accuracy above that of answering with the label known last: (p0 − pe)/(1 − pe).</summary>
    public double KappaTemporal => Landmark.Above(NoChangeAccuracy);

    /// <summary>Expected calibration error over all rows.</summary>
    public double CalibrationError => Reliability.ExpectedError;

    /// <inheritdoc />
    public long SizeBytes => 160 + (8L * Landmark.Counts.Length) + (8L * Window.Counts.Length) + (24L * Reliability.Bins.Length);

    /// <inheritdoc />
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"{Device}: {Landmark.Accuracy:P1} of {Rows} rows, {Window.Accuracy:P1} of the last {Window.Rows}, fading {FadingAccuracy:P1}");
}
