namespace Aggregator;

internal readonly record struct VersionScore(long Version, double Accuracy, double Loss);

/// <summary><paramref name="Used"/>: share of the budget. <paramref name="Delta"/>: divergence of the devices' gradients; NaN if
/// unknown.</summary>
internal readonly record struct BudgetPoint(long Version, int Steps, double Used, double Delta);

internal readonly record struct FleetMoment(
    DateTimeOffset At, double Seconds, long Accepted, long Refused, int Backlog, long BytesIn, long BytesOut)
{
    internal static FleetMoment Merge(FleetMoment older, FleetMoment newer) => new(
        newer.At, older.Seconds + newer.Seconds, older.Accepted + newer.Accepted, older.Refused + newer.Refused,
        Math.Max(older.Backlog, newer.Backlog), older.BytesIn + newer.BytesIn, older.BytesOut + newer.BytesOut);
}
