namespace TauDemo;

/// <summary>A crash of a machine, which then goes on from what it has on disk.</summary>
/// <param name="At">When: virtual time since the start.</param>
/// <param name="Away">How long it is away, 0 or more.</param>
/// <param name="Node">The node whose machine it is, from 0; null, the default: that of the aggregator.</param>
internal readonly record struct PlannedCrash(TimeSpan At, TimeSpan Away, int? Node = null);
