namespace StreamLearn.Models;

/// <summary>Name in model files of a model outside this library. Loading needs the model itself.</summary>
/// <param name="Kind">Kind of model in lower-case letters, such as <c>torch</c>.</param>
/// <param name="Name">Name of the model within its kind.</param>
/// <param name="Shapes">Row-major shape of each slice, in plan order.</param>
public sealed record NamedForm(string Kind, string Name, ImmutableArray<ImmutableArray<int>> Shapes)
{
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
