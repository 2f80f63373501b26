using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace StreamLearn.Compression;

/// <summary>Encodes words as differences from their predecessors or from a previous version.</summary>
/// <remarks>The first byte names the shortest transform: none, xor with the word before, or a signed difference from it or the previous
/// version. Then follow the first word, and the rest as <see cref="Planes"/> or <see cref="RiceCode"/> or, if most words are 0, as a count,
/// gaps and nonzero words. Nothing is allocated in steady state.</remarks>
internal static class LosslessWords
{
    private const byte SparseBit = 128;
    private const byte RiceBit = 32;
    private const int HeadBytes = 1 + 8 + 4;

    private enum Form : byte
    {
        Plain,
        Xor,
        Difference,
        Version,
    }

    internal static int MaxBytes<T>(int count)
        where T : unmanaged, IBinaryInteger<T> =>
        checked(HeadBytes + 4 + Huffman.MaxBytes(2 * count) + Planes.MaxBytes<T>(count));

    internal static int Encode<T>(ReadOnlySpan<T> words, ReadOnlySpan<T> before, Span<byte> bytes)
        where T : unmanaged, IBinaryInteger<T>
    {
        var space = ArrayPool<T>.Shared.Rent(words.Length);
        var rest = space.AsSpan(0, words.Length);
        var (best, least, lower) = (Form.Plain, long.MaxValue, (int?)null);       // number of lower bits in a Rice code; null: bit planes
        for (var form = Form.Plain; form <= (before.IsEmpty ? Form.Difference : Form.Version); form++)
        {
            Take(form, words, before, rest);
            if (IsSparse<T>(rest))
            {
                (best, least) = (form, 0);
                break;
            }

            var (planes, (rice, bits)) = (Planes.Measure<T>(rest), RiceCode.Measure<T>(rest));
            if (Math.Min(planes, rice) < least) { (best, least, lower) = (form, Math.Min(planes, rice), rice <= planes ? bits : null); }
        }

        var first = Take(best, words, before, rest);
        bytes[0] = (byte)best;
        MemoryMarshal.Write(bytes[1..], first);
        var written = 1 + Planes.WidthOf<T>();
        if (least == 0)
        {
            bytes[0] |= SparseBit;
            written += WriteSparse<T>(rest, bytes[written..]);
        }
        else if (lower is { } bits)
        {
            bytes[0] |= RiceBit;
            written += RiceCode.Write<T>(rest, bits, bytes[written..]);
        }
        else { written += Planes.Write<T>(rest, bytes[written..]); }

        ArrayPool<T>.Shared.Return(space);
        return written;
    }

    /// <summary>Returns false unless all bytes decode to exactly the number of words.</summary>
    internal static bool TryDecode<T>(ReadOnlySpan<byte> bytes, ReadOnlySpan<T> before, Span<T> words)
        where T : unmanaged, IBinaryInteger<T>
    {
        if (bytes.Length < 1 + Planes.WidthOf<T>()) { return false; }
        var (form, isSparse, isRice) = ((Form)(bytes[0] & ~(SparseBit | RiceBit)), (bytes[0] & SparseBit) != 0, (bytes[0] & RiceBit) != 0);
        if (form > Form.Version || (isSparse && isRice)) { return false; }
        if (form == Form.Version && before.Length != words.Length) { return false; }
        var first = MemoryMarshal.Read<T>(bytes[1..]);
        var rest = bytes[(1 + Planes.WidthOf<T>())..];
        var isRead = isSparse ? TryReadSparse(ref rest, words)
            : isRice ? RiceCode.TryRead(ref rest, words) : Planes.TryRead(ref rest, words);
        if (!isRead || !rest.IsEmpty) { return false; }
        Restore(form, first, before, words);
        return true;
    }

    private static T Take<T>(Form form, ReadOnlySpan<T> words, ReadOnlySpan<T> before, Span<T> rest)
        where T : unmanaged, IBinaryInteger<T>
    {
        if (form == Form.Plain || words.IsEmpty)
        {
            words.CopyTo(rest);
            return T.Zero;
        }

        if (form == Form.Version)
        {
            for (var i = 0; i < words.Length; i++) { rest[i] = Folded(words[i] - before[i]); }
            return T.Zero;
        }

        var last = words[0];
        for (var i = 0; i < words.Length; i++)
        {
            rest[i] = form == Form.Xor ? words[i] ^ last : Folded(words[i] - last);
            last = words[i];
        }

        return words[0];
    }

