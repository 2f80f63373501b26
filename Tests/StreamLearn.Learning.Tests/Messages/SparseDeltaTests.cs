namespace StreamLearn.Learning.Tests;

/// <summary>Updates of which few values, at scattered places, are not zero.</summary>
public sealed class SparseDeltaTests
{
    private const int ValuesAt = 15 + 44;       // in a frame of device "d"

    [Fact]
    public void A_sparse_delta_has_its_golden_bytes() => Assert.Equal(
        "534C4D4C" + "02" + "02" + "0000" + "00000200" + "0100" + "64"
        + "0100000000000000" + "0200000000000000" + "0300000000000000" + "0807060504030201" + "40000000" + "04000000" + "0000C03F"
        + "2C010000" + "04000000" + "05000000" + "01" + "06" + "04" + "9002"      // 300 values, 4 given; gaps 1, 6, 4 and 272
        + "0000803F" + "00000040" + "00004040" + "00000080",
        Convert.ToHexString(Encoded(LearningCodecs.Deltas, Update(300, (1, 1), (8, 2), (13, 3), (286, -0f))))[..^8]);

    [Fact]
    public void Flags_stand_in_one_place_of_the_wide_header()
    {
        var update = Update(300, (1, 1), (8, 2)) with { Leaving = true, RoundTime = TimeSpan.FromSeconds(1) };
        var bytes = Encoded(LearningCodecs.Deltas, update);
        Assert.Equal("02" + "02" + "0000" + "12000200", Convert.ToHexString(bytes[4..12]));
        Assert.True(Same(LearningCodecs.Deltas, update) is { Leaving: true });
        Assert.False(Decodes(LearningCodecs.Deltas, Forged(bytes, 6, 0x12)));           // in both
        Assert.False(Decodes(LearningCodecs.Deltas, Forged(bytes, 10, 0)));             // a wide header that needs none
    }

    [Fact]
    public void Any_values_come_back_as_they_went_in_no_more_bytes_than_all_of_them()
    {
        var (random, sparse) = (new RandomStream(3, "sparse"), 0);
        for (var length = 0; length < 400; length++)
        {
            var (values, share) = (new float[length], random.NextDouble());
            for (var at = 0; at < length; at++)
            {
                if (random.NextDouble() < share) { values[at] = random.NextInt32(9) == 0 ? float.NaN : (float)random.NextGaussian(); }
            }
            var update = Update(values);
            var bytes = Encoded(LearningCodecs.Deltas, update);
            Assert.True(SameBits(values, Same(LearningCodecs.Deltas, update)!.Values));
            Assert.InRange(bytes.Length, 0, 63 + (4 * length));
            sparse += bytes[10] == 2 ? 1 : 0;
        }

        Assert.InRange(sparse, 100, 300);
    }

    [Theory, InlineData(0.02, 0.11), InlineData(0.2, 0.27), InlineData(0.45, 0.60)]
    public void A_share_of_the_values_takes_little_more_than_that_share_of_the_bytes(double share, double most)
    {
        const int Values = 10_000;
        var random = new RandomStream(4, "share");
        var values = new float[Values];
        foreach (ref var value in values.AsSpan()) { value = random.NextDouble() < share ? 1 : 0; }
        Assert.InRange(Encoded(LearningCodecs.Deltas, Update(values)).Length, 0, (4 * Values * most) + 100);
    }

    [Fact]
    public void Damage_is_refused()
    {
        var update = Update(300, (1, 1), (8, 2), (13, 3), (286, 4));
        var bytes = Encoded(LearningCodecs.Deltas, update);
        Refuses(LearningCodecs.Deltas, update);
        foreach (var (at, value) in new[]
        {
            (0, -1), (0, 286), (0, 1 << 25), (0, int.MaxValue),             // values in all
            (4, -1), (4, 3), (4, 5), (4, int.MaxValue),                     // given
            (8, -1), (8, 4), (8, 6), (8, int.MaxValue),                     // bytes of gaps
            (17, 0),                                                        // a value that is zero
        })
        {
            Assert.False(Decodes(LearningCodecs.Deltas, Forged(bytes, ValuesAt + at, BitConverter.GetBytes(value))), $"{at} {value}");
        }

        byte[] Gap(params byte[] gap) => Forged(bytes, ValuesAt + 12 + 3, gap);
        Assert.True(Decodes(LearningCodecs.Deltas, Gap(0x90, 0x02)));
        Assert.False(Decodes(LearningCodecs.Deltas, Gap(0x90, 0x00)));      // not the fewest bytes
        Assert.False(Decodes(LearningCodecs.Deltas, Gap(0x90, 0x82)));      // has no end
        Assert.False(Decodes(LearningCodecs.Deltas, Gap(0x9e, 0x02)));      // beyond the values
    }
}
