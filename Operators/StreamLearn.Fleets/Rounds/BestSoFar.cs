namespace StreamLearn.Fleets;

/// <summary>The best version so far, as devices judge it on rows that they hold back.</summary>
/// <param name="Version">Its number.</param>
/// <param name="NoBetterFor">Time that no better one has come.</param>
public readonly record struct BestSoFar(long Version, TimeSpan NoBetterFor);
