using System.Collections.Immutable;

namespace StreamLearn.Models;

/// <summary>
/// How a model file names a model that this library does not define. The file has no code: to load it, the model itself must be given.
/// </summary>
/// <param name="Kind">The kind of such models: lower-case letters, such as <c>torch</c>.</param>
/// <param name="Name">The model's name among those of its kind.</param>
/// <param name="Shapes">The shape of each slice of the plan, in order, as its values lie, row-major.</param>
public sealed record NamedForm(string Kind, string Name, ImmutableArray<ImmutableArray<int>> Shapes)
{
    /// <summary>Throws unless every slice has a shape of as many values.</summary>
    internal void Check(ModelPlan plan)
    {
        if (Shapes.Length != plan.Slices.Length)
        {
            throw new ArgumentException($"expected {plan.Slices.Length} shapes, one per slice, got {Shapes.Length}");
        }

        for (var i = 0; i < Shapes.Length; i++)
        {
            if (Shapes[i].Aggregate(1L, static (a, b) => a * b) == plan.Slices[i].Length) { continue; }
            throw new ArgumentException(
                $"slice {plan.Slices[i].Name}: expected a shape of {plan.Slices[i].Length} values, got [{string.Join(", ", Shapes[i])}]");
        }
    }
}
