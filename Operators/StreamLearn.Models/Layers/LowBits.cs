namespace StreamLearn.Models;

/// <summary>Pure functions that quantize weights and activations to few bits.</summary>
/// <remarks> 1 bit: the sign, +1 from 0 on. k bits: activations round((2^k − 1) x) / (2^k − 1) of x clipped to [0, 1]; weights 2 q − 1,
/// where q is that of tanh w / (2 max |tanh w|) + ½. Halves are rounded away from zero. 32 bits: unchanged. Sources: Hubara et al. (2018);
/// Zhou et al. (2016), <i>DoReFa-Net</i>; Rastegari et al. (2016), <i>XNOR-Net</i>, for the scales. </remarks>
public static class LowBits
{
    /// <summary>The number of bits that leaves values unchanged.</summary>
    public const int Exact = 32;

    /// <summary>Quantizes weights.</summary>
    /// <param name="bits">The number of bits, 1 to 8, or <see cref="Exact"/>.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="results">Written: the same number of values.</param>
    public static void Weights(int bits, ReadOnlySpan<float> weights, Span<float> results)
    {
        Check(bits);
        if (bits == Exact) { weights.CopyTo(results); }
        else if (bits == 1) { Signs(weights, results); }
        else
        {
            for (var i = 0; i < weights.Length; i++) { results[i] = MathF.Tanh(weights[i]); }
            var most = 0f;
            foreach (var value in results[..weights.Length]) { most = MathF.Max(most, MathF.Abs(value)); }
            if (most == 0) { most = 1; }
            for (var i = 0; i < weights.Length; i++) { results[i] = (2 * Level(bits, (results[i] / (2 * most)) + 0.5f)) - 1; }
        }
    }

    /// <summary>Computes the factors of outputs: the mean magnitude of the weights for signs, otherwise 1.</summary>
    /// <param name="bits">The number of bits, 1 to 8, or <see cref="Exact"/>.</param>
    /// <param name="weights">The weights, <c>[inputs, outputs]</c>.</param>
    /// <param name="results">Written: one per output.</param>
    public static void Scales(int bits, ReadOnlySpan<float> weights, Span<float> results)
    {
        Check(bits);
        results.Fill(1);
        if (bits != 1) { return; }
        var inputs = weights.Length / results.Length;
        for (var o = 0; o < results.Length; o++)
        {
            var sum = 0.0;
            for (var k = 0; k < inputs; k++) { sum += MathF.Abs(weights[(k * results.Length) + o]); }
            results[o] = (float)(sum / inputs);
        }
    }

    /// <summary>Quantizes activations.</summary>
    /// <param name="bits">The number of bits, 1 to 8, or <see cref="Exact"/>.</param>
    /// <param name="values">The activations.</param>
    /// <param name="results">Written: the same number of values.</param>
    public static void Activations(int bits, ReadOnlySpan<float> values, Span<float> results)
    {
        Check(bits);
        if (bits == Exact) { values.CopyTo(results); }
        else if (bits == 1) { Signs(values, results); }
        else
        {
            for (var i = 0; i < values.Length; i++) { results[i] = Level(bits, Math.Clamp(values[i], 0, 1)); }
        }
    }

    /// <summary>Zeroes gradients where activations were clipped.</summary>
    internal static void PassActivations(int bits, ReadOnlySpan<float> values, Span<float> gradients)
    {
        if (bits == Exact) { return; }
        var low = bits == 1 ? -1f : 0;
        for (var i = 0; i < values.Length; i++)
        {
            if (!(values[i] >= low && values[i] <= 1)) { gradients[i] = 0; }
        }
    }

    internal static void Check(int bits)
    {
        if (bits is not (>= 1 and <= 8 or Exact)) { throw new ArgumentException($"expected 1 to 8 or {Exact} bits, got {bits}"); }
    }

    private static void Signs(ReadOnlySpan<float> values, Span<float> results)
    {
        for (var i = 0; i < values.Length; i++) { results[i] = values[i] >= 0 ? 1 : -1; }
    }

    private static float Level(int bits, float value)
    {
        var most = (1 << bits) - 1;
        return MathF.Round(most * value, MidpointRounding.AwayFromZero) / most;
    }
}
