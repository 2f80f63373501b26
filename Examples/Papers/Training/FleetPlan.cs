using System.Collections.Immutable;

namespace Partition;

/// <summary>How a fleet is split.</summary>
internal sealed record FleetPlan(string Name, BoundaryForm Boundary, ImmutableArray<int> Splits)
{
    /// <summary>The same for two plans that train in the same way: where all layers stay, no value crosses a boundary.</summary>
    internal string Key(int layers) =>
        Splits.All(split => split == layers) ? "local" : $"{Boundary.Name} {string.Join(' ', Splits)}";
}
