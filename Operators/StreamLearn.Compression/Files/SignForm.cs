using System.Buffers.Binary;

namespace StreamLearn.Compression;

/// <summary>[rows, outputs] with one magnitude per output: outputs, magnitudes, a sign bit per value.</summary>
internal static class SignForm
{
    private const int MaxOutputs = 1 << 16;

    /// <summary>Returns null if they do not have this form, or have one row.</summary>
    internal static byte[]? Write(ReadOnlySpan<float> values)
    {
        var outputs = OutputsOf(values);
        if (outputs == 0) { return null; }
        var bytes = new byte[4 + (sizeof(float) * outputs) + ((values.Length + 7) / 8)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, outputs);
        for (var o = 0; o < outputs; o++) { BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(4 + (4 * o)), MathF.Abs(values[o])); }
        for (var i = 0; i < values.Length; i++)
        {
            if (float.IsNegative(values[i])) { bytes[4 + (sizeof(float) * outputs) + (i / 8)] |= (byte)(1 << (i % 8)); }
        }

        return bytes;
    }

    internal static bool TryRead(ref ReadOnlySpan<byte> bytes, scoped Span<float> values)
    {
        if (bytes.Length < 4) { return false; }
        var outputs = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (outputs is < 1 or > MaxOutputs || outputs > values.Length) { return false; }
        var (from, end) = (4 + (sizeof(float) * outputs), 4 + (sizeof(float) * outputs) + ((values.Length + 7) / 8));
        if (bytes.Length < end) { return false; }
        for (var i = 0; i < values.Length; i++)
        {
            var size = BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 + (sizeof(float) * (i % outputs)))..]);
            values[i] = ((bytes[from + (i / 8)] >> (i % 8)) & 1) == 0 ? size : -size;
        }

        bytes = bytes[end..];
        return true;
    }

    /// <summary>Returns the smallest period of the magnitudes; 0 if none leaves two rows.</summary>
    private static int OutputsOf(ReadOnlySpan<float> values)
    {
        for (var outputs = 1; outputs <= Math.Min(MaxOutputs, values.Length / 2); outputs++)
        {
            if (values.Length % outputs == 0 && Repeats(values, outputs)) { return outputs; }
        }

        return 0;
    }

    private static bool Repeats(ReadOnlySpan<float> values, int outputs)
    {
        for (var i = outputs; i < values.Length; i++)
        {
            if (MathF.Abs(values[i]) != MathF.Abs(values[i - outputs])) { return false; }
        }

        return true;
    }
}
