using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Learning;

/// <summary>A step of descent on the weights of one row: each is read and written once, its gradient stays in a register.</summary>
internal static class OuterProduct
{
    /// <summary>inputs [inputs], gradients [outputs] → the weights [inputs, outputs] of the descent moved; at least a vector of outputs.</summary>
    internal static void Descend(ReadOnlySpan<float> inputs, ReadOnlySpan<float> gradients, Descent descent)
    {
        var column = 0;
        if (Vector512.IsHardwareAccelerated) { column = Columns<Simd512, Vector512<float>>(inputs, gradients, descent, column); }
        if (Vector256.IsHardwareAccelerated) { column = Columns<Simd256, Vector256<float>>(inputs, gradients, descent, column); }
        column = Columns<Simd128, Vector128<float>>(inputs, gradients, descent, column);
        Columns<Simd32, float>(inputs, gradients, descent, column);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Columns<TSimd, TVector>(ReadOnlySpan<float> inputs, ReadOnlySpan<float> gradients, Descent descent, int column)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        var end = column + ((gradients.Length - column) / TSimd.Lanes * TSimd.Lanes);
        if (column == end) { return end; }
        var zero = TSimd.Fill(0);
        var rate = TSimd.Fill(-descent.Rate);
        var momentum = TSimd.Fill(descent.Momentum);
        ref var gradient = ref MemoryMarshal.GetReference(gradients);
        ref var weights = ref MemoryMarshal.GetReference(descent.Weights[..(inputs.Length * gradients.Length)]);
        var remembers = !descent.Velocity.IsEmpty;
        ref var velocity = ref MemoryMarshal.GetReference(remembers ? descent.Velocity : descent.Weights);
        for (var k = 0; k < inputs.Length; k++)
        {
            var value = TSimd.Fill(inputs[k]);
            var line = (nint)k * gradients.Length;
            for (nint c = column; c < end; c += TSimd.Lanes)
            {
                var step = TSimd.MultiplyAdd(value, TSimd.Load(ref Unsafe.Add(ref gradient, c)), zero);
                if (remembers)
                {
                    ref var kept = ref Unsafe.Add(ref velocity, line + c);
                    step = TSimd.MultiplyAdd(momentum, TSimd.Load(ref kept), step);
                    TSimd.Store(step, ref kept);
                }

                ref var weight = ref Unsafe.Add(ref weights, line + c);
                TSimd.Store(TSimd.MultiplyAdd(rate, step, TSimd.Load(ref weight)), ref weight);
            }
        }

        return end;
    }
}
