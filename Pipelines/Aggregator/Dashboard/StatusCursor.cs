namespace Aggregator;

/// <summary>A reader's position on a curve. <paramref name="Halvings"/>: how often the curve's points had been thinned.</summary>
internal readonly record struct CurveCursor(int Points, int Halvings)
{
    internal static CurveCursor After<T>(CurvePoints<T> curve) => new(curve.Points.Length, curve.Halvings);

    /// <summary>The index of the first point not yet received.</summary>
    internal int From<T>(CurvePoints<T> curve) => Halvings == curve.Halvings ? Points : 0;
}

/// <summary>A reader's position, for incremental statuses. <paramref name="Change"/>: newest device change; null if no devices were
/// received.</summary>
internal readonly record struct StatusCursor(CurveCursor Scores, CurveCursor Budgets, CurveCursor Moments, CurveCursor Owns, long? Change)
{
    internal static StatusCursor After(FleetStatus status) => new(
        CurveCursor.After(status.Scores), CurveCursor.After(status.Budgets), CurveCursor.After(status.Moments),
        CurveCursor.After(status.Owns),
        status.Devices.IsEmpty ? 0 : status.Devices.Max(static d => d.Change));
}
