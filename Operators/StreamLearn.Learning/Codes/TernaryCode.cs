using System.Buffers.Binary;

namespace StreamLearn.Learning;

internal sealed record TernaryCode(float Clip = 2.5f) : TensorCode
{
    private const int ValuesOfByte = 5, Most = 3 * 3 * 3 * 3 * 3;

    public override bool IsUnbiased => true;

    protected override byte Kind => TensorKind.Ternary;

    public override string ToString() => "ternary";

    protected override bool TryRead(ref ReadOnlySpan<byte> bytes, Span<float> values)
    {
        var end = 4 + BytesOf(values.Length);
        if (bytes.Length < end) { return false; }
        var scale = BinaryPrimitives.ReadSingleLittleEndian(bytes);
        ReadOnlySpan<float> table = [0 * scale, scale, -scale];
        for (var i = 0; i < values.Length; i += ValuesOfByte)
        {
            var five = bytes[4 + (i / ValuesOfByte)];
            if (five >= Most) { return false; }
            foreach (ref var value in values.Slice(i, Math.Min(ValuesOfByte, values.Length - i)))
            {
                value = table[five % 3];
                five /= 3;
            }

            if (i + ValuesOfByte > values.Length && five != 0) { return false; }
        }

        bytes = bytes[end..];
        return true;
    }

    protected override void Check()
    {
        if (!(Clip > 0)) { throw new ArgumentOutOfRangeException(nameof(Clip), Clip, "expected more than 0 standard deviations"); }
    }

    protected override int MaxContent(int count) => 4 + BytesOf(count);

    protected override int Write(ReadOnlySpan<float> values, RandomStream random, Span<byte> bytes)
    {
        var scale = ScaleOf(values);
        BinaryPrimitives.WriteSingleLittleEndian(bytes, scale);
        var factor = scale > 0 && float.IsFinite(scale) ? 1 / scale : 0;
        var draws = new Levels.Draws(random);
        for (var i = 0; i < values.Length; i += ValuesOfByte)
        {
            var (five, place) = (0u, 1u);
            foreach (var value in values.Slice(i, Math.Min(ValuesOfByte, values.Length - i)))
            {
                // 1: s, 2: −s
                var isThere = Math.Min(Levels.Round(Math.Min(MathF.Abs(value) * factor, 1), draws.Next()), 1);
                five += place * (value < 0 ? 2 * isThere : isThere);
                place *= 3;
            }

            bytes[4 + (i / ValuesOfByte)] = (byte)five;
        }

        return 4 + BytesOf(values.Length);
    }

    private float ScaleOf(ReadOnlySpan<float> values)
    {
        var greatest = 0f;
        foreach (var value in values) { greatest = MathF.Max(greatest, MathF.Abs(value)); }      // NaN wins
        if (!float.IsFinite(greatest) || float.IsPositiveInfinity(Clip)) { return greatest; }
        var (sum, squares) = (Sums.Of(values), Sums.OfSquares(values).Squares);
        var mean = sum / Math.Max(1, values.Length);
        var deviation = Math.Sqrt(Math.Max(0, (squares / Math.Max(1, values.Length)) - (mean * mean)));
        return deviation > 0 ? MathF.Min(greatest, (float)(Clip * deviation)) : greatest;
    }

    private static int BytesOf(int count) => (int)((count + (long)ValuesOfByte - 1) / ValuesOfByte);
}
