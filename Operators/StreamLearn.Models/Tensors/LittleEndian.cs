using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace StreamLearn.Models;

internal static class LittleEndian
{
    internal static void Write(ReadOnlySpan<float> values, Span<byte> bytes)
    {
        if (BitConverter.IsLittleEndian)
        {
            MemoryMarshal.AsBytes(values).CopyTo(bytes);
            return;
        }

        for (var i = 0; i < values.Length; i++) { BinaryPrimitives.WriteSingleLittleEndian(bytes[(4 * i)..], values[i]); }
    }

    internal static void Read(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        if (BitConverter.IsLittleEndian)
        {
            bytes.CopyTo(MemoryMarshal.AsBytes(values));
            return;
        }

        for (var i = 0; i < values.Length; i++) { values[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * i)..]); }
    }
}
