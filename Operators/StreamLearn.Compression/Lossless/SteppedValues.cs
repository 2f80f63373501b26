using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace StreamLearn.Compression;

/// <summary>Float32 values that are multiples of one step, as those of a converter times its factor are, or those of a file with a fixed
/// number of decimals.</summary>
/// <remarks>
/// The step, the multiples and how far each product is from its value, in units of the last place: 0 nearly always. Both are <see
/// cref="LosslessWords"/>. The step is the least difference between two values of a sample, then fitted to ever greater values: each
/// product is off by less than half a step before the next ones are fitted. All arithmetic is IEEE 754 in float64, the same anywhere.
/// </remarks>
internal static class SteppedValues
{
    /// <summary>The first byte, where <see cref="LosslessWords"/> have their form.</summary>
    internal const byte Marker = 64;

    private const int HeadBytes = 1 + 8 + 4;
    private const int SampleRows = 512;
    private const double Within = 500;              // multiples that a step of two values of float32 has right, and then times four
    private const double MostMisses = 0.1;          // share of the sample that may be off
    private const double MostPlaces = 1 << 23;

    internal static int MaxBytes(int count) => checked(HeadBytes + (2 * LosslessWords.MaxBytes<uint>(count)));

    /// <summary>Writes values; returns how many bytes that took, 0 if they have no step.</summary>
    internal static int Encode(ReadOnlySpan<float> values, Span<byte> bytes)
    {
        if (Find(values) is not { } step) { return 0; }
        var (places, misses) = (ArrayPool<uint>.Shared.Rent(values.Length), ArrayPool<uint>.Shared.Rent(values.Length));
        for (var i = 0; i < values.Length; i++)
        {
            var place = PlaceOf(values[i], step);
            places[i] = (uint)place;
            misses[i] = LosslessWords.Folded(
                BitConverter.SingleToUInt32Bits(values[i]) - BitConverter.SingleToUInt32Bits(ValueOf(place, step)));
        }

        bytes[0] = Marker;
        MemoryMarshal.Write(bytes[1..], step);
        var written = LosslessWords.Encode<uint>(places.AsSpan(0, values.Length), [], bytes[HeadBytes..]);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[9..], written);
        written += HeadBytes;
        if (misses.AsSpan(0, values.Length).ContainsAnyExcept(0u))
        {
            written += LosslessWords.Encode<uint>(misses.AsSpan(0, values.Length), [], bytes[written..]);
        }

        ArrayPool<uint>.Shared.Return(places);
        ArrayPool<uint>.Shared.Return(misses);
        return written;
    }

    /// <summary>Reads values; false if these bytes, all of them, are not those of the values.</summary>
    internal static bool TryDecode(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        if (bytes.Length < HeadBytes) { return false; }
        var (step, length) = (MemoryMarshal.Read<double>(bytes[1..]), BinaryPrimitives.ReadInt32LittleEndian(bytes[9..]));
        if (!double.IsFinite(step) || length < 0 || length > bytes.Length - HeadBytes) { return false; }
        var misses = ArrayPool<uint>.Shared.Rent(values.Length);
        var places = MemoryMarshal.Cast<float, uint>(values);
        var rest = bytes[(HeadBytes + length)..];
        var isRead = LosslessWords.TryDecode(bytes.Slice(HeadBytes, length), [], places)
            && (rest.IsEmpty || LosslessWords.TryDecode(rest, [], misses.AsSpan(0, values.Length)));
        for (var i = 0; i < values.Length && isRead; i++)
        {
            var miss = rest.IsEmpty ? 0 : LosslessWords.Unfolded(misses[i]);
            values[i] = BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(ValueOf((int)places[i], step)) + miss);
        }

        ArrayPool<uint>.Shared.Return(misses);
        return isRead;
    }

    /// <summary>The step of values; null: they have none.</summary>
    private static double? Find(ReadOnlySpan<float> values)
    {
        Span<float> sample = stackalloc float[Math.Min(SampleRows, values.Length)];
        var count = 0;
        foreach (var value in values[..sample.Length])
        {
            if (float.IsFinite(value)) { sample[count++] = value; }
        }

        sample = sample[..count];
        sample.Sort();
        var least = double.PositiveInfinity;
        for (var i = 1; i < sample.Length; i++)
        {
            var apart = (double)sample[i] - sample[i - 1];
            if (apart > 0 && apart < least) { least = apart; }
        }

        if (!double.IsFinite(least)) { return null; }
        for (var parts = 1; parts <= 3; parts++)        // no two values of a short sample may be neighbors
        {
            var step = Fitted(sample, least / parts);
            var misses = 0;
            foreach (var value in sample) { misses += ValueOf(PlaceOf(value, step), step) == value ? 0 : 1; }
            if (misses <= MostMisses * sample.Length) { return step; }
        }

        return null;
    }

    private static double Fitted(ReadOnlySpan<float> sample, double step)
    {
        var greatest = Math.Max(Math.Abs((double)sample[0]), Math.Abs((double)sample[^1]));
        for (var within = Within; ; within *= 4)
        {
            var (products, squares) = (0.0, 0.0);
            foreach (var value in sample)
            {
                var place = Math.Round(value / step);
                if (Math.Abs(place) > within) { continue; }
                products += place * value;
                squares += place * place;
            }

            if (squares > 0) { step = products / squares; }
            if (within * step > greatest || within > MostPlaces) { return step; }
        }
    }

    private static int PlaceOf(float value, double step) =>
        Math.Round(value / step) is var place && Math.Abs(place) <= MostPlaces ? (int)place : 0;      // 0 of NaN too

    private static float ValueOf(int place, double step) => (float)(place * step);
}
