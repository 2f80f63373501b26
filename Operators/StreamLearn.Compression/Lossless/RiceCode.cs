using System.Numerics;

namespace StreamLearn.Compression;

/// <summary>Upper bits in unary, then the lower bits. For short columns, shorter than a Huffman code with its table.</summary>
/// <remarks>Source: Rice, Plaunt (1971), adaptive variable-length coding.</remarks>
internal static class RiceCode
{
    private const int MaxLower = 31;
    private const int MaxOnes = 24;     // maximum number of ones in a word; greater values have no code

    /// <summary>Returns the number of bytes and the best number of lower bits; <see cref="long.MaxValue"/> if a word has no code.</summary>
    internal static (long Bytes, int Lower) Measure<T>(ReadOnlySpan<T> words)
        where T : unmanaged, IBinaryInteger<T>
    {
        var (best, lower, all) = (long.MaxValue, 0, 0UL);
        foreach (var word in words) { all |= ulong.CreateTruncating(word); }
        var first = 0;
        while (all >> first >= MaxOnes) { first++; }
        for (var k = first; k <= MaxLower; k++)
        {
            var bits = words.Length * (1L + k);
            foreach (var word in words) { bits += (long)(ulong.CreateTruncating(word) >> k); }
            if (bits >= best) { break; }
            (best, lower) = (bits, k);
        }

        return (best == long.MaxValue ? best : 1 + ((best + 7) / 8), lower);
    }

    internal static int Write<T>(ReadOnlySpan<T> words, int lower, Span<byte> bytes)
        where T : unmanaged, IBinaryInteger<T>
    {
        bytes[0] = (byte)lower;
        var (held, bits, at) = (0UL, 0, 1);
        foreach (var word in words)
        {
            var value = ulong.CreateTruncating(word);
            var ones = (int)(value >> lower);
            var code = ((1UL << ones) - 1) | ((value & ((1UL << lower) - 1)) << (ones + 1));      // at most 7 + 23 + 1 + 31 bits
            held |= code << bits;
            for (bits += ones + 1 + lower; bits >= 8; bits -= 8)
            {
                bytes[at++] = (byte)held;
                held >>= 8;
            }
        }

        if (bits > 0) { bytes[at++] = (byte)held; }
        return at;
    }

    internal static bool TryRead<T>(ref ReadOnlySpan<byte> bytes, Span<T> words)
        where T : unmanaged, IBinaryInteger<T>
    {
        if (bytes.IsEmpty || bytes[0] is var lower && lower > Math.Min(MaxLower, (8 * Planes.WidthOf<T>()) - 1)) { return false; }
        var (held, bits, at, mask) = (0UL, 0, 1, (1UL << lower) - 1);
        for (var i = 0; i < words.Length; i++)
        {
            for (; bits <= 56 && at < bytes.Length; bits += 8) { held |= (ulong)bytes[at++] << bits; }
            var ones = BitOperations.TrailingZeroCount(~held);
            if (ones >= MaxOnes || bits < ones + 1 + lower) { return false; }
            held >>= ones + 1;
            words[i] = T.CreateTruncating(((ulong)ones << lower) | (held & mask));
            held >>= lower;
            bits -= ones + 1 + lower;
        }

        bytes = bytes[(at - (bits / 8))..];     // whole bytes read ahead
        return true;
    }
}
