using System.Buffers;
using System.Buffers.Binary;

namespace StreamLearn.Learning;

/// <summary>Format: number of values, number of bytes in the gaps, the <see cref="Gaps"/>, the values.</summary>
internal static class SparseCode
{
    private const int HeadBytes = 8, MaxGapBytes = 5;

    internal static int MaxBytes(int given) => checked(HeadBytes + ((MaxGapBytes + 4) * given));

    /// <summary>Returns the number of values to send, at least one if there are any.</summary>
    internal static int GivenOf(double share, int count) => count == 0 ? 0 : Math.Max(1, (int)Math.Round(share * count));

    /// <summary>Returns a share that falls geometrically from a quarter. Source: Lin et al. (2018), DGC.</summary>
    internal static double WarmShare(double last, double progress)
    {
        const double First = 0.25;
        return last >= First ? last : First * Math.Pow(last / First, progress);
    }

    internal static int StartOf(int block, int count, int blocks) => (int)((long)block * count / blocks);

    /// <summary>Positions must ascend. <paramref name="isScaled"/>: true: values are multiplied by the block's length.</summary>
    internal static int Write(ReadOnlySpan<float> values, ReadOnlySpan<int> places, bool isScaled, Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt32LittleEndian(bytes, places.Length);
        var (at, last) = (HeadBytes, -1);
        foreach (var place in places)
        {
            Gaps.Write(bytes, ref at, place - last - 1);
            last = place;
        }

        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], at - HeadBytes);
        for (var i = 0; i < places.Length; i++, at += 4)
        {
            var factor = !isScaled ? 1 : StartOf(i + 1, values.Length, places.Length) - StartOf(i, values.Length, places.Length);
            BinaryPrimitives.WriteSingleLittleEndian(bytes[at..], factor * values[places[i]]);
        }

        return at;
    }

    /// <summary>Writes all values that are not 0. <paramref name="given"/>: their number.</summary>
    internal static int WriteGiven(ReadOnlySpan<float> values, int given, Span<byte> bytes)
    {
        var places = ArrayPool<int>.Shared.Rent(given);
        for (var (i, to) = (0, 0); to < given; i++)
        {
            if (BitConverter.SingleToInt32Bits(values[i]) != 0) { places[to++] = i; }
        }

        var written = Write(values, places.AsSpan(0, given), isScaled: false, bytes);
        ArrayPool<int>.Shared.Return(places);
        return written;
    }

    internal static bool TryRead(ref ReadOnlySpan<byte> bytes, Span<float> values)
    {
        if (bytes.Length < HeadBytes) { return false; }
        var (given, gapBytes) = (BinaryPrimitives.ReadInt32LittleEndian(bytes), BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]));
        bytes = bytes[HeadBytes..];
        if (given < 0 || given > values.Length || gapBytes < given || bytes.Length < gapBytes + (4L * given)) { return false; }
        var gaps = bytes[..gapBytes];
        var rest = bytes[gapBytes..];
        values.Clear();
        var (at, place) = (0, -1L);
        for (var i = 0; i < given; i++)
        {
            if (!Gaps.TryRead(gaps, ref at, out var gap) || (place += gap + 1L) >= values.Length) { return false; }
            values[(int)place] = BinaryPrimitives.ReadSingleLittleEndian(rest[(4 * i)..]);
        }

        bytes = rest[(4 * given)..];
        return at == gaps.Length;
    }
}
