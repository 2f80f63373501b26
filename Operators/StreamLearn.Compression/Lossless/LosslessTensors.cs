using System.Buffers;
using System.Runtime.InteropServices;

namespace StreamLearn.Compression;

/// <summary>Lossless compression of float32 values.</summary>
/// <remarks>Groups bytes by significance and Huffman-codes them, unless the plain bytes are shorter. Stores only the difference from a
/// previous version, or only nonzero values, if that is shorter. Both sides know the count and the previous version.</remarks>
public static class LosslessTensors
{
    /// <summary>Returns the maximum number of bytes that <see cref="Encode"/> writes.</summary>
    public static int MaxBytes(int count) => LosslessWords.MaxBytes<uint>(count);

    /// <summary>Writes values; returns the number of bytes written.</summary>
    /// <param name="values">Any bit patterns, including NaN.</param>
    /// <param name="before">The previous version, of equal length; empty: none.</param>
    /// <param name="buffer">The output.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static int Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> before, IBufferWriter<byte> buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        if (!before.IsEmpty && before.Length != values.Length)
        {
            throw new ArgumentException($"expected {values.Length} values of the previous version, got {before.Length}", nameof(before));
        }

        var written = LosslessWords.Encode(
            MemoryMarshal.Cast<float, uint>(values), MemoryMarshal.Cast<float, uint>(before), buffer.GetSpan(MaxBytes(values.Length)));
        buffer.Advance(written);
        return written;
    }

    /// <summary>Reads values; returns false if the bytes do not decode to this number of values.</summary>
    /// <param name="bytes">All encoded bytes.</param>
    /// <param name="before">The previous version, as for encoding.</param>
    /// <param name="values">Receives the values.</param>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, ReadOnlySpan<float> before, Span<float> values) =>
        LosslessWords.TryDecode(bytes, MemoryMarshal.Cast<float, uint>(before), MemoryMarshal.Cast<float, uint>(values));
}
