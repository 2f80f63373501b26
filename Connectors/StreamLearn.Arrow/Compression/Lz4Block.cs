using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Arrow;

/// <summary>Blocks of LZ4: literals and copies of what came before. Source: LZ4 Block Format Description, 2022-07-31.</summary>
/// <remarks>
/// Each length and offset is checked before anything is copied; then up to 18 bytes are copied at once where the target has room for
/// them, so that bytes of the target behind those decoded may change.
/// </remarks>
internal static class Lz4Block
{
    /// <summary>The longest block, packed or not: lengths within it are sure to fit 32 bits.</summary>
    internal const int MaxBytes = 4 << 20;

    private const int LengthBits = 4;
    private const int LongLength = 15;      // more bytes of the length follow
    private const int MinMatch = 4;
    private const int OffsetBytes = 2;

    private const int WordBytes = 8;
    private const int VectorBytes = 16;
    private const int ShortMatch = 18;      // the longest without more bytes of the length
    private const int LongMatch = 64;       // worth a call

    /// <summary>The smallest multiple of an offset below 8 that a word of 8 bytes fits into.</summary>
    private static ReadOnlySpan<byte> Strides => [0, 8, 8, 9, 8, 10, 12, 14];

    /// <summary>Decodes a block.</summary>
    /// <param name="block">The block, used up exactly.</param>
    /// <param name="target">What came before, and the room for this block.</param>
    /// <param name="start">Where the block's bytes begin in the target.</param>
    /// <param name="floor">Where the bytes that it may copy begin.</param>
    /// <returns>Where the block's bytes end.</returns>
    /// <remarks>The last sequence has literals only; how many they are is not asked, for a decoder needs no more to be safe.</remarks>
    /// <exception cref="ArrowFormatException">It is malformed, or longer than the room for it.</exception>
    internal static int Decode(ReadOnlySpan<byte> block, Span<byte> target, int start, int floor)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(block.Length, MaxBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)start, (uint)target.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)floor, (uint)start);
        ref var source = ref MemoryMarshal.GetReference(block);
        ref var output = ref MemoryMarshal.GetReference(target);
        var (from, to) = (0, start);
        while (from < block.Length)
        {
            int token = Unsafe.Add(ref source, from++);
            var (literals, match) = (token >> LengthBits, token & LongLength);
            if (literals < LongLength && from <= block.Length - VectorBytes && to <= target.Length - VectorBytes)
            {
                // Up to 14 literals and an offset are within these 16 bytes, so that the block does not end in them.
                CopyVector(ref Unsafe.Add(ref source, from), ref Unsafe.Add(ref output, to));
                (from, to) = (from + literals, to + literals);
            }
            else
            {
                if (literals == LongLength) { literals += More(block, ref from); }
                if (literals > block.Length - from) { throw Refusal("literals beyond its end"); }
                if (literals > target.Length - to) { throw TooLong(target.Length - start); }
                block.Slice(from, literals).CopyTo(target[to..]);
                (from, to) = (from + literals, to + literals);
                if (from == block.Length) { return to; }
                if (from > block.Length - OffsetBytes) { throw Refusal("an end within an offset"); }
            }

            var offset = Unsafe.Add(ref source, from) | (Unsafe.Add(ref source, from + 1) << 8);
            from += OffsetBytes;
            if (offset == 0 || offset > to - floor) { throw Refusal($"offset {offset} at byte {to - floor}"); }
            if (match == LongLength) { match += More(block, ref from); }
            match += MinMatch;
            if (match > target.Length - to) { throw TooLong(target.Length - start); }
            if (match <= ShortMatch && offset >= WordBytes && to <= target.Length - ShortMatch)
            {
                ref var copy = ref Unsafe.Add(ref output, to);
                ref var seen = ref Unsafe.Subtract(ref copy, offset);
                CopyWord(ref seen, ref copy);
                CopyWord(ref Unsafe.Add(ref seen, WordBytes), ref Unsafe.Add(ref copy, WordBytes));
                Unsafe.Add(ref copy, VectorBytes) = Unsafe.Add(ref seen, VectorBytes);
                Unsafe.Add(ref copy, VectorBytes + 1) = Unsafe.Add(ref seen, VectorBytes + 1);
            }
            else { Repeat(ref output, to, offset, match, target.Length); }
            to += match;
        }

        throw Refusal("no literals at its end");
    }

    /// <summary>The rest of a length: bytes up to the first below 255, added up.</summary>
    private static int More(ReadOnlySpan<byte> block, ref int from)
    {
        var sum = 0;
        while (from < block.Length)
        {
            var more = block[from++];
            sum += more;
            if (more != byte.MaxValue) { return sum; }
        }

        throw Refusal("an end within a length");
    }

    /// <summary>Copies a match of any offset and length. Both are checked; what it copies may begin to be what it wrote.</summary>
    private static void Repeat(ref byte output, int to, int offset, int match, int limit)
    {
        var (end, room) = (to + match, limit - VectorBytes);
        if (offset >= match && match >= LongMatch)
        {
            var seen = MemoryMarshal.CreateSpan(ref Unsafe.Add(ref output, to - offset), match);
            seen.CopyTo(MemoryMarshal.CreateSpan(ref Unsafe.Add(ref output, to), match));
            return;
        }

        if (offset is 1 or 2 or 4)
        {
            ref var seen = ref Unsafe.Add(ref output, to - offset);
            var pattern = offset switch
            {
                1 => Vector128.Create(seen),
                2 => Vector128.Create(Unsafe.ReadUnaligned<ushort>(ref seen)).AsByte(),
                _ => Vector128.Create(Unsafe.ReadUnaligned<uint>(ref seen)).AsByte(),
            };
            for (; to < end && to <= room; to += VectorBytes) { pattern.StoreUnsafe(ref output, (nuint)to); }
        }
        else if (offset >= VectorBytes)
        {
            for (; to < end && to <= room; to += VectorBytes)
            {
                CopyVector(ref Unsafe.Add(ref output, to - offset), ref Unsafe.Add(ref output, to));
            }
        }
        else
        {
            var stride = offset;
            if (offset < WordBytes)
            {
                stride = Strides[offset];
                for (var stop = Math.Min(end, to + WordBytes); to < stop; to++) { CopyByte(ref output, to, offset); }
            }

            for (; to < end && to <= room; to += WordBytes)
            {
                CopyWord(ref Unsafe.Add(ref output, to - stride), ref Unsafe.Add(ref output, to));
            }
        }

        for (; to < end; to++) { CopyByte(ref output, to, offset); }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyByte(ref byte output, int to, int offset) => Unsafe.Add(ref output, to) = Unsafe.Add(ref output, to - offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyWord(ref byte from, ref byte to) => Unsafe.WriteUnaligned(ref to, Unsafe.ReadUnaligned<ulong>(ref from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyVector(ref byte from, ref byte to) => Vector128.LoadUnsafe(ref from).StoreUnsafe(ref to);

    private static ArrowFormatException Refusal(string what) => new($"LZ4: expected a block of literals and matches, got {what}");

    private static ArrowFormatException TooLong(int room) => new($"LZ4: expected a block of at most {room} bytes, got more");
}
