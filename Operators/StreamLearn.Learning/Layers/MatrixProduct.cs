using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Learning;

/// <summary>The one kernel that convolutions spend their time in: for the outputs, the weights and the inputs.</summary>
/// <remarks>
/// Vector lanes run across the columns of the sums, and four rows of sums stay in registers through the whole sum, so every sum is one
/// chain of fused multiply-adds in order. Where vectors are narrower than 16 values, several stand in for one; the bits stay.
/// </remarks>
internal static class MatrixProduct
{
    /// <summary>Values of a vector: rows of sums are a multiple as long.</summary>
    internal const int Lanes = 16;

    private const int RowsAtOnce = 4;

    /// <summary>A number of values filled up to whole vectors.</summary>
    internal static int Widen(int values) => checked(values + Lanes - 1) / Lanes * Lanes;

    /// <summary>
    /// left [leftAt[m] + stepAt[k]] · right [rightAt[k] .. + width] → added to sums [m, width], for every m, and k in order. All places
    /// ascend from 0 or more.
    /// </summary>
    internal static void Add(ReadOnlySpan<float> left, ReadOnlySpan<int> leftAt, ReadOnlySpan<int> stepAt, ReadOnlySpan<float> right,
        ReadOnlySpan<int> rightAt, Span<float> sums, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(width % Lanes, 0);
        ArgumentOutOfRangeException.ThrowIfNotEqual(stepAt.Length, rightAt.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(leftAt[^1] + stepAt[^1], left.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rightAt[^1] + width, right.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(leftAt.Length * width, sums.Length);
        ref var first = ref MemoryMarshal.GetReference(left);
        for (var column = 0; column < width; column += Lanes)
        {
            ref var values = ref Unsafe.Add(ref MemoryMarshal.GetReference(right), column);
            ref var target = ref Unsafe.Add(ref MemoryMarshal.GetReference(sums), column);
            var m = 0;
            for (; m + RowsAtOnce <= leftAt.Length; m += RowsAtOnce)
            {
                AddFour(ref first, leftAt.Slice(m, RowsAtOnce), stepAt, ref values, rightAt, ref Unsafe.Add(ref target, m * width), width);
            }

            for (; m < leftAt.Length; m++)
            {
                AddOne(ref Unsafe.Add(ref first, leftAt[m]), stepAt, ref values, rightAt, ref Unsafe.Add(ref target, m * width));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]      // before it is optimized it is a hundred times slower
    private static void AddFour(ref float left, ReadOnlySpan<int> leftAt, ReadOnlySpan<int> stepAt, ref float right,
        ReadOnlySpan<int> rightAt, ref float sums, int width)
    {
        ref var row0 = ref Unsafe.Add(ref left, leftAt[0]);
        ref var row1 = ref Unsafe.Add(ref left, leftAt[1]);
        ref var row2 = ref Unsafe.Add(ref left, leftAt[2]);
        ref var row3 = ref Unsafe.Add(ref left, leftAt[3]);
        var next = (nuint)width;
        var sum0 = Vector512.LoadUnsafe(ref sums);
        var sum1 = Vector512.LoadUnsafe(ref sums, next);
        var sum2 = Vector512.LoadUnsafe(ref sums, 2 * next);
        var sum3 = Vector512.LoadUnsafe(ref sums, 3 * next);
        for (var k = 0; k < stepAt.Length; k++)
        {
            var step = stepAt[k];
            var values = Vector512.LoadUnsafe(ref Unsafe.Add(ref right, rightAt[k]));
            sum0 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref row0, step)), values, sum0);
            sum1 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref row1, step)), values, sum1);
            sum2 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref row2, step)), values, sum2);
            sum3 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref row3, step)), values, sum3);
        }

        sum0.StoreUnsafe(ref sums);
        sum1.StoreUnsafe(ref sums, next);
        sum2.StoreUnsafe(ref sums, 2 * next);
        sum3.StoreUnsafe(ref sums, 3 * next);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddOne(ref float left, ReadOnlySpan<int> stepAt, ref float right, ReadOnlySpan<int> rightAt, ref float sums)
    {
        var sum = Vector512.LoadUnsafe(ref sums);
        for (var k = 0; k < stepAt.Length; k++)
        {
            var values = Vector512.LoadUnsafe(ref Unsafe.Add(ref right, rightAt[k]));
            sum = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref left, stepAt[k])), values, sum);
        }

        sum.StoreUnsafe(ref sums);
    }
}
