using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Learning;

/// <summary>The one kernel that convolutions spend their time in: forward, for the weights and for the inputs.</summary>
/// <remarks>
/// Vector lanes run across the columns of the sums, and four rows of sums stay in registers through the whole sum, so every sum is one
/// chain of fused multiply-adds in order. Where vectors are narrower than 16 values, several stand in for one; the bits stay.
/// </remarks>
internal static class MatrixProduct
{
    /// <summary>Values of a vector: rows of factors and sums are a multiple as long.</summary>
    internal const int Lanes = 16;

    private const int RowsAtOnce = 4;

    /// <summary>A number of values filled up to whole vectors.</summary>
    internal static int Widen(int values) => (values + Lanes - 1) / Lanes * Lanes;

    /// <summary>
    /// left [rowAt[m] + stepAt[k]] · right [k, width] → added to sums [m, width], for every m, and k in order. The places ascend.
    /// </summary>
    internal static void Add(ReadOnlySpan<float> left, ReadOnlySpan<int> rowAt, ReadOnlySpan<int> stepAt, ReadOnlySpan<float> right,
        Span<float> sums, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(width % Lanes, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rowAt[^1] + stepAt[^1], left.Length);
        ArgumentOutOfRangeException.ThrowIfLessThan(right.Length, stepAt.Length * width);
        ArgumentOutOfRangeException.ThrowIfLessThan(sums.Length, rowAt.Length * width);
        for (var column = 0; column < width; column += Lanes)
        {
            ref var values = ref Unsafe.Add(ref MemoryMarshal.GetReference(right), column);
            ref var target = ref Unsafe.Add(ref MemoryMarshal.GetReference(sums), column);
            var m = 0;
            for (; m + RowsAtOnce <= rowAt.Length; m += RowsAtOnce)
            {
                AddFour(left, rowAt.Slice(m, RowsAtOnce), stepAt, ref values, ref Unsafe.Add(ref target, m * width), (nuint)width);
            }

            for (; m < rowAt.Length; m++) { AddOne(left[rowAt[m]..], stepAt, ref values, ref Unsafe.Add(ref target, m * width), (nuint)width); }
        }
    }

    private static void AddFour(ReadOnlySpan<float> left, ReadOnlySpan<int> rowAt, ReadOnlySpan<int> stepAt, ref float right,
        ref float sums, nuint width)
    {
        ref var row0 = ref Unsafe.Add(ref MemoryMarshal.GetReference(left), rowAt[0]);
        ref var row1 = ref Unsafe.Add(ref MemoryMarshal.GetReference(left), rowAt[1]);
        ref var row2 = ref Unsafe.Add(ref MemoryMarshal.GetReference(left), rowAt[2]);
        ref var row3 = ref Unsafe.Add(ref MemoryMarshal.GetReference(left), rowAt[3]);
        var sum0 = Vector512.LoadUnsafe(ref sums);
        var sum1 = Vector512.LoadUnsafe(ref sums, width);
        var sum2 = Vector512.LoadUnsafe(ref sums, 2 * width);
        var sum3 = Vector512.LoadUnsafe(ref sums, 3 * width);
        nuint at = 0;
        foreach (var step in stepAt)
        {
            var values = Vector512.LoadUnsafe(ref right, at);
            sum0 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref row0, step)), values, sum0);
            sum1 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref row1, step)), values, sum1);
            sum2 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref row2, step)), values, sum2);
            sum3 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref row3, step)), values, sum3);
            at += width;
        }

        sum0.StoreUnsafe(ref sums);
        sum1.StoreUnsafe(ref sums, width);
        sum2.StoreUnsafe(ref sums, 2 * width);
        sum3.StoreUnsafe(ref sums, 3 * width);
    }

    private static void AddOne(ReadOnlySpan<float> left, ReadOnlySpan<int> stepAt, ref float right, ref float sums, nuint width)
    {
        ref var row = ref MemoryMarshal.GetReference(left);
        var sum = Vector512.LoadUnsafe(ref sums);
        nuint at = 0;
        foreach (var step in stepAt)
        {
            sum = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref row, step)), Vector512.LoadUnsafe(ref right, at), sum);
            at += width;
        }

        sum.StoreUnsafe(ref sums);
    }
}
