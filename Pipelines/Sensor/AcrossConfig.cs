namespace Sensor;

/// <summary>How a device answers together with the aggregator.</summary>
internal sealed record AcrossConfig(TimeSpan Within, bool IsEdge);
