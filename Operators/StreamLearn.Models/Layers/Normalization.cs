using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Models;

internal static class Normalization
{
    internal const float NoFloor = float.NegativeInfinity;

    /// <summary>Computes (input − mean) · inverse · gain + bias, at least the floor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Forward(ReadOnlySpan<float> inputs, float mean, float inverse, float gain, float bias, float floor,
        Span<float> outputs)
    {
        ref var from = ref MemoryMarshal.GetReference(inputs[..outputs.Length]);
        ref var to = ref MemoryMarshal.GetReference(outputs);
        var (means, inverses, gains, biases) =
            (Vector512.Create(mean), Vector512.Create(inverse), Vector512.Create(gain), Vector512.Create(bias));
        var floors = Vector512.Create(floor);
        var t = 0;
        for (; t + Vector512<float>.Count <= outputs.Length; t += Vector512<float>.Count)
        {
            var normal = (Vector512.LoadUnsafe(ref from, (nuint)t) - means) * inverses;
            AtLeast(floors, Vector512.FusedMultiplyAdd(normal, gains, biases)).StoreUnsafe(ref to, (nuint)t);
        }

        for (; t < outputs.Length; t++) { outputs[t] = AtLeast(floor, MathF.FusedMultiplyAdd((inputs[t] - mean) * inverse, gain, bias)); }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Gate(ReadOnlySpan<float> inputs, float mean, float inverse, float gain, float bias, ReadOnlySpan<float> gradients,
        Span<float> kept)
    {
        ref var from = ref MemoryMarshal.GetReference(inputs[..kept.Length]);
        ref var given = ref MemoryMarshal.GetReference(gradients[..kept.Length]);
        ref var to = ref MemoryMarshal.GetReference(kept);
        var (means, inverses, gains, biases) =
            (Vector512.Create(mean), Vector512.Create(inverse), Vector512.Create(gain), Vector512.Create(bias));
        var t = 0;
        for (; t + Vector512<float>.Count <= kept.Length; t += Vector512<float>.Count)
        {
            var normal = (Vector512.LoadUnsafe(ref from, (nuint)t) - means) * inverses;
            var isAbove = Vector512.GreaterThan(Vector512.FusedMultiplyAdd(normal, gains, biases), Vector512<float>.Zero);
            (Vector512.LoadUnsafe(ref given, (nuint)t) & isAbove).StoreUnsafe(ref to, (nuint)t);
        }

        for (; t < kept.Length; t++) { kept[t] = MathF.FusedMultiplyAdd((inputs[t] - mean) * inverse, gain, bias) > 0 ? gradients[t] : 0; }
    }

    /// <summary>Computes gradient · factor − level − (input − mean) · slope.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Backward(ReadOnlySpan<float> gradients, float factor, ReadOnlySpan<float> inputs, float mean, float level,
        float slope, Span<float> inputGradients)
    {
        ref var given = ref MemoryMarshal.GetReference(gradients[..inputGradients.Length]);
        ref var from = ref MemoryMarshal.GetReference(inputs[..inputGradients.Length]);
        ref var to = ref MemoryMarshal.GetReference(inputGradients);
        var (factors, means, levels, slopes) =
            (Vector512.Create(factor), Vector512.Create(mean), Vector512.Create(-level), Vector512.Create(-slope));
        var t = 0;
        for (; t + Vector512<float>.Count <= inputGradients.Length; t += Vector512<float>.Count)
        {
            var common = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref from, (nuint)t) - means, slopes, levels);
            Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref given, (nuint)t), factors, common).StoreUnsafe(ref to, (nuint)t);
        }

        for (; t < inputGradients.Length; t++)
        {
            var common = MathF.FusedMultiplyAdd(inputs[t] - mean, -slope, -level);
            inputGradients[t] = MathF.FusedMultiplyAdd(gradients[t], factor, common);
        }
    }

    internal static void Forward(ReadOnlySpan<float> inputs, ReadOnlySpan<float> means, ReadOnlySpan<float> inverses,
        ReadOnlySpan<float> gains, ReadOnlySpan<float> biases, float floor, Span<float> outputs)
    {
        var (c, floors) = (0, Vector512.Create(floor));
        for (; c + Vector512<float>.Count <= outputs.Length; c += Vector512<float>.Count)
        {
            var normal = (Vector512.Create(inputs[c..]) - Vector512.Create(means[c..])) * Vector512.Create(inverses[c..]);
            AtLeast(floors, Vector512.FusedMultiplyAdd(normal, Vector512.Create(gains[c..]), Vector512.Create(biases[c..])))
                .CopyTo(outputs[c..]);
        }

        for (; c < outputs.Length; c++)
        {
            outputs[c] = AtLeast(floor, MathF.FusedMultiplyAdd((inputs[c] - means[c]) * inverses[c], gains[c], biases[c]));
        }
    }

    internal static void Gate(ReadOnlySpan<float> outputs, ReadOnlySpan<float> gradients, Span<float> kept)
    {
        for (var c = 0; c < kept.Length; c++) { kept[c] = outputs[c] > 0 ? gradients[c] : 0; }
    }

    internal static void Backward(ReadOnlySpan<float> gradients, ReadOnlySpan<float> factors, ReadOnlySpan<float> inputs,
        ReadOnlySpan<float> means, ReadOnlySpan<float> levels, ReadOnlySpan<float> slopes, Span<float> inputGradients)
    {
        var c = 0;
        for (; c + Vector512<float>.Count <= inputGradients.Length; c += Vector512<float>.Count)
        {
            var apart = Vector512.Create(inputs[c..]) - Vector512.Create(means[c..]);
            var common = Vector512.FusedMultiplyAdd(apart, -Vector512.Create(slopes[c..]), -Vector512.Create(levels[c..]));
            Vector512.FusedMultiplyAdd(Vector512.Create(gradients[c..]), Vector512.Create(factors[c..]), common)
                .CopyTo(inputGradients[c..]);
        }

        for (; c < inputGradients.Length; c++)
        {
            var common = MathF.FusedMultiplyAdd(inputs[c] - means[c], -slopes[c], -levels[c]);
            inputGradients[c] = MathF.FusedMultiplyAdd(gradients[c], factors[c], common);
        }
    }

    /// <summary>Keeps NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> AtLeast(Vector512<float> floors, Vector512<float> values) =>
        Vector512.ConditionalSelect(Vector512.LessThanOrEqual(values, floors), floors, values);

    private static float AtLeast(float floor, float value) => value <= floor ? floor : value;
}
