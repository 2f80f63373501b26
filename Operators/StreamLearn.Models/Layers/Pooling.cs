using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace StreamLearn.Models;

/// <summary>What one channel's samples come down to.</summary>
internal static class Pooling
{
    /// <summary>The mean; the order is that of <see cref="Sums"/>.</summary>
    internal static float Mean(ReadOnlySpan<float> samples) => (float)(Sums.Of(samples) / samples.Length);

    /// <summary>What a pool prints of its settings.</summary>
    internal static string Text(int size, int stride, int padding) =>
        $"{size}{(stride == 0 || stride == size ? "" : $" stride {stride}")}{(padding == 0 ? "" : $" padding {Padding.Text(padding)}")}";

    /// <summary>The greatest sample: one value, whatever the order.</summary>
    internal static float Greatest(ReadOnlySpan<float> samples) => TensorPrimitives.Max(samples);

    /// <summary>The place of the first sample that equals the greatest one.</summary>
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

        return 0;       // not a number: it has made everything after it one already
    }
}
