namespace Aggregator;

/// <summary>What a reader of statuses has got, so that the next one need not say it again. Default: nothing.</summary>
/// <param name="Scores">Points of judged versions.</param>
/// <param name="ScoreHalvings">How often those had been thinned out.</param>
/// <param name="Moments">Points over time.</param>
/// <param name="MomentHalvings">How often those had been thinned out.</param>
/// <param name="Change">The newest change of a device; null: it has got no devices.</param>
internal readonly record struct StatusCursor(int Scores, int ScoreHalvings, int Moments, int MomentHalvings, long? Change)
{
    /// <summary>What a reader has that got a status.</summary>
    internal static StatusCursor After(FleetStatus status) => new(
        status.Scores.Points.Length, status.Scores.Halvings, status.Moments.Points.Length, status.Moments.Halvings,
        status.Devices.IsEmpty ? 0 : status.Devices.Max(static d => d.Change));

    /// <summary>The first point that it has not got.</summary>
    internal int From(CurvePoints<VersionScore> scores) => ScoreHalvings == scores.Halvings ? Scores : 0;

    /// <summary>The first point that it has not got.</summary>
    internal int From(CurvePoints<FleetMoment> moments) => MomentHalvings == moments.Halvings ? Moments : 0;
}
