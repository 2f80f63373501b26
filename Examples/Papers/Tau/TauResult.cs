namespace TauDemo;

/// <summary>What came of a fleet. <paramref name="Loss"/>: loss of the best version on all rows of the nodes. <paramref name="Accuracy"/>:
/// share of digits that no node has that it tells rightly.</summary>
internal sealed record TauResult(double Loss, double Accuracy, double Steps, double UsedSeconds, int Rounds)
{
    /// <summary>Bytes that were used, where there is a budget of them; else 0.</summary>
    public double UsedBytes { get; init; }

    /// <summary>Share of rounds that took less than a second; null: there was none.</summary>
    public double? ShareUnderSecond { get; init; }

    /// <summary>The means of several.</summary>
    public static TauResult Mean(IReadOnlyCollection<TauResult> results) => new(
        results.Average(static r => r.Loss), results.Average(static r => r.Accuracy), results.Average(static r => r.Steps),
        results.Average(static r => r.UsedSeconds), (int)Math.Round(results.Average(static r => r.Rounds)))
    {
        ShareUnderSecond = results.Average(static r => r.ShareUnderSecond),
    };
}
