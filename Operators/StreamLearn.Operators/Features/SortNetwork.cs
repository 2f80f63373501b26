using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Operators;

/// <summary>Sorts with a network without branches, sixteen values per vector.</summary>
/// <remarks>It merges sorted runs of m into runs of 2m: compares mirror images first, then distances m/2, m/4 … 1. Cost: O(n log² n)
/// comparisons, sixteen at once; without 512-bit vectors, the framework sorts. Source: Batcher (1968), bitonic sort.</remarks>
internal static class SortNetwork
{
    private const int Lanes = 16;

    /// <summary>Returns the required length of the buffer: a power of two, at least 16.</summary>
    internal static int Padded(int count) => Math.Max(Lanes, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)count));

    /// <summary>Sorts; overwrites the rest of the buffer of <see cref="Padded"/> values.</summary>
    internal static void Sort(Span<float> padded, int count)
    {
        if (!Vector512.IsHardwareAccelerated)
        {
            padded[..count].Sort();
            return;
        }

        padded[count..].Fill(float.PositiveInfinity);
        var vectors = MemoryMarshal.Cast<float, Vector512<float>>(padded);
        for (var i = 0; i < vectors.Length; i++) { vectors[i] = SortLanes(vectors[i]); }
        for (var run = 1; run < vectors.Length; run *= 2) { Merge(vectors, run); }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Merge(Span<Vector512<float>> vectors, int run)
    {
        for (var from = 0; from < vectors.Length; from += 2 * run)
        {
            for (var i = 0; i < run; i++)
            {
                ref var low = ref vectors[from + i];
                ref var high = ref vectors[from + (2 * run) - 1 - i];
                var mirrored = Vector512.Shuffle(high, Mirror(15));
                (low, high) = (Vector512.MinNative(low, mirrored),
                    Vector512.Shuffle(Vector512.MaxNative(low, mirrored), Mirror(15)));
            }
        }

        for (var distance = run / 2; distance > 0; distance /= 2)
        {
            for (var i = 0; i < vectors.Length; i++)
            {
                if ((i & distance) != 0) { continue; }
                var (low, high) = (vectors[i], vectors[i + distance]);
                (vectors[i], vectors[i + distance]) = (Vector512.MinNative(low, high), Vector512.MaxNative(low, high));
            }
        }

        for (var i = 0; i < vectors.Length; i++)
        {
            vectors[i] = Compare(Compare(Compare(Compare(vectors[i], 8, 8), 4, 4), 2, 2), 1, 1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> SortLanes(Vector512<float> values)
    {
        values = Compare(values, 1, 1);
        values = Compare(Compare(values, 3, 2), 1, 1);
        values = Compare(Compare(Compare(values, 7, 4), 2, 2), 1, 1);
        return Compare(Compare(Compare(Compare(values, 15, 8), 4, 4), 2, 2), 1, 1);
    }

    /// <summary>Compares lanes i and i ^ mask; the smaller is written where the bit of i is clear.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Compare(Vector512<float> values, int mask, int bit)
    {
        var others = Vector512.Shuffle(values, Mirror(mask));
        var isLower = Vector512.Equals(Vector512<int>.Indices & Vector512.Create(bit), Vector512<int>.Zero).AsSingle();
        return Vector512.ConditionalSelect(isLower, Vector512.MinNative(values, others), Vector512.MaxNative(values, others));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Mirror(int mask) => Vector512<int>.Indices ^ Vector512.Create(mask);
}
