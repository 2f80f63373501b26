namespace StreamLearn.Models;

internal static class Vectors
{
    /// <summary>Values in the widest vector.</summary>
    internal const int Lanes = 16;

    internal static int Widen(int values) => checked(values + Lanes - 1) / Lanes * Lanes;

    /// <summary>Applies a function of <see cref="System.Numerics.Tensors.TensorPrimitives"/> with the bits of a whole vector.</summary>
    internal static void Map(ReadOnlySpan<float> inputs, Span<float> outputs, Action<ReadOnlySpan<float>, Span<float>> function)
    {
        if (inputs.Length >= Lanes)
        {
            function(inputs, outputs);
            return;
        }

        Span<float> whole = stackalloc float[Lanes];        // a shorter span would use another function, with other bits
        whole.Clear();
        inputs.CopyTo(whole);
        function(whole, whole);
        whole[..outputs.Length].CopyTo(outputs);
    }
}
