using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamLearn.Models;

/// <summary>Six rows of sums in registers, one chain each: sixteen registers hold twelve.</summary>
internal static class SixRows
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]      // unoptimized code is a hundred times slower
    internal static void By2<TSimd, TVector>(ref float left, ReadOnlySpan<int> rows, ReadOnlySpan<Step> steps, ref float right,
        ref float start, int startStride, ref float sums, int stride)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        ref var left0 = ref Unsafe.Add(ref left, rows[0]);
        ref var left1 = ref Unsafe.Add(ref left, rows[1]);
        ref var left2 = ref Unsafe.Add(ref left, rows[2]);
        ref var left3 = ref Unsafe.Add(ref left, rows[3]);
        ref var left4 = ref Unsafe.Add(ref left, rows[4]);
        ref var left5 = ref Unsafe.Add(ref left, rows[5]);
        ref var row1 = ref Unsafe.Add(ref sums, stride);
        ref var row2 = ref Unsafe.Add(ref row1, stride);
        ref var row3 = ref Unsafe.Add(ref row2, stride);
        ref var row4 = ref Unsafe.Add(ref row3, stride);
        ref var row5 = ref Unsafe.Add(ref row4, stride);
        ref var start1 = ref Unsafe.Add(ref start, startStride);
        ref var start2 = ref Unsafe.Add(ref start1, startStride);
        ref var start3 = ref Unsafe.Add(ref start2, startStride);
        ref var start4 = ref Unsafe.Add(ref start3, startStride);
        ref var start5 = ref Unsafe.Add(ref start4, startStride);
        var sum00 = TSimd.Load(ref start);
        var sum01 = TSimd.Load(ref Unsafe.Add(ref start, TSimd.Lanes));
        var sum10 = TSimd.Load(ref start1);
        var sum11 = TSimd.Load(ref Unsafe.Add(ref start1, TSimd.Lanes));
        var sum20 = TSimd.Load(ref start2);
        var sum21 = TSimd.Load(ref Unsafe.Add(ref start2, TSimd.Lanes));
        var sum30 = TSimd.Load(ref start3);
        var sum31 = TSimd.Load(ref Unsafe.Add(ref start3, TSimd.Lanes));
        var sum40 = TSimd.Load(ref start4);
        var sum41 = TSimd.Load(ref Unsafe.Add(ref start4, TSimd.Lanes));
        var sum50 = TSimd.Load(ref start5);
        var sum51 = TSimd.Load(ref Unsafe.Add(ref start5, TSimd.Lanes));
        ref var step = ref MemoryMarshal.GetReference(steps);
        for (nint k = 0; k < steps.Length; k++)
        {
            var (at, from) = Unsafe.Add(ref step, k);
            ref var values = ref Unsafe.Add(ref right, from);
            var right0 = TSimd.Load(ref values);
            var right1 = TSimd.Load(ref Unsafe.Add(ref values, TSimd.Lanes));
            var factor = TSimd.Fill(Unsafe.Add(ref left0, at));
            sum00 = TSimd.MultiplyAdd(factor, right0, sum00);
            sum01 = TSimd.MultiplyAdd(factor, right1, sum01);
            factor = TSimd.Fill(Unsafe.Add(ref left1, at));
            sum10 = TSimd.MultiplyAdd(factor, right0, sum10);
            sum11 = TSimd.MultiplyAdd(factor, right1, sum11);
            factor = TSimd.Fill(Unsafe.Add(ref left2, at));
            sum20 = TSimd.MultiplyAdd(factor, right0, sum20);
            sum21 = TSimd.MultiplyAdd(factor, right1, sum21);
            factor = TSimd.Fill(Unsafe.Add(ref left3, at));
            sum30 = TSimd.MultiplyAdd(factor, right0, sum30);
            sum31 = TSimd.MultiplyAdd(factor, right1, sum31);
            factor = TSimd.Fill(Unsafe.Add(ref left4, at));
            sum40 = TSimd.MultiplyAdd(factor, right0, sum40);
            sum41 = TSimd.MultiplyAdd(factor, right1, sum41);
            factor = TSimd.Fill(Unsafe.Add(ref left5, at));
            sum50 = TSimd.MultiplyAdd(factor, right0, sum50);
            sum51 = TSimd.MultiplyAdd(factor, right1, sum51);
        }

        TSimd.Store(sum00, ref sums);
        TSimd.Store(sum01, ref Unsafe.Add(ref sums, TSimd.Lanes));
        TSimd.Store(sum10, ref row1);
        TSimd.Store(sum11, ref Unsafe.Add(ref row1, TSimd.Lanes));
        TSimd.Store(sum20, ref row2);
        TSimd.Store(sum21, ref Unsafe.Add(ref row2, TSimd.Lanes));
        TSimd.Store(sum30, ref row3);
        TSimd.Store(sum31, ref Unsafe.Add(ref row3, TSimd.Lanes));
        TSimd.Store(sum40, ref row4);
        TSimd.Store(sum41, ref Unsafe.Add(ref row4, TSimd.Lanes));
        TSimd.Store(sum50, ref row5);
        TSimd.Store(sum51, ref Unsafe.Add(ref row5, TSimd.Lanes));
    }
}
