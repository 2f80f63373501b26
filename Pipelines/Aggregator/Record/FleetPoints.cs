namespace Aggregator;

/// <summary>How good a version is. <paramref name="Accuracy"/>: share of unseen rows answered rightly.</summary>
internal readonly record struct VersionScore(long Version, double Accuracy, double Loss);

/// <summary>How a fleet learns under its budget when a version is made. <paramref name="Used"/>: the share of the budget that has been
/// used. <paramref name="Delta"/>: how far the gradients of the devices lie apart; not a number where that is not known.</summary>
internal readonly record struct BudgetPoint(long Version, int Steps, double Used, double Delta);

/// <summary>What happened in some time.</summary>
internal readonly record struct FleetMoment(
    DateTimeOffset At, double Seconds, long Accepted, long Refused, int Backlog, long BytesIn, long BytesOut)
{
    /// <summary>Two that follow each other, as one.</summary>
    internal static FleetMoment Merge(FleetMoment older, FleetMoment newer) => new(
        newer.At, older.Seconds + newer.Seconds, older.Accepted + newer.Accepted, older.Refused + newer.Refused,
        Math.Max(older.Backlog, newer.Backlog), older.BytesIn + newer.BytesIn, older.BytesOut + newer.BytesOut);
}
