using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Models;

/// <summary>Descends on the weights for one row; reads and writes each weight once.</summary>
internal static class OuterProduct
{
    private const int InputsAtOnce = 8;

    /// <summary>Returns the input of each weight of the first eight inputs, for <see cref="DescendFew"/>.</summary>
    internal static int[] Places(int outputs) => [.. Enumerable.Range(0, InputsAtOnce * outputs).Select(at => at / outputs)];

    /// <summary>Requires at least four outputs.</summary>
    internal static void Descend(ReadOnlySpan<float> inputs, ReadOnlySpan<float> gradients, FusedUpdate descent)
    {
        if (Vector512.IsHardwareAccelerated && gradients.Length >= Vector512<float>.Count)
        {
            Descend<Simd512, Vector512<float>>(inputs, gradients, descent);
        }
        else if (Vector256.IsHardwareAccelerated && gradients.Length >= Vector256<float>.Count)
        {
            Descend<Simd256, Vector256<float>>(inputs, gradients, descent);
        }
        else { Descend<Simd128, Vector128<float>>(inputs, gradients, descent); }
    }

    /// <summary>Updates weights in place for few outputs, eight inputs at a time. Needs 256-bit vectors.</summary>
    internal static void DescendFew(
        ReadOnlySpan<float> inputs, ReadOnlySpan<float> gradients, ReadOnlySpan<int> places, FusedUpdate descent)
    {
        Span<float> lines = stackalloc float[InputsAtOnce * Vectors.Lanes];
        var (outputs, length) = (gradients.Length, inputs.Length * gradients.Length);
        lines = lines[..(InputsAtOnce * outputs)];
        for (var i = 0; i < InputsAtOnce; i++) { gradients.CopyTo(lines[(i * outputs)..]); }
        var weights = descent.Weights[..length];
        var velocity = descent.Velocity.IsEmpty ? [] : descent.Velocity[..length];
        int whole;
        if (FourInputs.Takes(outputs))
        {
            whole = FourInputs.Descend(inputs, lines[..(lines.Length / 2)], weights, velocity, -descent.Rate, descent.Momentum);
        }
        else
        {
            whole = inputs.Length / InputsAtOnce * InputsAtOnce;
            Few(inputs[..whole], lines, places[..lines.Length], ref MemoryMarshal.GetReference(weights), -descent.Rate,
                !velocity.IsEmpty, ref MemoryMarshal.GetReference(velocity), descent.Momentum);
        }

        for (var (k, at) = (whole, whole * outputs); k < inputs.Length; k++)
        {
            for (var o = 0; o < outputs; o++, at++)
            {
                var step = MathF.FusedMultiplyAdd(inputs[k], gradients[o], 0);
                if (!velocity.IsEmpty) { velocity[at] = step = MathF.FusedMultiplyAdd(descent.Momentum, velocity[at], step); }
                weights[at] = MathF.FusedMultiplyAdd(-descent.Rate, step, weights[at]);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Few(ReadOnlySpan<float> inputs, ReadOnlySpan<float> gradients, ReadOnlySpan<int> places, ref float weights,
        float rate, bool remembers, ref float velocity, float momentum)
    {
        ref var value = ref MemoryMarshal.GetReference(inputs);
        ref var line = ref MemoryMarshal.GetReference(gradients);
        ref var place = ref MemoryMarshal.GetReference(places);
        var (zero, some) = (Vector256<float>.Zero, (nuint)gradients.Length);
        var (rates, kept) = (Vector256.Create(rate), Vector256.Create(momentum));
        for (nint k = 0; k < inputs.Length; k += InputsAtOnce)
        {
            var values = Vector256.LoadUnsafe(ref Unsafe.Add(ref value, k));
            for (nuint at = 0; at < some; at += InputsAtOnce)
            {
                var factor = Vector256.ShuffleNative(values, Vector256.LoadUnsafe(ref place, at));
                var step = Vector256.FusedMultiplyAdd(factor, Vector256.LoadUnsafe(ref line, at), zero);
                if (remembers)
                {
                    step = Vector256.FusedMultiplyAdd(kept, Vector256.LoadUnsafe(ref velocity, at), step);
                    step.StoreUnsafe(ref velocity, at);
                }

                Vector256.FusedMultiplyAdd(rates, step, Vector256.LoadUnsafe(ref weights, at)).StoreUnsafe(ref weights, at);
            }

            weights = ref Unsafe.Add(ref weights, some);
            if (remembers) { velocity = ref Unsafe.Add(ref velocity, some); }
        }
    }

    private static void Descend<TSimd, TVector>(ReadOnlySpan<float> inputs, ReadOnlySpan<float> gradients, FusedUpdate descent)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        ref var values = ref MemoryMarshal.GetReference(inputs);
        ref var line = ref MemoryMarshal.GetReference(gradients);
        ref var weights = ref MemoryMarshal.GetReference(descent.Weights[..(inputs.Length * gradients.Length)]);
        if (descent.Velocity.IsEmpty)
        {
            Descend<TSimd, TVector, One>(ref values, inputs.Length, ref line, gradients.Length, ref weights, -descent.Rate, ref weights, 0);
            return;
        }

        ref var velocity = ref MemoryMarshal.GetReference(descent.Velocity[..(inputs.Length * gradients.Length)]);
        Descend<TSimd, TVector, Two>(ref values, inputs.Length, ref line, gradients.Length, ref weights, -descent.Rate, ref velocity,
            descent.Momentum);
    }

    /// <summary>w += rate · x · g, with two values per weight by way of the velocity. The last vector ends with the line and is read before
    /// the one it overlaps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Descend<TSimd, TVector, TValues>(ref float inputs, int count, ref float gradients, int outputs, ref float weights,
        float rate, ref float velocity, float momentum)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TValues : struct, ICount
    {
        var (zero, rates, kept, last) = (TSimd.Fill(0), TSimd.Fill(rate), TSimd.Fill(momentum), (nint)outputs - TSimd.Lanes);
        var lastGradient = TSimd.Load(ref Unsafe.Add(ref gradients, last));
        for (nint k = 0; k < count; k++)
        {
            var value = TSimd.Fill(Unsafe.Add(ref inputs, k));
            var endStep = TSimd.MultiplyAdd(value, lastGradient, zero);
            if (TValues.Count > 1) { endStep = TSimd.MultiplyAdd(kept, TSimd.Load(ref Unsafe.Add(ref velocity, last)), endStep); }
            var end = TSimd.MultiplyAdd(rates, endStep, TSimd.Load(ref Unsafe.Add(ref weights, last)));
            for (nint c = 0; c < last; c += TSimd.Lanes)
            {
                var step = TSimd.MultiplyAdd(value, TSimd.Load(ref Unsafe.Add(ref gradients, c)), zero);
                if (TValues.Count > 1)
                {
                    ref var old = ref Unsafe.Add(ref velocity, c);
                    step = TSimd.MultiplyAdd(kept, TSimd.Load(ref old), step);
                    TSimd.Store(step, ref old);
                }

                ref var weight = ref Unsafe.Add(ref weights, c);
                TSimd.Store(TSimd.MultiplyAdd(rates, step, TSimd.Load(ref weight)), ref weight);
            }

            TSimd.Store(end, ref Unsafe.Add(ref weights, last));
            weights = ref Unsafe.Add(ref weights, outputs);
            if (TValues.Count == 1) { continue; }
            TSimd.Store(endStep, ref Unsafe.Add(ref velocity, last));
            velocity = ref Unsafe.Add(ref velocity, outputs);
        }
    }
}
