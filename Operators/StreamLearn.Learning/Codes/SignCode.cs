using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Learning;

internal sealed record SignCode : TensorCode
{
    public override bool IsUnbiased => false;

    protected override byte Kind => TensorKind.Sign;

    public override string ToString() => "sign";

    protected override bool TryRead(ref ReadOnlySpan<byte> bytes, Span<float> values)
    {
        var end = 4 + Levels.BytesOf(values.Length, 1);
        if (bytes.Length < end) { return false; }
        var scale = BitConverter.SingleToInt32Bits(BinaryPrimitives.ReadSingleLittleEndian(bytes));
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = BitConverter.Int32BitsToSingle(scale ^ (((bytes[4 + (i >> 3)] >> (i & 7)) & 1) << 31));
        }

        var rest = values.Length & 7;
        var isFilledUp = rest == 0 || bytes[end - 1] >> rest == 0;
        bytes = bytes[end..];
        return isFilledUp;
    }

    protected override int MaxContent(int count) => 4 + Levels.BytesOf(count, 1);

    protected override int Write(ReadOnlySpan<float> values, RandomStream random, Span<byte> bytes)
    {
        var sum = 0.0;
        foreach (var value in values) { sum += Math.Abs(value); }
        BinaryPrimitives.WriteSingleLittleEndian(bytes, values.IsEmpty ? 0 : (float)(sum / values.Length));
        var (i, to) = (0, 4);
        ref var first = ref MemoryMarshal.GetReference(values);
        for (; i + Vector512<float>.Count <= values.Length; i += Vector512<float>.Count, to += 2)
        {
            // compares, because the sign bit of −0 is set although −0 is 0
            var negative = Vector512.LessThan(Vector512.LoadUnsafe(ref first, (nuint)i), Vector512<float>.Zero);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes[to..], (ushort)negative.ExtractMostSignificantBits());
        }

        var levels = new Levels.Writer(bytes[to..(4 + Levels.BytesOf(values.Length, 1))], 1);
        for (; i < values.Length; i++) { levels.Put(values[i] < 0 ? 1u : 0); }
        levels.End();
        return 4 + Levels.BytesOf(values.Length, 1);
    }
}
