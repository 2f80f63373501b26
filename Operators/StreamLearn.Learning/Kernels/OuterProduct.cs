using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Learning;

/// <summary>A step of descent on the weights of one row: each is read and written once, its gradient stays in a register.</summary>
internal static class OuterProduct
{
    /// <summary>inputs [inputs], gradients [outputs] → the weights [inputs, outputs] of the descent moved; at least four outputs.</summary>
    internal static void Descend(ReadOnlySpan<float> inputs, ReadOnlySpan<float> gradients, Descent descent)
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

    private static void Descend<TSimd, TVector>(ReadOnlySpan<float> inputs, ReadOnlySpan<float> gradients, Descent descent)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        ref var values = ref MemoryMarshal.GetReference(inputs);
        ref var line = ref MemoryMarshal.GetReference(gradients);
        ref var weights = ref MemoryMarshal.GetReference(descent.Weights[..(inputs.Length * gradients.Length)]);
        if (descent.Velocity.IsEmpty)
        {
            Plain<TSimd, TVector>(ref values, inputs.Length, ref line, gradients.Length, ref weights, -descent.Rate);
            return;
        }

        ref var velocity = ref MemoryMarshal.GetReference(descent.Velocity[..(inputs.Length * gradients.Length)]);
        Remembering<TSimd, TVector>(ref values, inputs.Length, ref line, gradients.Length, ref weights, -descent.Rate, ref velocity,
            descent.Momentum);
    }

    /// <summary>w += rate · x · g, line after line; the last vector of a line ends with it, and is read before the one that it
    /// overlaps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Plain<TSimd, TVector>(ref float inputs, int count, ref float gradients, int outputs, ref float weights, float rate)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        var (zero, rates, last) = (TSimd.Fill(0), TSimd.Fill(rate), (nint)outputs - TSimd.Lanes);
        var lastGradient = TSimd.Load(ref Unsafe.Add(ref gradients, last));
        for (nint k = 0; k < count; k++)
        {
            var value = TSimd.Fill(Unsafe.Add(ref inputs, k));
            var end = TSimd.MultiplyAdd(rates, TSimd.MultiplyAdd(value, lastGradient, zero), TSimd.Load(ref Unsafe.Add(ref weights, last)));
            for (nint c = 0; c < last; c += TSimd.Lanes)
            {
                var step = TSimd.MultiplyAdd(value, TSimd.Load(ref Unsafe.Add(ref gradients, c)), zero);
                ref var weight = ref Unsafe.Add(ref weights, c);
                TSimd.Store(TSimd.MultiplyAdd(rates, step, TSimd.Load(ref weight)), ref weight);
            }

            TSimd.Store(end, ref Unsafe.Add(ref weights, last));
            weights = ref Unsafe.Add(ref weights, outputs);
        }
    }

    /// <summary>v = momentum · v + x · g, w += rate · v.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Remembering<TSimd, TVector>(ref float inputs, int count, ref float gradients, int outputs, ref float weights,
        float rate, ref float velocity, float momentum)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        var (zero, rates, kept, last) = (TSimd.Fill(0), TSimd.Fill(rate), TSimd.Fill(momentum), (nint)outputs - TSimd.Lanes);
        for (nint k = 0; k < count; k++)
        {
            var value = TSimd.Fill(Unsafe.Add(ref inputs, k));
            var step = TSimd.MultiplyAdd(value, TSimd.Load(ref Unsafe.Add(ref gradients, last)), zero);
            var endStep = TSimd.MultiplyAdd(kept, TSimd.Load(ref Unsafe.Add(ref velocity, last)), step);
            var end = TSimd.MultiplyAdd(rates, endStep, TSimd.Load(ref Unsafe.Add(ref weights, last)));
            for (nint c = 0; c < last; c += TSimd.Lanes)
            {
                step = TSimd.MultiplyAdd(value, TSimd.Load(ref Unsafe.Add(ref gradients, c)), zero);
                ref var old = ref Unsafe.Add(ref velocity, c);
                step = TSimd.MultiplyAdd(kept, TSimd.Load(ref old), step);
                TSimd.Store(step, ref old);
                ref var weight = ref Unsafe.Add(ref weights, c);
                TSimd.Store(TSimd.MultiplyAdd(rates, step, TSimd.Load(ref weight)), ref weight);
            }

            TSimd.Store(endStep, ref Unsafe.Add(ref velocity, last));
            TSimd.Store(end, ref Unsafe.Add(ref weights, last));
            weights = ref Unsafe.Add(ref weights, outputs);
            velocity = ref Unsafe.Add(ref velocity, outputs);
        }
    }
}
