using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace StreamLearn.Models;

internal static class Pooling
{
    /// <summary>Adds in the order of <see cref="Sums"/>.</summary>
    internal static float Mean(ReadOnlySpan<float> samples) => (float)(Sums.Of(samples) / samples.Length);

    internal static string Text(int size, int stride, int padding) =>
        $"{size}{(stride == 0 || stride == size ? "" : $" stride {stride}")}{(padding == 0 ? "" : $" padding {Padding.Text(padding)}")}";

    internal static float Greatest(ReadOnlySpan<float> samples) => TensorPrimitives.Max(samples);

    internal static int First(ReadOnlySpan<float> samples, float greatest)
    {
        var t = 0;
        for (; t + Vector512<float>.Count <= samples.Length; t += Vector512<float>.Count)
        {
            var equal = Vector512.Equals(Vector512.Create(samples[t..]), Vector512.Create(greatest)).ExtractMostSignificantBits();
            if (equal != 0) { return t + System.Numerics.BitOperations.TrailingZeroCount(equal); }
        }

        for (; t < samples.Length; t++)
        {
            if (samples[t] == greatest) { return t; }
        }

        return 0;       // NaN: all later values are already NaN
    }
}
