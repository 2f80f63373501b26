namespace Aggregator;

internal readonly record struct VersionScore(long Version, double Accuracy, double Loss);

/// <summary><paramref name="Used"/>: share of the budget. <paramref name="Delta"/>: divergence of the devices' gradients; NaN if
/// unknown.</summary>
internal readonly record struct BudgetPoint(long Version, int Steps, double Used, double Delta);

internal readonly record struct FleetMoment(
    DateTimeOffset At, double Seconds, long Accepted, long Refused, int Backlog, long BytesIn, long BytesOut)
{
    private const double UnusualSeconds = 10;
    private const int UnusualPauses = 5;
    private const double UsualPause = 60;       // seconds between updates of a fleet that has sent one

    internal static FleetMoment Merge(FleetMoment older, FleetMoment newer) => new(
        newer.At, older.Seconds + newer.Seconds, older.Accepted + newer.Accepted, older.Refused + newer.Refused,
        Math.Max(older.Backlog, newer.Backlog), older.BytesIn + newer.BytesIn, older.BytesOut + newer.BytesOut);

    /// <summary>Updates in a unit of time; 0 once nothing has come for five times as long as usual.</summary>
    internal static (double Accepted, double Refused) RateOf(IEnumerable<FleetMoment> moments, TimeSpan unit)
    {
        var (seconds, accepted, refused) = (0.0, 0L, 0L);
        var (active, silent, busy) = (0.0, 0.0, 0);
        foreach (var moment in moments)
        {
            (seconds, accepted, refused) = (seconds + moment.Seconds, accepted + moment.Accepted, refused + moment.Refused);
            if (moment.Accepted + moment.Refused == 0) { silent += moment.Seconds; }
            else { (active, silent, busy) = (busy == 0 ? 0 : active + silent + moment.Seconds, 0, busy + 1); }
        }

        var pause = busy > 1 ? active / (busy - 1) : UsualPause;
        return seconds == 0 || silent > Math.Max(UnusualSeconds, UnusualPauses * pause) ? (0, 0)
            : (accepted * unit.TotalSeconds / seconds, refused * unit.TotalSeconds / seconds);
    }
}
