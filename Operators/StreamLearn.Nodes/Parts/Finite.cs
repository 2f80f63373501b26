using System.Numerics.Tensors;

namespace StreamLearn.Nodes;

internal static class Finite
{
    /// <summary>Returns true if no value is infinite or NaN; also true for no values, unlike <see cref="TensorPrimitives"/>.</summary>
    internal static bool All(ReadOnlySpan<float> values) => values.IsEmpty || TensorPrimitives.IsFiniteAll(values);
}
