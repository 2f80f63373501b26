namespace Aggregator;

/// <summary>What a reader has got of a curve. Default: nothing. <paramref name="Halvings"/>: how often those had been thinned
/// out.</summary>
internal readonly record struct CurveCursor(int Points, int Halvings)
{
    /// <summary>What a reader has that got a curve.</summary>
    internal static CurveCursor After<T>(CurvePoints<T> curve) => new(curve.Points.Length, curve.Halvings);

    /// <summary>The first point that it has not got.</summary>
    internal int From<T>(CurvePoints<T> curve) => Halvings == curve.Halvings ? Points : 0;
}

/// <summary>What a reader of statuses has got, so that the next one need not say it again. Default: nothing. <paramref name="Change"/>: the
/// newest change of a device; null: it has got no devices.</summary>
internal readonly record struct StatusCursor(CurveCursor Scores, CurveCursor Budgets, CurveCursor Moments, CurveCursor Owns, long? Change)
{
    /// <summary>What a reader has that got a status.</summary>
    internal static StatusCursor After(FleetStatus status) => new(
        CurveCursor.After(status.Scores), CurveCursor.After(status.Budgets), CurveCursor.After(status.Moments),
        CurveCursor.After(status.Owns),
        status.Devices.IsEmpty ? 0 : status.Devices.Max(static d => d.Change));
}
