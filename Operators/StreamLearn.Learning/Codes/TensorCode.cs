using System.Buffers.Binary;
using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>A form of float32 values that takes fewer bytes, and loses some precision for it.</summary>
/// <remarks>
/// A code says what it is: its kind (a byte), how many values it stands for (4 bytes), then what the kind needs. Whoever decodes needs no
/// setting. A value that is not finite makes values of its part that are not finite either. Cost: no allocation in steady state.
/// </remarks>
public abstract record TensorCode
{
    internal const int HeadBytes = 1 + 4;

    /// <summary>True: the mean of many codes of the same values is these values.</summary>
    public abstract bool IsUnbiased { get; }

    /// <summary>True: each part of a model has a code of its own; false: parts side by side have one.</summary>
    internal virtual bool IsByPart => true;

    private protected abstract TensorKind Kind { get; }

    /// <summary>The bytes of a code at most.</summary>
    /// <param name="count">How many values, 0 or more.</param>
    public int MaxBytes(int count) => HeadBytes + MaxContent(count);

    /// <summary>Writes values as a code.</summary>
    /// <param name="values">The values.</param>
    /// <param name="random">Where codes that round at random draw from.</param>
    /// <param name="bytes">Receives the code, <see cref="MaxBytes"/>.</param>
    /// <returns>How many bytes were written.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is less space.</exception>
    public int Encode(ReadOnlySpan<float> values, RandomStream random, Span<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, MaxBytes(values.Length), nameof(bytes));
        bytes[0] = (byte)Kind;
        BinaryPrimitives.WriteInt32LittleEndian(bytes[1..], values.Length);
        return HeadBytes + Write(values, random, bytes[HeadBytes..]);
    }

    /// <summary>Reads the values of a code.</summary>
    /// <param name="bytes">Begins with the code; moves behind it.</param>
    /// <param name="values">Receives the values.</param>
    /// <returns>False if these bytes are no code of so many values.</returns>
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

    /// <summary>Writes values as they are.</summary>
    internal static int EncodeExact(ReadOnlySpan<float> values, Span<byte> bytes)
    {
        bytes[0] = (byte)TensorKind.Exact;
        BinaryPrimitives.WriteInt32LittleEndian(bytes[1..], values.Length);
        LittleEndian.Write(values, bytes[HeadBytes..]);
        return HeadBytes + (4 * values.Length);
    }

    /// <summary>How many values a code stands for; below 0 if the bytes are none.</summary>
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

/// <summary>How a code is written.</summary>
internal enum TensorKind : byte
{
    Exact = 0,
    Sparse = 1,
    Qsgd = 2,
    Ternary = 3,
    Sign = 4,
    KBit = 5,
}
