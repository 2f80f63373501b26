namespace StreamLearn.Nodes;

/// <summary>A measured or simulated value: seconds of a batch, bits a second, a load.</summary>
internal readonly record struct Estimate(DateTimeOffset At, double Value);
