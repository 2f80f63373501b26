namespace TauDemo;

/// <summary>A crash of a machine, which then goes on from what it has on disk.</summary>
internal readonly record struct PlannedCrash(TimeSpan At, TimeSpan Away, int? Node = null);
