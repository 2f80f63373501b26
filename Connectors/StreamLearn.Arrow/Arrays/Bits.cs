using System.Numerics;
using System.Runtime.InteropServices;

namespace StreamLearn.Arrow;

internal static class Bits
{
    internal static int Bytes(int bits) => (int)(((uint)bits + 7) >> 3);

    internal static bool At(ReadOnlySpan<byte> bits, int index) => (bits[index >> 3] & (1 << (index & 7))) != 0;

    internal static int Count(ReadOnlySpan<byte> bytes, int bits)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(bytes[..(bits >> 3)]);
        var count = 0;
        foreach (var word in words) { count += BitOperations.PopCount(word); }
        foreach (var value in bytes[(8 * words.Length)..(bits >> 3)]) { count += BitOperations.PopCount(value); }
        return (bits & 7) == 0 ? count : count + BitOperations.PopCount((uint)bytes[bits >> 3] & ((1u << (bits & 7)) - 1));
    }

    /// <summary>Returns a view if the start is at a whole byte, otherwise a copy.</summary>
    internal static ReadOnlyMemory<byte> Slice(ReadOnlyMemory<byte> bytes, int start, int bits)
    {
        if ((start & 7) == 0) { return bytes.Slice(start >> 3, Bytes(bits)); }
        var from = bytes.Span[(start >> 3)..Bytes(start + bits)];
        var shift = start & 7;
        var copy = new byte[Bytes(bits)];
        for (var i = 0; i < copy.Length; i++)
        {
            var high = i + 1 < from.Length ? from[i + 1] << (8 - shift) : 0;
            copy[i] = (byte)((from[i] >> shift) | high);
        }

        return copy;
    }

    /// <summary>Appends bits; overwrites the old bits of the target.</summary>
    internal static void Put(ReadOnlySpan<byte> from, int bits, Span<byte> to, int at)
    {
        if ((at & 7) == 0)
        {
            from[..Bytes(bits)].CopyTo(to[(at >> 3)..]);
            return;
        }

        for (var i = 0; i < bits; i++)
        {
            ref var target = ref to[(at + i) >> 3];
            var bit = 1 << ((at + i) & 7);
            target = (byte)(At(from, i) ? target | bit : target & ~bit);
        }
    }
}
