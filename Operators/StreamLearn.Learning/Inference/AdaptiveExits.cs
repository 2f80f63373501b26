using System.Globalization;

namespace StreamLearn.Learning;

/// <summary>How early exits keep to a loss while they serve, whatever the rows become. Immutable.</summary>
/// <remarks>
/// A small share of the rows goes on to the end though an exit would have taken it. What the exit would have lost on them steers the choice
/// of thresholds. Source: Dai et al. (2024), Apparate (arXiv 2312.05385), where all rows go to the end; the controller is this library's
/// own.
/// </remarks>
public sealed record AdaptiveExits
{
    /// <summary>Accuracy that leaving early may lose on average, against the whole network; above 0 and below 1, default 0.01.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not such a share.</exception>
    public double Bound { get; init => field = Checked(value, nameof(Bound)); } = 0.01;

    /// <summary>
    /// Share of the rows that goes to the end to be compared, above 0 and below 1, default 0.02; ten times that, at most 1, for 256 rows
    /// after something was noticed. A row that an exit would not have taken anyway costs no more for that.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not such a share.</exception>
    public double Share { get; init => field = Checked(value, nameof(Share)); } = 0.02;

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"loses at most {Bound}, by {Share} of the rows");

    private static double Checked(double value, string name) => value is > 0 and < 1
        ? value
        : throw new ArgumentOutOfRangeException(name, value, "expected a share above 0 and below 1");
}
