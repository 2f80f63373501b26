using System.Buffers.Binary;
using System.Numerics.Tensors;

namespace StreamLearn.Learning;

internal sealed record KBitCode(int Bits = 6) : TensorCode
{
    public override bool IsUnbiased => true;

    protected override byte Kind => TensorKind.KBit;

    public override string ToString() => FormattableString.Invariant($"k-bit:{Bits}");

    protected override bool TryRead(ref ReadOnlySpan<byte> bytes, Span<float> values)
    {
        if (bytes.Length < 5 || bytes[0] is < 1 or > 8) { return false; }
        var bits = (int)bytes[0];
        var end = 5 + (long)Levels.BytesOf(values.Length, bits);
        if (bytes.Length < end) { return false; }
        var greatest = BinaryPrimitives.ReadSingleLittleEndian(bytes[1..]);
        Span<float> table = stackalloc float[1 << bits];
        for (var q = 0; q < table.Length; q++) { table[q] = 2 * greatest * (((float)q / (table.Length - 1)) - 0.5f); }
        var levels = new Levels.LevelReader(bytes[5..(int)end], bits);
        for (var i = 0; i < values.Length; i++) { values[i] = table[(int)levels.Take()]; }
        bytes = bytes[(int)end..];
        return levels.IsFilledUp;
    }

    protected override void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Bits, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Bits, 8);
    }

    protected override int MaxContent(int count) => 5 + Levels.BytesOf(count, Bits);

    protected override int Write(ReadOnlySpan<float> values, RandomStream random, Span<byte> bytes)
    {
        var greatest = values.IsEmpty ? 0 : TensorPrimitives.MaxMagnitude(values);
        greatest = MathF.Abs(greatest);
        bytes[0] = (byte)Bits;
        BinaryPrimitives.WriteSingleLittleEndian(bytes[1..], greatest);
        var end = 5 + Levels.BytesOf(values.Length, Bits);
        var levels = new Levels.Writer(bytes[5..end], Bits);
        var top = (1u << Bits) - 1;
        var draws = new Levels.Draws(random);
        var factor = greatest > 0 && float.IsFinite(greatest) ? top / (2 * (double)greatest) : 0;
        foreach (var value in values)
        {
            var number = factor == 0 ? top / 2f : (float)((value + (double)greatest) * factor);
            levels.Put(Math.Min(Levels.Round(number, draws.Next()), top));
        }

        levels.End();
        return end;
    }
}