    private static void Restore<T>(Form form, T first, ReadOnlySpan<T> before, Span<T> words)
        where T : unmanaged, IBinaryInteger<T>
    {
        for (var i = 0; i < words.Length && form != Form.Plain; i++)
        {
            words[i] = form switch
            {
                Form.Xor => words[i] ^ first,
                Form.Difference => Unfolded(words[i]) + first,
                _ => Unfolded(words[i]) + before[i],
            };
            first = words[i];
        }
    }

    /// <summary>Zigzag coding: the sign moves to the lowest bit, so small differences have leading zeros.</summary>
    internal static T Folded<T>(T difference)
        where T : unmanaged, IBinaryInteger<T> =>
        (difference << 1) ^ (T.Zero - (difference >> ((8 * Planes.WidthOf<T>()) - 1)));

    internal static T Unfolded<T>(T folded)
        where T : unmanaged, IBinaryInteger<T> => (folded >> 1) ^ (T.Zero - (folded & T.One));

    private static bool IsSparse<T>(ReadOnlySpan<T> words)
        where T : unmanaged, IBinaryInteger<T> => words.Length < 1 << 24 && words.Count(T.Zero) > words.Length / 2;

    private static int WriteSparse<T>(ReadOnlySpan<T> words, Span<byte> bytes)
        where T : unmanaged, IBinaryInteger<T>
    {
        var given = words.Length - words.Count(T.Zero);
        var space = ArrayPool<byte>.Shared.Rent((4 * given) + 1);
        var kept = ArrayPool<T>.Shared.Rent(given);
        var (gapBytes, last, count) = (0, -1, 0);
        for (var i = 0; i < words.Length; i++)
        {
            if (words[i] == T.Zero) { continue; }
            for (var gap = i - last - 1; ; gap >>= 7)
            {
                space[gapBytes++] = (byte)(gap < 128 ? gap : (gap & 127) | 128);
                if (gap < 128) { break; }
            }

            (last, kept[count++]) = (i, words[i]);
        }

        BinaryPrimitives.WriteInt32LittleEndian(bytes, given);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], gapBytes);
        var coded = Huffman.Encode(space.AsSpan(0, gapBytes), bytes[12..]);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], coded);
        var written = 12 + coded;
        written += Planes.Write<T>(kept.AsSpan(0, given), bytes[written..]);
        ArrayPool<byte>.Shared.Return(space);
        ArrayPool<T>.Shared.Return(kept);
        return written;
    }

    private static bool TryReadSparse<T>(ref ReadOnlySpan<byte> bytes, Span<T> words)
        where T : unmanaged, IBinaryInteger<T>
    {
        if (bytes.Length < 8) { return false; }
        var (given, gapBytes) = (BinaryPrimitives.ReadInt32LittleEndian(bytes), BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]));
        bytes = bytes[8..];
        if (given < 0 || given > words.Length || gapBytes < given || gapBytes > 4L * given) { return false; }
        if (!Planes.TryTake(ref bytes, out var codes)) { return false; }
        var space = ArrayPool<byte>.Shared.Rent(gapBytes + 1);
        var kept = ArrayPool<T>.Shared.Rent(given);
        var isRead = Huffman.TryDecode(codes, space.AsSpan(0, gapBytes)) && Planes.TryRead(ref bytes, kept.AsSpan(0, given))
            && TryScatter<T>(space.AsSpan(0, gapBytes), kept.AsSpan(0, given), words);
        ArrayPool<byte>.Shared.Return(space);
        ArrayPool<T>.Shared.Return(kept);
        return isRead;
    }

    private static bool TryScatter<T>(ReadOnlySpan<byte> gaps, ReadOnlySpan<T> kept, Span<T> words)
        where T : unmanaged, IBinaryInteger<T>
    {
        words.Clear();
        var (place, at) = (-1, 0);
        foreach (var word in kept)
        {
            var (gap, shift) = (0, 0);
            for (var next = 128; next >= 128; shift += 7)
            {
                if (at == gaps.Length || shift == 28) { return false; }
                next = gaps[at++];
                gap |= (next & 127) << shift;
            }

            if (gap >= words.Length - place - 1) { return false; }
            words[place += gap + 1] = word;
        }

        return at == gaps.Length;
    }
}
