namespace StreamLearn.Nodes;

/// <summary>A measured or simulated value: seconds of a batch, bits a second, a load.</summary>
/// <param name="At">Its time.</param>
/// <param name="Value">The value.</param>
internal readonly record struct Estimate(DateTimeOffset At, double Value);
