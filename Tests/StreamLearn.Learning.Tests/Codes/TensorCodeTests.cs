namespace StreamLearn.Learning.Tests;

/// <summary>Codes as pure functions of values and a random stream.</summary>
public sealed class TensorCodeTests
{
    private static readonly TensorCode[] All =
        [TensorCode.Qsgd(), TensorCode.Qsgd(2, 7), TensorCode.Qsgd(8), TensorCode.Ternary(), TensorCode.Sign(), TensorCode.KBit(),
            TensorCode.KBit(1), TensorCode.TopK(), TensorCode.TopK(0.5), TensorCode.RandomK(), TensorCode.RandomK(0.1, isScaled: true)];

    public static TheoryData<TensorCode> Codes => [.. All];

    [Theory, MemberData(nameof(Codes))]
    public void A_code_of_any_length_is_read_and_nothing_else_is(TensorCode code)
    {
        foreach (var length in new[] { 0, 1, 2, 5, 16, 17, 100, 513, 5000 })
        {
            var values = Values(length, seed: length);
            var bytes = Encoded(code, values, seed: 1);
            var decoded = new float[length];
            Assert.True(Reads(bytes, decoded));
            Assert.InRange(bytes.Length, 5, code.MaxBytes(length));
            Assert.False(Reads([.. bytes], new float[length + 1]));
            for (var cut = 0; cut < bytes.Length; cut += 1 + (length / 100))
            {
                Assert.False(Reads(bytes.AsSpan(0, cut), new float[length]));
            }
        }
    }

    /// <summary>As the scale of a model in an update, whose changes are 0. −0 and what is not a number stay.</summary>
    [Fact]
    public void Exact_values_that_are_mostly_0_take_few_bytes_and_have_the_same_bits()
    {
        foreach (var (values, most) in new (float[] Values, int Bytes)[]
            {
                (new float[120], 13), ([.. new float[60], -0f, float.NaN, 2, .. new float[60]], 28), ([0, 1, 2, 3], 21), ([0], 9), ([], 5),
            })
        {
            var bytes = new byte[TensorCode.HeadBytes + (4 * values.Length)];
            var written = TensorCode.EncodeExact(values, bytes);
            var decoded = Enumerable.Repeat(7f, values.Length).ToArray();
            Assert.Equal(most, written);
            Assert.True(Reads(bytes.AsSpan(0, written), decoded));
            Assert.Equal(values.Select(BitConverter.SingleToInt32Bits), decoded.Select(BitConverter.SingleToInt32Bits));
        }
    }

    [Theory, MemberData(nameof(Codes))]
    public void Bytes_that_are_no_code_never_throw(TensorCode code)
    {
        var random = new RandomStream(2, "noise");
        var bytes = Encoded(code, Values(100, seed: 3), seed: 1);
        for (var round = 0; round < 3000; round++)
        {
            var wrong = bytes.ToArray();
            for (var hits = 1 + random.NextInt32(4); hits > 0; hits--)
            {
                wrong[random.NextInt32(wrong.Length)] = (byte)random.NextInt32(256);
            }
            ReadOnlySpan<byte> rest = wrong;
            TensorCode.TryDecode(ref rest, new float[100]);
        }

        Assert.False(Reads([9, 0, 0, 0, 0], []));
    }

    /// <summary>A code that sends what it draws may leave it out; every other one shows it.</summary>
    [Theory, MemberData(nameof(Codes))]
    public void A_value_that_is_not_finite_shows(TensorCode code)
    {
        foreach (var wrong in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            var values = Values(64, seed: 4);
            values[40] = wrong;
            var decoded = new float[64];
            Assert.True(Reads(Encoded(code, values, seed: 1), decoded));
            Assert.True(code is RandomKCode || decoded.Any(static v => !float.IsFinite(v)));
        }
    }

    /// <summary>The mean of n draws is off by about the deviation of one over √n: four of those, and 1 % of the greatest value.</summary>
    [Theory, MemberData(nameof(Codes))]
    public void AT_8f_and_8d_The_mean_of_ten_thousand_codes_is_the_value(TensorCode code)
    {
        if (!code.IsUnbiased)
        {
            Assert.True(code is SignCode or TopKCode or RandomKCode { IsScaled: false });
            return;
        }

        const int Draws = 10_000, Length = 24;
        if (code is TernaryCode) { code = TensorCode.Ternary(float.PositiveInfinity); }
        var (values, random) = (Values(Length, seed: 5), new RandomStream(6, "draws"));
        var (sums, squares) = (new double[Length], new double[Length]);
        var (bytes, decoded) = (new byte[code.MaxBytes(Length)], new float[Length]);
        for (var draw = 0; draw < Draws; draw++)
        {
            code.Encode(values, random, bytes);
            ReadOnlySpan<byte> rest = bytes;
            Assert.True(TensorCode.TryDecode(ref rest, decoded));
            for (var i = 0; i < Length; i++)
            {
                (sums[i], squares[i]) = (sums[i] + decoded[i], squares[i] + ((double)decoded[i] * decoded[i]));
            }
        }

        for (var i = 0; i < Length; i++)
        {
            var mean = sums[i] / Draws;
            var deviation = Math.Sqrt(Math.Max(0, (squares[i] / Draws) - (mean * mean)));
            Assert.Equal(values[i], mean, (4.5 * deviation / Math.Sqrt(Draws)) + 1e-6);
            if (code is KBitCode { Bits: 6 }) { Assert.Equal(values[i], mean, 0.01 * values.Max(Math.Abs)); }
        }
    }

