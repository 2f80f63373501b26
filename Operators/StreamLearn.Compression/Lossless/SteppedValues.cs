using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace StreamLearn.Compression;

/// <summary>Float32 multiples of one step, as from a scaled converter or a file with fixed decimals.</summary>
/// <remarks>Stores the step, the multiples and each product's error in units of the last place, nearly always 0. The step is the least
/// difference in a sample, refined on ever greater values whose products stay within half a step. Float64: identical everywhere.</remarks>
internal static class SteppedValues
{
    internal const byte Marker = 64;

    private const int HeadBytes = 1 + 8 + 4;
    private const int SampleRows = 512;
    private const double Within = 500;              // four times the number of multiples for which the step of two float32 values is exact
    private const double MaxMisses = 0.1;          // allowed share of misses in the sample
    private const double MaxPlaces = 1 << 23;

    internal static int MaxBytes(int count) => checked(HeadBytes + (2 * LosslessWords.MaxBytes<uint>(count)));

    /// <summary>Returns the number of bytes written; 0: there is no common step.</summary>
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
        for (var parts = 1; parts <= 3; parts++)        // in a short sample no two values may be neighbors
        {
            var step = Fitted(sample, least / parts);
            var misses = 0;
            foreach (var value in sample) { misses += ValueOf(PlaceOf(value, step), step) == value ? 0 : 1; }
            if (misses <= MaxMisses * sample.Length) { return step; }
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
            if (within * step > greatest || within > MaxPlaces) { return step; }
        }
    }

    private static int PlaceOf(float value, double step) =>
        Math.Round(value / step) is var place && Math.Abs(place) <= MaxPlaces ? (int)place : 0;      // false for NaN as well

    private static float ValueOf(int place, double step) => (float)(place * step);
}
