using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamLearn.Models;

/// <summary>Sums for more than one and less than two vectors of outputs: two vectors that overlap.</summary>
internal static class OverlappingOutputs
{
    private const int Chains = 4;

    /// <summary>Computes outputs in the same order as <see cref="FewOutputs.Forward"/>.</summary>
    internal static void Forward<TSimd, TVector>(
        ReadOnlySpan<float> inputs, int rows, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, Span<float> outputs)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        var (width, pitch, lanes) = (inputs.Length / rows, bias.Length, TSimd.Lanes);
        var whole = width / Chains * Chains;
        Span<float> end = stackalloc float[Chains * FewOutputs.Bound];
        weights[(whole * pitch)..(width * pitch)].CopyTo(end);
        Span<float> rest = stackalloc float[2 * Chains];
        Span<float> chains = stackalloc float[4 * Chains * Vectors.Lanes];
        ref var first = ref MemoryMarshal.GetReference(weights);
        ref var last = ref MemoryMarshal.GetReference(end);
        ref var sums = ref MemoryMarshal.GetReference(chains);
        for (var r = 0; r < rows;)
        {
            var some = rows - r >= 2 ? 2 : 1;
            ref var values = ref MemoryMarshal.GetReference(inputs[(r * width)..]);
            for (var i = 0; i < some; i++) { inputs[(((r + i) * width) + whole)..((r + i + 1) * width)].CopyTo(rest[(i * Chains)..]); }
            chains[..(some * 2 * Chains * lanes)].Clear();
            if (some == 2)
            {
                TwoWide<TSimd, TVector>(ref values, width, ref first, pitch, whole, ref sums);
                TwoWide<TSimd, TVector>(ref MemoryMarshal.GetReference(rest), Chains, ref last, pitch, width - whole, ref sums);
            }
            else
            {
                OneWide<TSimd, TVector>(ref values, ref first, pitch, whole, ref sums);
                OneWide<TSimd, TVector>(ref MemoryMarshal.GetReference(rest), ref last, pitch, width - whole, ref sums);
            }

            for (var i = 0; i < some; i++)
            {
                var row = chains.Slice(i * 2 * Chains * lanes, 2 * Chains * lanes);
                var line = outputs.Slice((r + i) * pitch, pitch);
                FewOutputs.Finish(row[..(Chains * lanes)], bias, line, 0);
                FewOutputs.Finish(row[(Chains * lanes)..], bias, line, pitch - lanes);
            }

            r += some;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneWide<TSimd, TVector>(ref float a, ref float line, int pitch, nint count, ref float chains)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        var second = pitch - TSimd.Lanes;
        var a0 = TSimd.Load(ref chains);
        var a1 = TSimd.Load(ref Unsafe.Add(ref chains, TSimd.Lanes));
        var a2 = TSimd.Load(ref Unsafe.Add(ref chains, 2 * TSimd.Lanes));
        var a3 = TSimd.Load(ref Unsafe.Add(ref chains, 3 * TSimd.Lanes));
        var aHigh0 = TSimd.Load(ref Unsafe.Add(ref chains, 4 * TSimd.Lanes));
        var aHigh1 = TSimd.Load(ref Unsafe.Add(ref chains, 5 * TSimd.Lanes));
        var aHigh2 = TSimd.Load(ref Unsafe.Add(ref chains, 6 * TSimd.Lanes));
        var aHigh3 = TSimd.Load(ref Unsafe.Add(ref chains, 7 * TSimd.Lanes));
        for (nint k = 0; k < count; k += Chains)
        {
            var low = TSimd.Load(ref line);
            var high = TSimd.Load(ref Unsafe.Add(ref line, second));
            var factor = TSimd.Fill(Unsafe.Add(ref a, k));
            a0 = TSimd.MultiplyAdd(factor, low, a0);
            aHigh0 = TSimd.MultiplyAdd(factor, high, aHigh0);
            line = ref Unsafe.Add(ref line, pitch);
            low = TSimd.Load(ref line);
            high = TSimd.Load(ref Unsafe.Add(ref line, second));
            factor = TSimd.Fill(Unsafe.Add(ref a, k + 1));
            a1 = TSimd.MultiplyAdd(factor, low, a1);
            aHigh1 = TSimd.MultiplyAdd(factor, high, aHigh1);
            line = ref Unsafe.Add(ref line, pitch);
            low = TSimd.Load(ref line);
            high = TSimd.Load(ref Unsafe.Add(ref line, second));
            factor = TSimd.Fill(Unsafe.Add(ref a, k + 2));
            a2 = TSimd.MultiplyAdd(factor, low, a2);
            aHigh2 = TSimd.MultiplyAdd(factor, high, aHigh2);
            line = ref Unsafe.Add(ref line, pitch);
            low = TSimd.Load(ref line);
            high = TSimd.Load(ref Unsafe.Add(ref line, second));
            factor = TSimd.Fill(Unsafe.Add(ref a, k + 3));
            a3 = TSimd.MultiplyAdd(factor, low, a3);
            aHigh3 = TSimd.MultiplyAdd(factor, high, aHigh3);
            line = ref Unsafe.Add(ref line, pitch);
        }

        TSimd.Store(a0, ref chains);
        TSimd.Store(a1, ref Unsafe.Add(ref chains, TSimd.Lanes));
        TSimd.Store(a2, ref Unsafe.Add(ref chains, 2 * TSimd.Lanes));
        TSimd.Store(a3, ref Unsafe.Add(ref chains, 3 * TSimd.Lanes));
        TSimd.Store(aHigh0, ref Unsafe.Add(ref chains, 4 * TSimd.Lanes));
        TSimd.Store(aHigh1, ref Unsafe.Add(ref chains, 5 * TSimd.Lanes));
        TSimd.Store(aHigh2, ref Unsafe.Add(ref chains, 6 * TSimd.Lanes));
        TSimd.Store(aHigh3, ref Unsafe.Add(ref chains, 7 * TSimd.Lanes));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TwoWide<TSimd, TVector>(ref float a, int next, ref float line, int pitch, nint count, ref float chains)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        var second = pitch - TSimd.Lanes;
        ref var b = ref Unsafe.Add(ref a, next);
        var a0 = TSimd.Load(ref chains);
        var a1 = TSimd.Load(ref Unsafe.Add(ref chains, TSimd.Lanes));
        var a2 = TSimd.Load(ref Unsafe.Add(ref chains, 2 * TSimd.Lanes));
        var a3 = TSimd.Load(ref Unsafe.Add(ref chains, 3 * TSimd.Lanes));
        var aHigh0 = TSimd.Load(ref Unsafe.Add(ref chains, 4 * TSimd.Lanes));
        var aHigh1 = TSimd.Load(ref Unsafe.Add(ref chains, 5 * TSimd.Lanes));
        var aHigh2 = TSimd.Load(ref Unsafe.Add(ref chains, 6 * TSimd.Lanes));
        var aHigh3 = TSimd.Load(ref Unsafe.Add(ref chains, 7 * TSimd.Lanes));
        var b0 = TSimd.Load(ref Unsafe.Add(ref chains, 8 * TSimd.Lanes));
        var b1 = TSimd.Load(ref Unsafe.Add(ref chains, 9 * TSimd.Lanes));
        var b2 = TSimd.Load(ref Unsafe.Add(ref chains, 10 * TSimd.Lanes));
        var b3 = TSimd.Load(ref Unsafe.Add(ref chains, 11 * TSimd.Lanes));
        var bHigh0 = TSimd.Load(ref Unsafe.Add(ref chains, 12 * TSimd.Lanes));
        var bHigh1 = TSimd.Load(ref Unsafe.Add(ref chains, 13 * TSimd.Lanes));
        var bHigh2 = TSimd.Load(ref Unsafe.Add(ref chains, 14 * TSimd.Lanes));
        var bHigh3 = TSimd.Load(ref Unsafe.Add(ref chains, 15 * TSimd.Lanes));
        for (nint k = 0; k < count; k += Chains)
        {
            var low = TSimd.Load(ref line);
            var high = TSimd.Load(ref Unsafe.Add(ref line, second));
            var factor = TSimd.Fill(Unsafe.Add(ref a, k));
            a0 = TSimd.MultiplyAdd(factor, low, a0);
            aHigh0 = TSimd.MultiplyAdd(factor, high, aHigh0);
            factor = TSimd.Fill(Unsafe.Add(ref b, k));
            b0 = TSimd.MultiplyAdd(factor, low, b0);
            bHigh0 = TSimd.MultiplyAdd(factor, high, bHigh0);
            line = ref Unsafe.Add(ref line, pitch);
            low = TSimd.Load(ref line);
            high = TSimd.Load(ref Unsafe.Add(ref line, second));
            factor = TSimd.Fill(Unsafe.Add(ref a, k + 1));
            a1 = TSimd.MultiplyAdd(factor, low, a1);
            aHigh1 = TSimd.MultiplyAdd(factor, high, aHigh1);
            factor = TSimd.Fill(Unsafe.Add(ref b, k + 1));
            b1 = TSimd.MultiplyAdd(factor, low, b1);
            bHigh1 = TSimd.MultiplyAdd(factor, high, bHigh1);
            line = ref Unsafe.Add(ref line, pitch);
            low = TSimd.Load(ref line);
            high = TSimd.Load(ref Unsafe.Add(ref line, second));
            factor = TSimd.Fill(Unsafe.Add(ref a, k + 2));
            a2 = TSimd.MultiplyAdd(factor, low, a2);
            aHigh2 = TSimd.MultiplyAdd(factor, high, aHigh2);
            factor = TSimd.Fill(Unsafe.Add(ref b, k + 2));
            b2 = TSimd.MultiplyAdd(factor, low, b2);
            bHigh2 = TSimd.MultiplyAdd(factor, high, bHigh2);
            line = ref Unsafe.Add(ref line, pitch);
            low = TSimd.Load(ref line);
            high = TSimd.Load(ref Unsafe.Add(ref line, second));
            factor = TSimd.Fill(Unsafe.Add(ref a, k + 3));
            a3 = TSimd.MultiplyAdd(factor, low, a3);
            aHigh3 = TSimd.MultiplyAdd(factor, high, aHigh3);
            factor = TSimd.Fill(Unsafe.Add(ref b, k + 3));
            b3 = TSimd.MultiplyAdd(factor, low, b3);
            bHigh3 = TSimd.MultiplyAdd(factor, high, bHigh3);
            line = ref Unsafe.Add(ref line, pitch);
        }

        TSimd.Store(a0, ref chains);
        TSimd.Store(a1, ref Unsafe.Add(ref chains, TSimd.Lanes));
        TSimd.Store(a2, ref Unsafe.Add(ref chains, 2 * TSimd.Lanes));
        TSimd.Store(a3, ref Unsafe.Add(ref chains, 3 * TSimd.Lanes));
        TSimd.Store(aHigh0, ref Unsafe.Add(ref chains, 4 * TSimd.Lanes));
        TSimd.Store(aHigh1, ref Unsafe.Add(ref chains, 5 * TSimd.Lanes));
        TSimd.Store(aHigh2, ref Unsafe.Add(ref chains, 6 * TSimd.Lanes));
        TSimd.Store(aHigh3, ref Unsafe.Add(ref chains, 7 * TSimd.Lanes));
        TSimd.Store(b0, ref Unsafe.Add(ref chains, 8 * TSimd.Lanes));
        TSimd.Store(b1, ref Unsafe.Add(ref chains, 9 * TSimd.Lanes));
        TSimd.Store(b2, ref Unsafe.Add(ref chains, 10 * TSimd.Lanes));
        TSimd.Store(b3, ref Unsafe.Add(ref chains, 11 * TSimd.Lanes));
        TSimd.Store(bHigh0, ref Unsafe.Add(ref chains, 12 * TSimd.Lanes));
        TSimd.Store(bHigh1, ref Unsafe.Add(ref chains, 13 * TSimd.Lanes));
        TSimd.Store(bHigh2, ref Unsafe.Add(ref chains, 14 * TSimd.Lanes));
        TSimd.Store(bHigh3, ref Unsafe.Add(ref chains, 15 * TSimd.Lanes));
    }
}
