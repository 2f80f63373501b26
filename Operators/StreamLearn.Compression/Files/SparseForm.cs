using System.Numerics;

namespace StreamLearn.Compression;

/// <summary>A bit per value, lowest first, then the nonzero values.</summary>
internal static class SparseForm
{
    internal static byte[] Write(ReadOnlySpan<float> values)
    {
        var (given, bits) = (new List<float>(), new byte[BitBytes(values.Length)]);
        for (var i = 0; i < values.Length; i++)
        {
            if (BitConverter.SingleToInt32Bits(values[i]) == 0) { continue; }       // −0 is stored
            bits[i / 8] |= (byte)(1 << (i % 8));
            given.Add(values[i]);
        }

        return [.. bits, .. ExactForm.Write([.. given])];
    }

    internal static bool TryRead(ref ReadOnlySpan<byte> bytes, scoped Span<float> values)
    {
        if (bytes.Length < BitBytes(values.Length)) { return false; }
        var bits = bytes[..BitBytes(values.Length)];
        var count = 0;
        foreach (var eight in bits) { count += BitOperations.PopCount(eight); }
        if (values.Length % 8 != 0 && bits[^1] >> (values.Length % 8) != 0) { return false; }       // a value beyond the last
        bytes = bytes[bits.Length..];
        var given = new float[Math.Min(count, bytes.Length)];
        if (given.Length < count || !ExactForm.TryRead(ref bytes, given)) { return false; }
        values.Clear();
        for (var (i, at) = (0, 0); i < values.Length; i++)
        {
            if ((bits[i / 8] & (1 << (i % 8))) != 0) { values[i] = given[at++]; }
        }

        return true;
    }

    private static int BitBytes(int values) => (values + 7) / 8;
}
