using System.Buffers;
using System.Runtime.InteropServices;

namespace StreamLearn.Compression;

/// <summary>Float32 values in fewer bytes, bit for bit.</summary>
/// <remarks>
/// The bytes of the values stand by their significance, each in a Huffman code; bytes that a code does not make shorter stay as they are.
/// Of a version before only the difference is kept where that is shorter; of values that are mostly 0 only the others are. Both sides know
/// the number of values, and the same version before.
/// </remarks>
public static class LosslessTensors
{
    /// <summary>Bytes that <see cref="Encode"/> writes at most.</summary>
    /// <param name="count">How many values.</param>
    public static int MaxBytes(int count) => LosslessWords.MaxBytes<uint>(count);

    /// <summary>Writes values; returns how many bytes that took.</summary>
    /// <param name="values">The values; any bits, those of NaN too.</param>
    /// <param name="before">The values of a version before, as many; empty: there is none.</param>
    /// <param name="buffer">Where they go.</param>
    /// <exception cref="ArgumentException">The version before has another number of values.</exception>
    public static int Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> before, IBufferWriter<byte> buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        if (!before.IsEmpty && before.Length != values.Length)
        {
            throw new ArgumentException($"expected {values.Length} values of the version before, got {before.Length}", nameof(before));
        }

        var written = LosslessWords.Encode(
            MemoryMarshal.Cast<float, uint>(values), MemoryMarshal.Cast<float, uint>(before), buffer.GetSpan(MaxBytes(values.Length)));
        buffer.Advance(written);
        return written;
    }

    /// <summary>Reads values; false if these bytes are not those of so many values.</summary>
    /// <param name="bytes">All bytes that were written.</param>
    /// <param name="before">The values of the version before, as when they were written.</param>
    /// <param name="values">Receives the values.</param>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, ReadOnlySpan<float> before, Span<float> values) =>
        LosslessWords.TryDecode(bytes, MemoryMarshal.Cast<float, uint>(before), MemoryMarshal.Cast<float, uint>(values));
}
