using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace StreamLearn.Learning;

/// <summary>Sparse values: total, nonzero count, bytes of the gaps, gaps as 7-bit varints with the lowest bits first, values.</summary>
internal static class SparseValues
{
    private const int MaxValues = 1 << 24;      // limits the memory that a short frame can reserve

    /// <summary>Measures the encoding. The number of bytes is below 0 if more than half are nonzero.</summary>
    internal static (int Count, int Bytes) Measure(ReadOnlySpan<float> values)
    {
        if (values.Length > MaxValues) { return (-1, 0); }
        var count = values.Length - MemoryMarshal.Cast<float, int>(values).Count(0);        // compares bits, so −0 counts
        if (count > values.Length / 2) { return (-1, 0); }
        var (gaps, last) = (0, -1);
        for (var at = 0; at < values.Length; at++)
        {
            if (IsZero(values[at])) { continue; }
            gaps += Gaps.BytesOf(at - last - 1);
            last = at;
        }

        return (count, 12 + gaps + (4 * count));
    }

    internal static void Write(Span<byte> bytes, ReadOnlySpan<float> values, int count)
    {
        var (at, value) = (12, bytes.Length - (4 * count));
        BinaryPrimitives.WriteInt32LittleEndian(bytes, values.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], count);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], value - at);
        var last = -1;
        for (var i = 0; i < values.Length; i++)
        {
            if (IsZero(values[i])) { continue; }
            Gaps.Write(bytes, ref at, i - last - 1);
            BinaryPrimitives.WriteSingleLittleEndian(bytes[value..], values[i]);
            (last, value) = (i, value + 4);
        }
    }

    /// <summary>Returns default if the frame is too short or the count too high.</summary>
    internal static ImmutableArray<float> Read(ref FrameFields frame, int maxValues = MaxValues)
    {
        var (length, count, gapBytes) = (frame.Int(null), frame.Int(null), frame.Int(null));
        var most = Math.Min(maxValues, MaxValues);
        if (frame.Failed || length < 0 || length > most || count < 0 || count > length || gapBytes < count) { return default; }
        var gaps = frame.Read(gapBytes);
        var given = frame.Read(4L * count);
        if (frame.Failed) { return default; }
        var (values, at, place) = (new float[length], 0, -1L);
        for (var i = 0; i < count; i++)
        {
            if (!Gaps.TryRead(gaps, ref at, out var gap) || (place += gap + 1L) >= length) { return default; }
            var value = BinaryPrimitives.ReadSingleLittleEndian(given[(4 * i)..]);
            if (IsZero(value)) { return default; }
            values[place] = value;
        }

        return at == gaps.Length ? ImmutableCollectionsMarshal.AsImmutableArray(values) : default;
    }

    /// <summary>Compares bits: −0 is not zero.</summary>
    internal static bool IsZero(float value) => BitConverter.SingleToInt32Bits(value) == 0;
}
