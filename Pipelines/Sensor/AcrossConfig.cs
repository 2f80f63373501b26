namespace Sensor;

internal sealed record AcrossConfig(TimeSpan Within, bool IsEdge);
