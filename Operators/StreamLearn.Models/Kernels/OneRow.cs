using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamLearn.Models;

/// <summary>One row of sums in registers, one chain each.</summary>
internal static class OneRow
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]      // unoptimized code is a hundred times slower
    internal static void By8<TSimd, TVector>(ref float left, ReadOnlySpan<int> rows, ReadOnlySpan<Step> steps, ref float right,
        ref float start, ref float sums)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        ref var left0 = ref Unsafe.Add(ref left, rows[0]);
        var sum00 = TSimd.Load(ref start);
        var sum01 = TSimd.Load(ref Unsafe.Add(ref start, TSimd.Lanes));
        var sum02 = TSimd.Load(ref Unsafe.Add(ref start, 2 * TSimd.Lanes));
        var sum03 = TSimd.Load(ref Unsafe.Add(ref start, 3 * TSimd.Lanes));
        var sum04 = TSimd.Load(ref Unsafe.Add(ref start, 4 * TSimd.Lanes));
        var sum05 = TSimd.Load(ref Unsafe.Add(ref start, 5 * TSimd.Lanes));
        var sum06 = TSimd.Load(ref Unsafe.Add(ref start, 6 * TSimd.Lanes));
        var sum07 = TSimd.Load(ref Unsafe.Add(ref start, 7 * TSimd.Lanes));
        ref var step = ref MemoryMarshal.GetReference(steps);
        for (nint k = 0; k < steps.Length; k++)
        {
            var (at, from) = Unsafe.Add(ref step, k);
            ref var values = ref Unsafe.Add(ref right, from);
            var factor = TSimd.Fill(Unsafe.Add(ref left0, at));
            sum00 = TSimd.MultiplyAdd(factor, TSimd.Load(ref values), sum00);
            sum01 = TSimd.MultiplyAdd(factor, TSimd.Load(ref Unsafe.Add(ref values, TSimd.Lanes)), sum01);
            sum02 = TSimd.MultiplyAdd(factor, TSimd.Load(ref Unsafe.Add(ref values, 2 * TSimd.Lanes)), sum02);
            sum03 = TSimd.MultiplyAdd(factor, TSimd.Load(ref Unsafe.Add(ref values, 3 * TSimd.Lanes)), sum03);
            sum04 = TSimd.MultiplyAdd(factor, TSimd.Load(ref Unsafe.Add(ref values, 4 * TSimd.Lanes)), sum04);
            sum05 = TSimd.MultiplyAdd(factor, TSimd.Load(ref Unsafe.Add(ref values, 5 * TSimd.Lanes)), sum05);
            sum06 = TSimd.MultiplyAdd(factor, TSimd.Load(ref Unsafe.Add(ref values, 6 * TSimd.Lanes)), sum06);
            sum07 = TSimd.MultiplyAdd(factor, TSimd.Load(ref Unsafe.Add(ref values, 7 * TSimd.Lanes)), sum07);
        }

        TSimd.Store(sum00, ref sums);
        TSimd.Store(sum01, ref Unsafe.Add(ref sums, TSimd.Lanes));
        TSimd.Store(sum02, ref Unsafe.Add(ref sums, 2 * TSimd.Lanes));
        TSimd.Store(sum03, ref Unsafe.Add(ref sums, 3 * TSimd.Lanes));
        TSimd.Store(sum04, ref Unsafe.Add(ref sums, 4 * TSimd.Lanes));
        TSimd.Store(sum05, ref Unsafe.Add(ref sums, 5 * TSimd.Lanes));
        TSimd.Store(sum06, ref Unsafe.Add(ref sums, 6 * TSimd.Lanes));
        TSimd.Store(sum07, ref Unsafe.Add(ref sums, 7 * TSimd.Lanes));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]      // unoptimized code is a hundred times slower
    internal static void By4<TSimd, TVector>(ref float left, ReadOnlySpan<int> rows, ReadOnlySpan<Step> steps, ref float right,
        ref float start, ref float sums)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        ref var left0 = ref Unsafe.Add(ref left, rows[0]);
        var sum00 = TSimd.Load(ref start);
        var sum01 = TSimd.Load(ref Unsafe.Add(ref start, TSimd.Lanes));
        var sum02 = TSimd.Load(ref Unsafe.Add(ref start, 2 * TSimd.Lanes));
        var sum03 = TSimd.Load(ref Unsafe.Add(ref start, 3 * TSimd.Lanes));
        ref var step = ref MemoryMarshal.GetReference(steps);
        for (nint k = 0; k < steps.Length; k++)
        {
            var (at, from) = Unsafe.Add(ref step, k);
            ref var values = ref Unsafe.Add(ref right, from);
            var factor = TSimd.Fill(Unsafe.Add(ref left0, at));
            sum00 = TSimd.MultiplyAdd(factor, TSimd.Load(ref values), sum00);
            sum01 = TSimd.MultiplyAdd(factor, TSimd.Load(ref Unsafe.Add(ref values, TSimd.Lanes)), sum01);
            sum02 = TSimd.MultiplyAdd(factor, TSimd.Load(ref Unsafe.Add(ref values, 2 * TSimd.Lanes)), sum02);
            sum03 = TSimd.MultiplyAdd(factor, TSimd.Load(ref Unsafe.Add(ref values, 3 * TSimd.Lanes)), sum03);
        }

        TSimd.Store(sum00, ref sums);
        TSimd.Store(sum01, ref Unsafe.Add(ref sums, TSimd.Lanes));
        TSimd.Store(sum02, ref Unsafe.Add(ref sums, 2 * TSimd.Lanes));
        TSimd.Store(sum03, ref Unsafe.Add(ref sums, 3 * TSimd.Lanes));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]      // unoptimized code is a hundred times slower
    internal static void By3<TSimd, TVector>(ref float left, ReadOnlySpan<int> rows, ReadOnlySpan<Step> steps, ref float right,
        ref float start, ref float sums)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        ref var left0 = ref Unsafe.Add(ref left, rows[0]);
        var sum00 = TSimd.Load(ref start);
        var sum01 = TSimd.Load(ref Unsafe.Add(ref start, TSimd.Lanes));
        var sum02 = TSimd.Load(ref Unsafe.Add(ref start, 2 * TSimd.Lanes));
        ref var step = ref MemoryMarshal.GetReference(steps);
        for (nint k = 0; k < steps.Length; k++)
        {
            var (at, from) = Unsafe.Add(ref step, k);
            ref var values = ref Unsafe.Add(ref right, from);
            var factor = TSimd.Fill(Unsafe.Add(ref left0, at));
            sum00 = TSimd.MultiplyAdd(factor, TSimd.Load(ref values), sum00);
            sum01 = TSimd.MultiplyAdd(factor, TSimd.Load(ref Unsafe.Add(ref values, TSimd.Lanes)), sum01);
            sum02 = TSimd.MultiplyAdd(factor, TSimd.Load(ref Unsafe.Add(ref values, 2 * TSimd.Lanes)), sum02);
        }

        TSimd.Store(sum00, ref sums);
        TSimd.Store(sum01, ref Unsafe.Add(ref sums, TSimd.Lanes));
        TSimd.Store(sum02, ref Unsafe.Add(ref sums, 2 * TSimd.Lanes));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]      // unoptimized code is a hundred times slower
    internal static void By2<TSimd, TVector>(ref float left, ReadOnlySpan<int> rows, ReadOnlySpan<Step> steps, ref float right,
        ref float start, ref float sums)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        ref var left0 = ref Unsafe.Add(ref left, rows[0]);
        var sum00 = TSimd.Load(ref start);
        var sum01 = TSimd.Load(ref Unsafe.Add(ref start, TSimd.Lanes));
        ref var step = ref MemoryMarshal.GetReference(steps);
        for (nint k = 0; k < steps.Length; k++)
        {
            var (at, from) = Unsafe.Add(ref step, k);
            ref var values = ref Unsafe.Add(ref right, from);
            var factor = TSimd.Fill(Unsafe.Add(ref left0, at));
            sum00 = TSimd.MultiplyAdd(factor, TSimd.Load(ref values), sum00);
            sum01 = TSimd.MultiplyAdd(factor, TSimd.Load(ref Unsafe.Add(ref values, TSimd.Lanes)), sum01);
        }

        TSimd.Store(sum00, ref sums);
        TSimd.Store(sum01, ref Unsafe.Add(ref sums, TSimd.Lanes));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]      // unoptimized code is a hundred times slower
    internal static void By1<TSimd, TVector>(ref float left, ReadOnlySpan<int> rows, ReadOnlySpan<Step> steps, ref float right,
        ref float start, ref float sums)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        ref var left0 = ref Unsafe.Add(ref left, rows[0]);
        var sum00 = TSimd.Load(ref start);
        ref var step = ref MemoryMarshal.GetReference(steps);
        for (nint k = 0; k < steps.Length; k++)
        {
            var (at, from) = Unsafe.Add(ref step, k);
            ref var values = ref Unsafe.Add(ref right, from);
            var factor = TSimd.Fill(Unsafe.Add(ref left0, at));
            sum00 = TSimd.MultiplyAdd(factor, TSimd.Load(ref values), sum00);
        }

        TSimd.Store(sum00, ref sums);
    }
}
