using System.Buffers;
using System.Buffers.Binary;

namespace StreamLearn.Compression;

/// <summary>Distinct values, then an index and the preceding zeros for each nonzero value. Index 0 fills gaps too long to encode.</summary>
/// <remarks>Gaps have 0, 5 or 8 bits, whichever is shortest. Source: Han, Mao, Dally (2016), section 2 and figure 2.</remarks>
internal static class SharedForm
{
    private const int HeadBytes = 1 + 1 + 4 + 4 + 4;        // counts of values and entries, longest gap, bytes of indexes and of gaps

    /// <summary>Returns null if there are too many distinct values.</summary>
    internal static byte[]? Write(ReadOnlySpan<float> values)
    {
        if (TryBook(values) is not { } book) { return null; }
        byte[]? best = null;
        foreach (var longest in (ReadOnlySpan<byte>)[31, byte.MaxValue, 0])
        {
            var bytes = Write(values, book, longest);
            if (best is null || bytes.Length < best.Length) { best = bytes; }
        }

        return best;
    }

    internal static bool TryRead(ref ReadOnlySpan<byte> bytes, scoped Span<float> values)
    {
        if (bytes.Length < HeadBytes) { return false; }
        var (count, entries) = (bytes[0], BinaryPrimitives.ReadInt32LittleEndian(bytes[2..]));
        var indexBytes = BinaryPrimitives.ReadInt32LittleEndian(bytes[6..]);
        var gapBytes = BinaryPrimitives.ReadInt32LittleEndian(bytes[10..]);
        var longest = bytes[1];
        bytes = bytes[HeadBytes..];
        if (entries < 0 || entries > values.Length || indexBytes < 0 || gapBytes < 0) { return false; }
        if ((4L * count) + indexBytes + gapBytes > bytes.Length) { return false; }
        Span<float> book = stackalloc float[byte.MaxValue + 1];
        book[0] = 0;
        ExactForm.TryRead(ref bytes, book.Slice(1, count));
        var (indexes, gaps) = (ArrayPool<byte>.Shared.Rent(entries), ArrayPool<byte>.Shared.Rent(entries));
        try
        {
            return Huffman.TryDecode(bytes[..indexBytes], indexes.AsSpan(0, entries))
                && Huffman.TryDecode(bytes.Slice(indexBytes, gapBytes), gaps.AsSpan(0, entries))
                && TryPlace(book[..(count + 1)], indexes.AsSpan(0, entries), gaps.AsSpan(0, entries), longest, values);
        }
        finally
        {
            bytes = bytes[(indexBytes + gapBytes)..];
            ArrayPool<byte>.Shared.Return(indexes);
            ArrayPool<byte>.Shared.Return(gaps);
        }
    }

    /// <summary>The keys are bit patterns, because −0 differs from 0.</summary>
    private static Dictionary<int, byte>? TryBook(ReadOnlySpan<float> values)
    {
        var bits = new HashSet<int>();
        foreach (var value in values)
        {
            if (BitConverter.SingleToInt32Bits(value) is not 0 and var own && bits.Add(own) && bits.Count > byte.MaxValue) { return null; }
        }

        return bits.OrderBy(BitConverter.Int32BitsToSingle).ThenBy(static b => b).Index()
            .ToDictionary(static b => b.Item, static b => (byte)(b.Index + 1));
    }

    private static byte[] Write(ReadOnlySpan<float> values, Dictionary<int, byte> book, byte longest)
    {
        var (indexes, gaps, gap) = (new List<byte>(), new List<byte>(), 0);
        foreach (var value in values)
        {
            var bits = BitConverter.SingleToInt32Bits(value);
            if (bits == 0 && gap < longest)
            {
                gap++;
                continue;
            }

            indexes.Add(bits == 0 ? (byte)0 : book[bits]);      // 0: padding
            gaps.Add((byte)gap);
            gap = 0;
        }

        var buffer = new ArrayBufferWriter<byte>();
        var head = buffer.GetSpan(HeadBytes + (sizeof(float) * book.Count))[..(HeadBytes + (sizeof(float) * book.Count))];
        float[] known = [.. book.OrderBy(static entry => entry.Value).Select(static entry => BitConverter.Int32BitsToSingle(entry.Key))];
        ExactForm.Write(known, head[HeadBytes..]);
        buffer.Advance(head.Length);
        var indexBytes = Huffman.Encode([.. indexes], buffer);
        var gapBytes = Huffman.Encode([.. gaps], buffer);
        var bytes = buffer.WrittenSpan.ToArray();
        (bytes[0], bytes[1]) = ((byte)book.Count, longest);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(2), indexes.Count);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(6), indexBytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(10), gapBytes);
        return bytes;
    }

    private static bool TryPlace(ReadOnlySpan<float> book, ReadOnlySpan<byte> indexes, ReadOnlySpan<byte> gaps, byte longest,
        Span<float> values)
    {
        values.Clear();
        var place = -1;
        for (var i = 0; i < indexes.Length; i++)
        {
            place += gaps[i] + 1;
            if (gaps[i] > longest || place >= values.Length || indexes[i] >= book.Length) { return false; }
            values[place] = book[indexes[i]];
        }

        return true;
    }
}
