using System.Buffers;
using System.Buffers.Binary;

namespace StreamLearn.Compression;

/// <summary>Canonical Huffman code for bytes, with at most 12 bits per code.</summary>
/// <remarks>The first byte is the form. 0: plain, if codes save less than 3 %. 1: one repeated byte. 2: the minimum and maximum byte, the
/// code lengths in that range with 4 bits each, the codes (highest bit first), zero padding. Source: Huffman (1952).</remarks>
internal static class Huffman
{
    internal const int MaxBits = HuffmanLengths.MaxBits;

    private const byte Raw = 0, Run = 1, Coded = 2;
    private const double MinGain = 0.03;        // minimum gain that is worth the decoding time
    private const int Symbols = byte.MaxValue + 1;

    internal static int MaxBytes(int count) => count + 1;

    internal static int Encode(ReadOnlySpan<byte> bytes, IBufferWriter<byte> buffer)
    {
        var written = Encode(bytes, buffer.GetSpan(MaxBytes(bytes.Length)));
        buffer.Advance(written);
        return written;
    }

    internal static int Encode(ReadOnlySpan<byte> bytes, Span<byte> target)
    {
        Span<int> counts = stackalloc int[Symbols];
        Span<byte> lengths = stackalloc byte[Symbols];
        Count(bytes, counts);
        var used = HuffmanLengths.Of(counts, lengths);
        if (used == 1 && bytes.Length > 1) { return WriteRun(bytes[0], target); }
        var (first, last) = (lengths.IndexOfAnyExcept((byte)0), lengths.LastIndexOfAnyExcept((byte)0));
        long bits = 0;
        for (var symbol = 0; symbol < Symbols; symbol++) { bits += (long)counts[symbol] * lengths[symbol]; }
        var head = 3 + ((last - first + 2) / 2);
        var total = head + ((bits + 7) / 8);
        if (used < 2 || total > bytes.Length - (MinGain * bytes.Length)) { return WriteRaw(bytes, target); }
        target = target[..(int)total];
        (target[0], target[1], target[2]) = (Coded, (byte)first, (byte)last);
        target[3..head].Clear();
        for (var place = 0; place <= last - first; place++)
        {
            target[3 + (place / 2)] |= (byte)(lengths[first + place] << (4 * (place & 1)));
        }

        WriteCodes(bytes, lengths, target[head..]);
        return target.Length;
    }

    internal static long Measure(ReadOnlySpan<byte> bytes)
    {
        Span<int> counts = stackalloc int[Symbols];
        Span<byte> lengths = stackalloc byte[Symbols];
        Count(bytes, counts);
        if (HuffmanLengths.Of(counts, lengths) < 2) { return 2; }
        var bits = 8L * (3 + (lengths.LastIndexOfAnyExcept((byte)0) - lengths.IndexOfAnyExcept((byte)0)) / 2);
        for (var symbol = 0; symbol < Symbols; symbol++) { bits += (long)counts[symbol] * lengths[symbol]; }
        return Math.Min(bits / 8, bytes.Length) + 1;
    }

    /// <summary>Fills <paramref name="bytes"/>; returns false unless the codes have exactly this length.</summary>
    internal static bool TryDecode(ReadOnlySpan<byte> codes, Span<byte> bytes)
    {
        if (codes.IsEmpty) { return false; }
        switch (codes[0])
        {
            case Raw:
                return codes.Length - 1 == bytes.Length && codes[1..].TryCopyTo(bytes);
            case Run:
                if (codes.Length != 2 || bytes.Length < 2) { return false; }
                bytes.Fill(codes[1]);
                return true;
            case Coded when codes.Length > 3 && codes[1] < codes[2]:
                Span<byte> lengths = stackalloc byte[Symbols];
                lengths.Clear();
                var (first, last) = (codes[1], codes[2]);
                var head = 3 + ((last - first + 2) / 2);
                if (codes.Length < head) { return false; }
                for (var symbol = first; ; symbol++)
                {
                    lengths[symbol] = (byte)((codes[3 + ((symbol - first) / 2)] >> (4 * ((symbol - first) & 1))) & 15);
                    if (symbol == last) { break; }
                }

                Span<ushort> table = stackalloc ushort[1 << MaxBits];
                return TryFill(table, lengths) && TryRead(codes[head..], table, bytes);
            default:
                return false;
        }
    }

