namespace StreamLearn.Learning.Tests;

public sealed class RangedDeltaTests
{
    private const int RangesAt = 14 + 44;       // the count of values, in a frame of device "d"

    [Theory, InlineData(4096, 4096), InlineData(1 << 24, 4095)]
    public void A_codec_of_one_model_reserves_no_memory_for_more_values_than_that_has(int values, int most)
    {
        var changed = new float[values];
        changed[7] = 1;
        var bytes = Encoded(LearningCodecs.Deltas, Update(changed));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(values <= most, new DeltaCodec(most).TryDecode(new(bytes), new(), out _));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 16);
    }

    [Fact]
    public void A_delta_in_ranges_has_its_golden_bytes() => Assert.Equal(
        "534C4D4C" + "01" + "02" + "0004" + "0100" + "64"
        + "0100000000000000" + "0200000000000000" + "0300000000000000" + "0807060504030201" + "40000000" + "04000000" + "0000C03F"
        + "28000000" + "02000000" + "01000000" + "02000000" + "0000803F" + "00000040" + "27000000" + "01000000" + "00000080",
        Convert.ToHexString(Encoded(LearningCodecs.Deltas, Update(40, (1, 1), (2, 2), (39, -0f))))[..^8]);

    [Fact]
    public void Only_what_learns_travels()
    {
        var network = MaskedNetwork.Lines.Network;
        var sizes = new List<int>();
        foreach (var mask in new[] { TrainableMask.All, TrainableMask.BiasOnly, TrainableMask.HeadOnly })
        {
            var values = new float[network.Plan.Values];
            foreach (var slice in network.Masked(mask).Plan.Slices.Where(s => s.Kind == SliceKind.Trained))
            {
                slice.Of(values.AsSpan()).Fill(1);
            }
            var update = Update(values);
            sizes.Add(Encoded(LearningCodecs.Deltas, update).Length);
            Assert.Equal(values, Same(LearningCodecs.Deltas, update)!.Values);
        }

        Assert.Equal(62 + (4 * network.Plan.Values), sizes[0] - 1);
        Assert.InRange(sizes[1], 62, sizes[0] / 4);
        Assert.InRange(sizes[2], 62, sizes[0] / 2);
    }

    [Fact]
    public void Any_values_come_back_as_they_went()
    {
        var random = new RandomStream(3, "ranges");
        for (var length = 0; length < 200; length++)
        {
            var values = new float[length];
            for (int at = random.NextInt32(40), left = 3; at < length && left > 0; at += 1 + random.NextInt32(30), left--)
            {
                values[at] = left == 1 ? -0f : float.NaN;
            }
            var update = Update(values);
            Assert.True(SameBits(values, Same(LearningCodecs.Deltas, update)!.Values));
            Assert.InRange(Encoded(LearningCodecs.Deltas, update).Length, 0, 63 + (4 * length));
        }
    }

    [Fact]
    public void Damage_is_refused()
    {
        var update = Update(40, (1, 1), (2, 2), (39, 3));
        var bytes = Encoded(LearningCodecs.Deltas, update);
        Refuses(LearningCodecs.Deltas, update);
        foreach (var (at, value) in new[]
        {
            (0, -1), (0, 39), (0, 1 << 25), (0, int.MaxValue),              // values in all
            (4, -1), (4, 1), (4, 3), (4, int.MaxValue),                     // ranges
            (8, -1), (8, 38), (8, int.MaxValue), (12, 0), (12, 3), (12, -1),
            (24, 2), (24, -5), (24, 40), (28, 0), (28, 2),
        })
        {
            Assert.False(Decodes(LearningCodecs.Deltas, Forged(bytes, RangesAt - 3 + at, BitConverter.GetBytes(value))), $"{at} {value}");
        }
    }
}
