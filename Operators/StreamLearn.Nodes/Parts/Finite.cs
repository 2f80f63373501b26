using System.Numerics.Tensors;

namespace StreamLearn.Nodes;

internal static class Finite
{
    /// <summary>True if no value is infinite or NaN; of no values too, unlike <see cref="TensorPrimitives"/>.</summary>
    internal static bool All(ReadOnlySpan<float> values) => values.IsEmpty || TensorPrimitives.IsFiniteAll(values);
}
