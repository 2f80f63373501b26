using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Learning;

/// <summary>What norms do with the values of one channel, or with one value of every channel.</summary>
internal static class Normalization
{
    /// <summary>(input − mean) · inverse · gain + bias → outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Forward(ReadOnlySpan<float> inputs, float mean, float inverse, float gain, float bias, Span<float> outputs)
    {
        ref var from = ref MemoryMarshal.GetReference(inputs[..outputs.Length]);
        ref var to = ref MemoryMarshal.GetReference(outputs);
        var (means, inverses, gains, biases) =
            (Vector512.Create(mean), Vector512.Create(inverse), Vector512.Create(gain), Vector512.Create(bias));
        var t = 0;
        for (; t + Vector512<float>.Count <= outputs.Length; t += Vector512<float>.Count)
        {
            var normal = (Vector512.LoadUnsafe(ref from, (nuint)t) - means) * inverses;
            Vector512.FusedMultiplyAdd(normal, gains, biases).StoreUnsafe(ref to, (nuint)t);
        }

        for (; t < outputs.Length; t++) { outputs[t] = MathF.FusedMultiplyAdd((inputs[t] - mean) * inverse, gain, bias); }
    }

    /// <summary>gradient · factor − level − (input − mean) · slope → inputGradients.</summary>
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

    /// <summary>The same over one value of every channel: (input − mean) · inverse · gain + bias → outputs.</summary>
    internal static void Forward(ReadOnlySpan<float> inputs, ReadOnlySpan<float> means, ReadOnlySpan<float> inverses,
        ReadOnlySpan<float> gains, ReadOnlySpan<float> biases, Span<float> outputs)
    {
        var c = 0;
        for (; c + Vector512<float>.Count <= outputs.Length; c += Vector512<float>.Count)
        {
            var normal = (Vector512.Create(inputs[c..]) - Vector512.Create(means[c..])) * Vector512.Create(inverses[c..]);
            Vector512.FusedMultiplyAdd(normal, Vector512.Create(gains[c..]), Vector512.Create(biases[c..])).CopyTo(outputs[c..]);
        }

        for (; c < outputs.Length; c++)
        {
            outputs[c] = MathF.FusedMultiplyAdd((inputs[c] - means[c]) * inverses[c], gains[c], biases[c]);
        }
    }

    /// <summary>The same over one value of every channel: gradient · factor − level − (input − mean) · slope → inputGradients.</summary>
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
}
