namespace StreamLearn.Fleets;

/// <summary>The best version so far on held-back rows.</summary>
/// <param name="Version">Its number.</param>
/// <param name="NoBetterFor">Time without a better version.</param>
public readonly record struct BestSoFar(long Version, TimeSpan NoBetterFor);
