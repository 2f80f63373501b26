using System.Buffers.Binary;
using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>A compact, lossy form of float32 values.</summary>
/// <remarks> Self-describing: its kind (a byte), the number of values (4 bytes), then the kind's content; decoding needs no setting. A
/// non-finite value makes values of its part non-finite. Cost: no allocation in steady state. </remarks>
public abstract record TensorCode
{
    internal const int HeadBytes = 1 + 4;

    /// <summary>True if the mean of many codes is the encoded values.</summary>
    public abstract bool IsUnbiased { get; }

    internal virtual bool IsByPart => true;

    private protected abstract TensorKind Kind { get; }

    /// <summary>Returns the maximum bytes of a code.</summary>
    /// <param name="count">Number of values, at least 0.</param>
    public int MaxBytes(int count) => HeadBytes + MaxContent(count);

    /// <summary>Encodes values.</summary>
    /// <param name="values">The values.</param>
    /// <param name="random">Source of random rounding.</param>
    /// <param name="bytes">Receives the code; <see cref="MaxBytes"/> long.</param>
    /// <returns>Bytes written.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is less space.</exception>
    public int Encode(ReadOnlySpan<float> values, RandomStream random, Span<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, MaxBytes(values.Length), nameof(bytes));
        bytes[0] = (byte)Kind;
        BinaryPrimitives.WriteInt32LittleEndian(bytes[1..], values.Length);
        return HeadBytes + Write(values, random, bytes[HeadBytes..]);
    }

    /// <summary>Decodes values.</summary>
    /// <param name="bytes">Starts with the code; advanced past it.</param>
    /// <param name="values">Receives the values.</param>
    /// <returns>False if it is not a code of this number of values.</returns>
    public static bool TryDecode(ref ReadOnlySpan<byte> bytes, Span<float> values)
    {
        if (CountOf(bytes) != values.Length) { return false; }
        var kind = (TensorKind)bytes[0];
        bytes = bytes[HeadBytes..];
        return kind switch
        {
            TensorKind.Exact => TryReadExact(ref bytes, values),
            TensorKind.Sparse => SparseCode.TryRead(ref bytes, values),
            TensorKind.Qsgd => QsgdCode.TryRead(ref bytes, values),
            TensorKind.Ternary => TernaryCode.TryRead(ref bytes, values),
            TensorKind.Sign => SignCode.TryRead(ref bytes, values),
            TensorKind.KBit => KBitCode.TryRead(ref bytes, values),
            _ => false,
        };
    }

    internal static int EncodeExact(ReadOnlySpan<float> values, Span<byte> bytes)
    {
        bytes[0] = (byte)TensorKind.Exact;
        BinaryPrimitives.WriteInt32LittleEndian(bytes[1..], values.Length);
        LittleEndian.Write(values, bytes[HeadBytes..]);
        return HeadBytes + (4 * values.Length);
    }

    internal static int CountOf(ReadOnlySpan<byte> bytes) =>
        bytes.Length < HeadBytes ? -1 : BinaryPrimitives.ReadInt32LittleEndian(bytes[1..]);

    /// <summary>Checks the settings.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of range.</exception>
    public void CheckOptions() => Check();

    private protected abstract void Check();

    private protected abstract int MaxContent(int count);

    private protected abstract int Write(ReadOnlySpan<float> values, RandomStream random, Span<byte> bytes);

    private protected static void CheckShare(double share)
    {
        if (!(share is > 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(share), share, "expected a share of more than 0, at most 1");
        }
    }

    private static bool TryReadExact(ref ReadOnlySpan<byte> bytes, Span<float> values)
    {
        if (bytes.Length / 4 < values.Length) { return false; }
        LittleEndian.Read(bytes[..(4 * values.Length)], values);
        bytes = bytes[(4 * values.Length)..];
        return true;
    }
}

internal enum TensorKind : byte
{
    Exact = 0,
    Sparse = 1,
    Qsgd = 2,
    Ternary = 3,
    Sign = 4,
    KBit = 5,
}
