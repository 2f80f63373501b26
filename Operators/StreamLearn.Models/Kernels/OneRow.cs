using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamLearn.Models;

/// <summary>One row of up to eight vectors of sums in registers, one chain each.</summary>
internal static class OneRow<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]      // unoptimized code is a hundred times slower
    internal static void Add<TVectors>(ref float left, ReadOnlySpan<int> rows, ReadOnlySpan<Step> steps, ref float right, ref float start,
        ref float sums)
        where TVectors : struct, ICount
    {
        left = ref Unsafe.Add(ref left, rows[0]);
        var sum0 = TSimd.Load(ref start);
        var sum1 = Load<TVectors>(ref start, 1);
        var sum2 = Load<TVectors>(ref start, 2);
        var sum3 = Load<TVectors>(ref start, 3);
        var sum4 = Load<TVectors>(ref start, 4);
        var sum5 = Load<TVectors>(ref start, 5);
        var sum6 = Load<TVectors>(ref start, 6);
        var sum7 = Load<TVectors>(ref start, 7);
        ref var step = ref MemoryMarshal.GetReference(steps);
        for (nint k = 0; k < steps.Length; k++)
        {
            var (at, from) = Unsafe.Add(ref step, k);
            ref var values = ref Unsafe.Add(ref right, from);
            var factor = TSimd.Fill(Unsafe.Add(ref left, at));
            sum0 = TSimd.MultiplyAdd(factor, TSimd.Load(ref values), sum0);
            if (TVectors.Count > 1) { sum1 = Add(factor, ref values, 1, sum1); }
            if (TVectors.Count > 2) { sum2 = Add(factor, ref values, 2, sum2); }
            if (TVectors.Count > 3) { sum3 = Add(factor, ref values, 3, sum3); }
            if (TVectors.Count > 4) { sum4 = Add(factor, ref values, 4, sum4); }
            if (TVectors.Count > 5) { sum5 = Add(factor, ref values, 5, sum5); }
            if (TVectors.Count > 6) { sum6 = Add(factor, ref values, 6, sum6); }
            if (TVectors.Count > 7) { sum7 = Add(factor, ref values, 7, sum7); }
        }

        TSimd.Store(sum0, ref sums);
        if (TVectors.Count > 1) { TSimd.Store(sum1, ref Unsafe.Add(ref sums, TSimd.Lanes)); }
        if (TVectors.Count > 2) { TSimd.Store(sum2, ref Unsafe.Add(ref sums, 2 * TSimd.Lanes)); }
        if (TVectors.Count > 3) { TSimd.Store(sum3, ref Unsafe.Add(ref sums, 3 * TSimd.Lanes)); }
        if (TVectors.Count > 4) { TSimd.Store(sum4, ref Unsafe.Add(ref sums, 4 * TSimd.Lanes)); }
        if (TVectors.Count > 5) { TSimd.Store(sum5, ref Unsafe.Add(ref sums, 5 * TSimd.Lanes)); }
        if (TVectors.Count > 6) { TSimd.Store(sum6, ref Unsafe.Add(ref sums, 6 * TSimd.Lanes)); }
        if (TVectors.Count > 7) { TSimd.Store(sum7, ref Unsafe.Add(ref sums, 7 * TSimd.Lanes)); }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Load<TVectors>(ref float start, int vector)
        where TVectors : struct, ICount =>
        TVectors.Count > vector ? TSimd.Load(ref Unsafe.Add(ref start, vector * TSimd.Lanes)) : default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Add(TVector factor, ref float values, int vector, TVector sum) =>
        TSimd.MultiplyAdd(factor, TSimd.Load(ref Unsafe.Add(ref values, vector * TSimd.Lanes)), sum);
}
