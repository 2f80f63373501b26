using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;

namespace StreamLearn.Compression;

/// <summary>Byte planes, lowest first, each a <see cref="Huffman"/> code with a length prefix.</summary>
internal static class Planes
{
    private const int LengthBytes = 4;

    internal static int MaxBytes<T>(int count)
        where T : unmanaged, IBinaryInteger<T> => checked(WidthOf<T>() * (LengthBytes + Huffman.MaxBytes(count)));

    internal static int WidthOf<T>()
        where T : unmanaged, IBinaryInteger<T> => T.Zero.GetByteCount();

    internal static int Write<T>(ReadOnlySpan<T> words, Span<byte> bytes)
        where T : unmanaged, IBinaryInteger<T>
    {
        var plane = ArrayPool<byte>.Shared.Rent(words.Length);
        var at = 0;
        for (var b = 0; b < WidthOf<T>(); b++)
        {
            Split(words, b, plane);
            var written = Huffman.Encode(plane.AsSpan(0, words.Length), bytes[(at + LengthBytes)..]);
            BinaryPrimitives.WriteInt32LittleEndian(bytes[at..], written);
            at += LengthBytes + written;
        }

        ArrayPool<byte>.Shared.Return(plane);
        return at;
    }

    internal static long Measure<T>(ReadOnlySpan<T> words)
        where T : unmanaged, IBinaryInteger<T>
    {
        var plane = ArrayPool<byte>.Shared.Rent(words.Length);
        var bytes = 0L;
        for (var b = 0; b < WidthOf<T>(); b++)
        {
            Split(words, b, plane);
            bytes += LengthBytes + Huffman.Measure(plane.AsSpan(0, words.Length));
        }

        ArrayPool<byte>.Shared.Return(plane);
        return bytes;
    }

    internal static bool TryRead<T>(ref ReadOnlySpan<byte> bytes, Span<T> words)
        where T : unmanaged, IBinaryInteger<T>
    {
        words.Clear();
        var plane = ArrayPool<byte>.Shared.Rent(words.Length);
        var isRead = true;
        for (var b = 0; b < WidthOf<T>() && isRead; b++)
        {
            isRead = TryTake(ref bytes, out var codes) && Huffman.TryDecode(codes, plane.AsSpan(0, words.Length));
            for (var i = 0; i < words.Length && isRead; i++) { words[i] |= T.CreateTruncating(plane[i]) << (8 * b); }
        }

        ArrayPool<byte>.Shared.Return(plane);
        return isRead;
    }

    internal static bool TryTake(ref ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> taken)
    {
        taken = default;
        if (bytes.Length < LengthBytes) { return false; }
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (length < 0 || length > bytes.Length - LengthBytes) { return false; }
        taken = bytes.Slice(LengthBytes, length);
        bytes = bytes[(LengthBytes + length)..];
        return true;
    }

    private static void Split<T>(ReadOnlySpan<T> words, int place, Span<byte> plane)
        where T : unmanaged, IBinaryInteger<T>
    {
        for (var i = 0; i < words.Length; i++) { plane[i] = byte.CreateTruncating(words[i] >> (8 * place)); }
    }
}
