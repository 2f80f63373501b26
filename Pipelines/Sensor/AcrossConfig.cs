namespace Sensor;

/// <summary>How a device answers together with the aggregator.</summary>
/// <param name="Within">How long an answer may take.</param>
/// <param name="IsEdge">True: the aggregator runs all layers but the first; false: the cut follows what is measured.</param>
internal sealed record AcrossConfig(TimeSpan Within, bool IsEdge);
