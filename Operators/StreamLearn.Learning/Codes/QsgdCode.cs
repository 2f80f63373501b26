using System.Buffers.Binary;

namespace StreamLearn.Learning;

internal sealed record QsgdCode(int Bits = 4, int Bucket = 512) : TensorCode
{
    public override bool IsUnbiased => true;

    public override bool IsByPart => false;

    protected override byte Kind => TensorKind.Qsgd;

    public override string ToString() => FormattableString.Invariant($"qsgd:{Bits}");

    protected override bool TryRead(ref ReadOnlySpan<byte> bytes, Span<float> values)
    {
        if (bytes.Length < 3) { return false; }
        var (bits, bucket) = ((int)bytes[0], BinaryPrimitives.ReadUInt16LittleEndian(bytes[1..]));
        bytes = bytes[3..];
        if (bits is < 2 or > 8 || bucket == 0) { return false; }
        var sign = 1u << (bits - 1);
        for (var at = 0; at < values.Length; at += bucket)
        {
            var part = values.Slice(at, Math.Min(bucket, values.Length - at));
            var size = 4 + Levels.BytesOf(part.Length, bits);
            if (bytes.Length < size) { return false; }
            var step = BinaryPrimitives.ReadSingleLittleEndian(bytes) / (sign - 1);
            var levels = new Levels.LevelReader(bytes[4..size], bits);
            for (var i = 0; i < part.Length; i++)
            {
                var level = levels.Take();
                var value = step * (level & (sign - 1));
                part[i] = (level & sign) == 0 ? value : -value;
            }

            if (!levels.IsFilledUp) { return false; }
            bytes = bytes[size..];
        }

        return true;
    }

    protected override void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Bits, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Bits, 8);
        ArgumentOutOfRangeException.ThrowIfLessThan(Bucket, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Bucket, ushort.MaxValue);
    }

    protected override int MaxContent(int count) =>
        checked(3 + (count / Bucket * (4 + Levels.BytesOf(Bucket, Bits))) + 4 + Levels.BytesOf(count % Bucket, Bits));

    protected override int Write(ReadOnlySpan<float> values, RandomStream random, Span<byte> bytes)
    {
        bytes[0] = (byte)Bits;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[1..], (ushort)Bucket);
        var (sign, to) = (1u << (Bits - 1), 3);
        var draws = new Levels.Draws(random);
        for (var at = 0; at < values.Length; at += Bucket)
        {
            var part = values.Slice(at, Math.Min(Bucket, values.Length - at));
            var norm = (float)Math.Sqrt(Sums.OfSquares(part).Squares);
            var factor = norm > 0 && float.IsFinite(norm) ? (sign - 1) / norm : 0;
            BinaryPrimitives.WriteSingleLittleEndian(bytes[to..], norm);
            var end = to + 4 + Levels.BytesOf(part.Length, Bits);
            var levels = new Levels.Writer(bytes[(to + 4)..end], Bits);
            foreach (var value in part)
            {
                var level = Math.Min(Levels.Round(MathF.Abs(value) * factor, draws.Next()), sign - 1);
                levels.Put(value < 0 ? level | sign : level);
            }

            levels.End();
            to = end;
        }

        return to;
    }
}
