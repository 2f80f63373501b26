namespace StreamLearn.Learning;

/// <summary>Quality of a stream of answers, each scored before its row was learned from. Immutable.</summary>
/// <remarks>It covers all rows, the last rows, and all rows with fading. Source: Gama, Sebastião, Rodrigues (2013); Bifet et al. (2015) for
/// kappa-M and kappa-temporal.</remarks>
public sealed record PrequentialScore : ISized
{
    /// <summary>The pipeline that answered or, in a fleet, the device.</summary>
    public required string Device { get; init; }

    /// <summary>All rows, by label and answer.</summary>
    public required ConfusionMatrix Landmark { get; init; }

    /// <summary>The last rows, by label and answer.</summary>
    public required ConfusionMatrix Window { get; init; }

    /// <summary>Accuracy in which older rows weigh less.</summary>
    public required double FadingAccuracy { get; init; }

    /// <summary>Accuracy of repeating the last known label, over all rows; the first counts as wrong.</summary>
    public required double NoChangeAccuracy { get; init; }

    internal Reliability Reliability { get; init; } = new([]);

    /// <summary>Mean log loss in nats; null without probabilities.</summary>
    public double? LogLoss { get; init; }

    /// <summary>Mean log loss of the last rows in nats; null without probabilities.</summary>
    public double? WindowLogLoss { get; init; }

    /// <summary>Mean Brier score; null without probabilities.</summary>
    public double? Brier { get; init; }

    /// <summary>Number of scored rows.</summary>
    public long Rows => Landmark.Rows;

    /// <summary>Accuracy above repeating the last label: (p0 − pe)/(1 − pe).</summary>
    public double KappaTemporal => Landmark.Above(NoChangeAccuracy);

    /// <summary>Expected calibration error over all rows.</summary>
    public double CalibrationError => Reliability.ExpectedError;

    /// <inheritdoc />
    public long SizeBytes => 160 + (8L * Landmark.Counts.Length) + (8L * Window.Counts.Length) + (24L * Reliability.Bins.Length);

    /// <inheritdoc />
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"{Device}: {Landmark.Accuracy:P1} of {Rows} rows, {Window.Accuracy:P1} of the last {Window.Rows}, fading {FadingAccuracy:P1}");
}