    private static int WriteRun(byte symbol, Span<byte> target)
    {
        (target[0], target[1]) = (Run, symbol);
        return 2;
    }

    private static int WriteRaw(ReadOnlySpan<byte> bytes, Span<byte> target)
    {
        target[0] = Raw;
        bytes.CopyTo(target[1..]);
        return bytes.Length + 1;
    }

    /// <summary>Counts in four tables in turn, because equal neighbors would wait for each other.</summary>
    private static void Count(ReadOnlySpan<byte> bytes, Span<int> counts)
    {
        Span<int> parts = stackalloc int[3 * Symbols];
        counts.Clear();
        parts.Clear();
        var second = parts[..Symbols];
        var third = parts.Slice(Symbols, Symbols);
        var fourth = parts[(2 * Symbols)..];
        var i = 0;
        for (; i + 4 <= bytes.Length; i += 4)
        {
            counts[bytes[i]]++;
            second[bytes[i + 1]]++;
            third[bytes[i + 2]]++;
            fourth[bytes[i + 3]]++;
        }

        for (; i < bytes.Length; i++) { counts[bytes[i]]++; }
        for (var symbol = 0; symbol < Symbols; symbol++) { counts[symbol] += second[symbol] + third[symbol] + fourth[symbol]; }
    }

    private static void WriteCodes(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> lengths, Span<byte> target)
    {
        Span<uint> codes = stackalloc uint[Symbols];        // code in the upper 24 bits, length in the lower 8
        Span<int> next = stackalloc int[MaxBits + 2];
        HuffmanLengths.FirstCodes(lengths, next);
        for (var symbol = 0; symbol < Symbols; symbol++)
        {
            var length = lengths[symbol];
            codes[symbol] = length == 0 ? 0 : ((uint)next[length]++ << 8) | length;
        }

        var (gathered, held, at) = (0UL, 0, 0);
        foreach (var symbol in bytes)
        {
            var code = codes[symbol];
            var length = (int)(code & 255);
            gathered = (gathered << length) | (code >> 8);
            held += length;
            if (held < 32) { continue; }
            held -= 32;
            BinaryPrimitives.WriteUInt32BigEndian(target[at..], (uint)(gathered >> held));
            at += 4;
        }

        for (; held > 0; held -= 8) { target[at++] = (byte)(held >= 8 ? gathered >> (held - 8) : gathered << (8 - held)); }
    }

    private static bool TryFill(Span<ushort> table, ReadOnlySpan<byte> lengths)
    {
        var at = 0;
        for (var length = 1; length <= MaxBits; length++)
        {
            var each = 1 << (MaxBits - length);
            for (var symbol = 0; symbol < Symbols; symbol++)
            {
                if (lengths[symbol] != length) { continue; }
                if (at + each > table.Length) { return false; }
                table.Slice(at, each).Fill((ushort)((symbol << 4) | length));
                at += each;
            }
        }

        return at == table.Length && !lengths.ContainsAnyExceptInRange((byte)0, (byte)MaxBits);
    }

    private static bool TryRead(ReadOnlySpan<byte> codes, ReadOnlySpan<ushort> table, Span<byte> bytes)
    {
        var (window, held, at, i) = (0UL, 0, 0, 0);
        while (i < bytes.Length)
        {
            if (at + 8 <= codes.Length && i + 4 <= bytes.Length)
            {
                window |= BinaryPrimitives.ReadUInt64BigEndian(codes[at..]) >> held;
                at += (63 - held) >> 3;
                held |= 56;
                for (var end = i + 4; i < end; i++)         // at most 48 bits
                {
                    var entry = table[(int)(window >> (64 - MaxBits))];
                    bytes[i] = (byte)(entry >> 4);
                    window <<= entry & 15;
                    held -= entry & 15;
                }

                continue;           // bits beyond those held are read again
            }

            for (; held <= 56 && at < codes.Length; held += 8) { window |= (ulong)codes[at++] << (56 - held); }
            var last = table[(int)(window >> (64 - MaxBits))];
            if ((held -= last & 15) < 0) { return false; }
            bytes[i++] = (byte)(last >> 4);
            window <<= last & 15;
        }

        return at == codes.Length && held < 8 && window == 0;
    }
}
