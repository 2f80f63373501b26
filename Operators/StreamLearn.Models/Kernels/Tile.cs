using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamLearn.Models;

/// <summary>Up to eight rows of up to three vectors of sums in registers, one chain each.</summary>
internal static class Tile<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]      // unoptimized code is a hundred times slower
    internal static void Add<TRows, TVectors>(ref float left, ReadOnlySpan<int> rows, ReadOnlySpan<Step> steps, ref float right,
        ref float start, int startStride, ref float sums, int stride)
        where TRows : struct, ICount
        where TVectors : struct, ICount
    {
        ref var left0 = ref Row<TRows>(ref left, rows, 0);
        ref var left1 = ref Row<TRows>(ref left, rows, 1);
        ref var left2 = ref Row<TRows>(ref left, rows, 2);
        ref var left3 = ref Row<TRows>(ref left, rows, 3);
        ref var left4 = ref Row<TRows>(ref left, rows, 4);
        ref var left5 = ref Row<TRows>(ref left, rows, 5);
        ref var left6 = ref Row<TRows>(ref left, rows, 6);
        ref var left7 = ref Row<TRows>(ref left, rows, 7);
        var sum0 = Load<TRows, TVectors>(ref start, startStride, 0);
        var sum1 = Load<TRows, TVectors>(ref start, startStride, 1);
        var sum2 = Load<TRows, TVectors>(ref start, startStride, 2);
        var sum3 = Load<TRows, TVectors>(ref start, startStride, 3);
        var sum4 = Load<TRows, TVectors>(ref start, startStride, 4);
        var sum5 = Load<TRows, TVectors>(ref start, startStride, 5);
        var sum6 = Load<TRows, TVectors>(ref start, startStride, 6);
        var sum7 = Load<TRows, TVectors>(ref start, startStride, 7);
        ref var step = ref MemoryMarshal.GetReference(steps);
        for (nint k = 0; k < steps.Length; k++)
        {
            var (at, from) = Unsafe.Add(ref step, k);
            var values = VectorRow<TSimd, TVector, TVectors>.Load(ref Unsafe.Add(ref right, from));
            sum0.MultiplyAdd(Unsafe.Add(ref left0, at), values);
            if (TRows.Count > 1) { sum1.MultiplyAdd(Unsafe.Add(ref left1, at), values); }
            if (TRows.Count > 2) { sum2.MultiplyAdd(Unsafe.Add(ref left2, at), values); }
            if (TRows.Count > 3) { sum3.MultiplyAdd(Unsafe.Add(ref left3, at), values); }
            if (TRows.Count > 4) { sum4.MultiplyAdd(Unsafe.Add(ref left4, at), values); }
            if (TRows.Count > 5) { sum5.MultiplyAdd(Unsafe.Add(ref left5, at), values); }
            if (TRows.Count > 6) { sum6.MultiplyAdd(Unsafe.Add(ref left6, at), values); }
            if (TRows.Count > 7) { sum7.MultiplyAdd(Unsafe.Add(ref left7, at), values); }
        }

        sum0.Store(ref sums);
        if (TRows.Count > 1) { sum1.Store(ref Unsafe.Add(ref sums, stride)); }
        if (TRows.Count > 2) { sum2.Store(ref Unsafe.Add(ref sums, (nint)stride * 2)); }
        if (TRows.Count > 3) { sum3.Store(ref Unsafe.Add(ref sums, (nint)stride * 3)); }
        if (TRows.Count > 4) { sum4.Store(ref Unsafe.Add(ref sums, (nint)stride * 4)); }
        if (TRows.Count > 5) { sum5.Store(ref Unsafe.Add(ref sums, (nint)stride * 5)); }
        if (TRows.Count > 6) { sum6.Store(ref Unsafe.Add(ref sums, (nint)stride * 6)); }
        if (TRows.Count > 7) { sum7.Store(ref Unsafe.Add(ref sums, (nint)stride * 7)); }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref float Row<TRows>(ref float left, ReadOnlySpan<int> rows, int row)
        where TRows : struct, ICount => ref Unsafe.Add(ref left, TRows.Count > row ? rows[row] : 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static VectorRow<TSimd, TVector, TVectors> Load<TRows, TVectors>(ref float start, nint stride, int row)
        where TRows : struct, ICount
        where TVectors : struct, ICount =>
        TRows.Count > row ? VectorRow<TSimd, TVector, TVectors>.Load(ref Unsafe.Add(ref start, stride * row)) : default;
}
