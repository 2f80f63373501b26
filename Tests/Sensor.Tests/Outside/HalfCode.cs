using System.Buffers.Binary;

namespace Sensor.Tests;

/// <summary>A code by somebody else: two bytes a value.</summary>
public sealed record HalfCode : TensorCode
{
    public override bool IsUnbiased => false;

    protected override byte Kind => 200;

    public override string ToString() => "half";

    protected override int MaxContent(int count) => 2 * count;

    protected override int Write(ReadOnlySpan<float> values, RandomStream random, Span<byte> bytes)
    {
        for (var i = 0; i < values.Length; i++) { BinaryPrimitives.WriteHalfLittleEndian(bytes[(2 * i)..], (Half)values[i]); }
        return 2 * values.Length;
    }

    protected override bool TryRead(ref ReadOnlySpan<byte> bytes, Span<float> values)
    {
        if (bytes.Length < 2 * values.Length) { return false; }
        for (var i = 0; i < values.Length; i++) { values[i] = (float)BinaryPrimitives.ReadHalfLittleEndian(bytes[(2 * i)..]); }
        bytes = bytes[(2 * values.Length)..];
        return true;
    }
}