    /// <summary>The greatest are the greatest of all, whatever the sample says: values with the great ones together, equal ones,
    /// zeros.</summary>
    [Theory, InlineData(0.001), InlineData(0.01), InlineData(0.4)]
    public void Top_k_takes_exactly_the_greatest(double share)
    {
        var random = new RandomStream(8, "shapes");
        float[][] shapes =
        [
            Values(20_011, seed: 7),
            [.. Enumerable.Range(0, 20_000).Select(i => i < 500 ? 1000f + i : random.NextInt32(3))],
            [.. Enumerable.Range(0, 20_000).Select(static i => i % 4 == 0 ? 1f : -1f)],
            [.. Enumerable.Range(0, 20_000).Select(static i => i == 77 ? -3f : 0)],
            [.. Enumerable.Range(0, 20_000).Select(static i => (float)i)],
        ];
        foreach (var values in shapes)
        {
            var count = (int)Math.Round(share * values.Length);
            var expected = new float[values.Length];
            var places = Enumerable.Range(0, values.Length).OrderByDescending(i => Math.Abs(values[i])).ThenBy(static i => i);
            foreach (var place in places.Take(count)) { expected[place] = values[place]; }
            var decoded = new float[values.Length];
            Assert.True(Reads(Encoded(TensorCode.TopK(share), values, seed: 1), decoded));
            Assert.Equal(expected, decoded);
        }
    }

    /// <summary>By hand: 7 levels of a norm of 5, a scale of 2, a mean magnitude of 1.5.</summary>
    [Fact]
    public void Values_that_are_levels_are_exact()
    {
        Assert.Equal([3, -4f], Decoded(TensorCode.Qsgd(8, 2), [3, -4], within: 5f / 127));
        Assert.Equal([2, 0, -2, 2], Decoded(TensorCode.Ternary(float.PositiveInfinity), [2, 0, -2, 2]));
        Assert.Equal([1.5f, -1.5f, 1.5f, -1.5f], Decoded(TensorCode.Sign(), [3, -2, 0, -1]));
        Assert.Equal([7, -7, -7, 7, 7], Decoded(TensorCode.KBit(1), [7, -7, -7, 7, 7]));
        Assert.Equal([0, -9, 0, 8], Decoded(TensorCode.TopK(0.5), [1, -9, 2, 8]));
    }

    [Fact]
    public void The_bytes_are_those_of_the_specification()
    {
        const int Count = 100_000;
        double Ratio(TensorCode code) => 4.0 * Count / Encoded(code, Values(Count, seed: 9), seed: 2).Length;
        Assert.InRange(Ratio(TensorCode.Qsgd()), 7, 8);
        Assert.InRange(Ratio(TensorCode.Ternary()), 19, 20);
        Assert.InRange(Ratio(TensorCode.Sign()), 31, 32);
        Assert.InRange(Ratio(TensorCode.KBit()), 5, 5.34);
        Assert.InRange(Ratio(TensorCode.TopK()), 70, 80);
    }

    [Theory, MemberData(nameof(Codes))]
    public void Codes_allocate_nothing(TensorCode code)
    {
        var (values, random) = (Values(20_000, seed: 10), new RandomStream(1, "draws"));
        var (bytes, decoded) = (new byte[code.MaxBytes(values.Length)], new float[values.Length]);
        void Once()
        {
            code.Encode(values, random, bytes);
            ReadOnlySpan<byte> rest = bytes;
            TensorCode.TryDecode(ref rest, decoded);
        }

        Once();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10; i++) { Once(); }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData("top-k:0.01", true), InlineData("random-k:1", true), InlineData("qsgd:4", true)]
    [InlineData("ternary", true), InlineData("sign", true), InlineData("k-bit:6", true)]
    [InlineData("top-k", false), InlineData("top-k:0", false), InlineData("top-k:NaN", false)]
    [InlineData("qsgd:1", false), InlineData("k-bit:9", false), InlineData("sign:1", false)]
    [InlineData("", false)]
    public void A_code_has_the_name_that_it_is_found_by(string text, bool isKnown) =>
        Assert.Equal(isKnown ? text : null, TensorCodes.TryParse(text)?.ToString());

    internal static float[] Values(int length, long seed)
    {
        var random = new RandomStream(seed, "values");
        return [.. Enumerable.Range(0, length).Select(_ => (float)random.NextGaussian())];
    }

    private static byte[] Encoded(TensorCode code, float[] values, long seed)
    {
        var bytes = new byte[code.MaxBytes(values.Length)];
        return bytes[..code.Encode(values, new RandomStream(seed, "draws"), bytes)];
    }

    private static float[] Decoded(TensorCode code, float[] values, float within = 0)
    {
        var decoded = new float[values.Length];
        Assert.True(Reads(Encoded(code, values, seed: 3), decoded));
        return within == 0 ? decoded : [.. decoded.Zip(values, (d, v) => Math.Abs(d - v) <= within ? v : d)];
    }

    private static bool Reads(ReadOnlySpan<byte> bytes, Span<float> values) => TensorCode.TryDecode(ref bytes, values) && bytes.IsEmpty;
}
