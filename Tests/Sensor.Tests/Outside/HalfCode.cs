using System.Buffers.Binary;
using StreamLearn;
using StreamLearn.Learning;

namespace Sensor.Tests;

/// <summary>A code by somebody else: two bytes a value.</summary>
public sealed record HalfCode : TensorCode
{
    /// <inheritdoc />
    public override bool IsUnbiased => false;

    /// <inheritdoc />
    protected override byte Kind => 200;

    /// <inheritdoc />
    public override string ToString() => "half";

    /// <inheritdoc />
    protected override int MaxContent(int count) => 2 * count;

    /// <inheritdoc />
    protected override int Write(ReadOnlySpan<float> values, RandomStream random, Span<byte> bytes)
    {
        for (var i = 0; i < values.Length; i++) { BinaryPrimitives.WriteHalfLittleEndian(bytes[(2 * i)..], (Half)values[i]); }
        return 2 * values.Length;
    }

    /// <inheritdoc />
    protected override bool TryRead(ref ReadOnlySpan<byte> bytes, Span<float> values)
    {
        if (bytes.Length < 2 * values.Length) { return false; }
        for (var i = 0; i < values.Length; i++) { values[i] = (float)BinaryPrimitives.ReadHalfLittleEndian(bytes[(2 * i)..]); }
        bytes = bytes[(2 * values.Length)..];
        return true;
    }
}
