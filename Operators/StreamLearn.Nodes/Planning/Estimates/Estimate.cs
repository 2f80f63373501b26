namespace StreamLearn.Nodes;

/// <summary>A measured or simulated value: seconds per batch, bits per second, or a load.</summary>
internal readonly record struct Estimate(DateTimeOffset At, double Value);
