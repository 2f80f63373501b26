using System.Buffers.Binary;

namespace StreamLearn.Compression;

internal static class ExactForm
{
    internal static byte[] Write(ReadOnlySpan<float> values)
    {
        var bytes = new byte[sizeof(float) * values.Length];
        Write(values, bytes);
        return bytes;
    }

    internal static void Write(ReadOnlySpan<float> values, Span<byte> bytes)
    {
        for (var i = 0; i < values.Length; i++) { BinaryPrimitives.WriteSingleLittleEndian(bytes[(sizeof(float) * i)..], values[i]); }
    }

    internal static bool TryRead(ref ReadOnlySpan<byte> bytes, scoped Span<float> values)
    {
        if (bytes.Length / sizeof(float) < values.Length) { return false; }
        for (var i = 0; i < values.Length; i++) { values[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(sizeof(float) * i)..]); }
        bytes = bytes[(sizeof(float) * values.Length)..];
        return true;
    }
}
