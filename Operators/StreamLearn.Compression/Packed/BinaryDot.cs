using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace StreamLearn.Compression;

/// <summary>Dot products of ±1 vectors with one bit per value: n − 2 · popcount(a xor b). Bit 1: −1; bits beyond the end: 0.</summary>
/// <remarks>Integers: the same result with every vector width. Source: Mula, Kurz, Lemire (2018), popcount with a 4-bit table.</remarks>
internal static class BinaryDot
{
    internal const int WordBits = 64;

    internal static int Words(int values) => (values + WordBits - 1) / WordBits;

    /// <summary>Sets a bit for each value below 0, but not for NaN.</summary>
    internal static void Pack(ReadOnlySpan<float> values, Span<ulong> words)
    {
        words[..Words(values.Length)].Clear();
        var i = 0;
        for (; i + WordBits <= values.Length; i += WordBits)
        {
            ulong word = 0;
            for (var part = 0; part < WordBits; part += Vector512<float>.Count)
            {
                var negative = Vector512.LessThan(Vector512.Create(values[(i + part)..]), Vector512<float>.Zero);
                word |= negative.ExtractMostSignificantBits() << part;
            }

            words[i / WordBits] = word;
        }

        for (; i < values.Length; i++)
        {
            if (values[i] < 0) { words[i / WordBits] |= 1UL << (i % WordBits); }
        }
    }

    internal static int Of(ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, int values) => values - (2 * Differing(left, right));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Differing(ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right) =>
        Avx512BW.IsSupported ? By64Bytes(left, right)
        : Avx2.IsSupported ? By32Bytes(left, right)
        : AdvSimd.Arm64.IsSupported ? By16Bytes(left, right)
        : ByWords(left, right);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static int By64Bytes(ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right)
    {
        var table = Vector512.Create(Vector256.Create(Table, Table), Vector256.Create(Table, Table));
        var (low, sums, i) = (Vector512.Create((byte)15), Vector512<ulong>.Zero, 0);
        ref var first = ref MemoryMarshal.GetReference(left);
        ref var second = ref MemoryMarshal.GetReference(right);
        for (; i + Vector512<ulong>.Count <= left.Length; i += Vector512<ulong>.Count)
        {
            var bits = (Vector512.LoadUnsafe(ref first, (nuint)i) ^ Vector512.LoadUnsafe(ref second, (nuint)i)).AsByte();
            var counts = Avx512BW.Shuffle(table, bits & low) + Avx512BW.Shuffle(table, (bits.AsUInt16() >>> 4).AsByte() & low);
            sums += Avx512BW.SumAbsoluteDifferences(counts, Vector512<byte>.Zero).AsUInt64();
        }

        return (int)Vector512.Sum(sums) + ByWords(left[i..], right[i..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static int By32Bytes(ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right)
    {
        var (table, low, sums, i) = (Vector256.Create(Table, Table), Vector256.Create((byte)15), Vector256<ulong>.Zero, 0);
        for (; i + Vector256<ulong>.Count <= left.Length; i += Vector256<ulong>.Count)
        {
            var bits = (Vector256.Create(left[i..]) ^ Vector256.Create(right[i..])).AsByte();
            var counts = Avx2.Shuffle(table, bits & low) + Avx2.Shuffle(table, (bits.AsUInt16() >>> 4).AsByte() & low);
            sums += Avx2.SumAbsoluteDifferences(counts, Vector256<byte>.Zero).AsUInt64();
        }

        return (int)Vector256.Sum(sums) + ByWords(left[i..], right[i..]);
    }

    internal static int By16Bytes(ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right)
    {
        var (sum, i) = (0, 0);
        for (; i + Vector128<ulong>.Count <= left.Length; i += Vector128<ulong>.Count)
        {
            var bits = (Vector128.Create(left[i..]) ^ Vector128.Create(right[i..])).AsByte();
            sum += AdvSimd.Arm64.AddAcross(AdvSimd.PopCount(bits)).ToScalar();
        }

        return sum + ByWords(left[i..], right[i..]);
    }

    internal static int ByWords(ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right)
    {
        var sum = 0;
        for (var i = 0; i < left.Length; i++) { sum += BitOperations.PopCount(left[i] ^ right[i]); }
        return sum;
    }

    private static Vector128<byte> Table => Vector128.Create((byte)0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
}
