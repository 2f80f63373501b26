namespace StreamLearn.Nodes;

/// <summary>What was measured, or simulated, and when: seconds of a batch, bits a second, a load.</summary>
/// <param name="At">When.</param>
/// <param name="Value">What.</param>
public readonly record struct Estimate(DateTimeOffset At, double Value);
