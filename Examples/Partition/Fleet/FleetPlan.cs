using System.Collections.Immutable;

namespace Partition;

/// <summary>How a fleet is split.</summary>
/// <param name="Name">What it is called in tables.</param>
/// <param name="Boundary">How values cross the boundary.</param>
/// <param name="Splits">Layers on each device.</param>
internal sealed record FleetPlan(string Name, BoundaryForm Boundary, ImmutableArray<int> Splits)
{
    /// <summary>The same for two plans that train in the same way: where all layers stay, no value crosses a boundary.</summary>
    /// <param name="layers">Layers of the network.</param>
    internal string Key(int layers) =>
        Splits.All(split => split == layers) ? "local" : $"{Boundary.Name} {string.Join(' ', Splits)}";
}
