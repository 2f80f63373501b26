using System.Globalization;

namespace StreamLearn.Learning;

/// <summary>Keeps the loss by early exits within a limit while serving, even as rows change. Immutable.</summary>
/// <remarks>A small share of rows runs to the end although an exit would answer it; its loss steers the thresholds. Source: Dai et al.
/// (2024), Apparate (arXiv 2312.05385), where all rows run to the end; the controller is ours.</remarks>
public sealed record AdaptiveExits
{
    /// <summary>Maximum mean loss of accuracy by early exits compared with the whole network, above 0 and below 1; default 0.01.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
    public double Bound { get; init => field = Checked(value, nameof(Bound)); } = 0.01;

    /// <summary>Share of rows run to the end for comparison, above 0 and below 1; default 0.02. Ten times that, at most 1, for 256 rows
    /// after a suspicion. Rows that leave at no exit cost nothing extra.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
    public double Share { get; init => field = Checked(value, nameof(Share)); } = 0.02;

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"loses at most {Bound}, by {Share} of the rows");

    private static double Checked(double value, string name) => value is > 0 and < 1
        ? value
        : throw new ArgumentOutOfRangeException(name, value, "expected a share above 0 and below 1");
}
