namespace StreamLearn.Learning.Tests;

/// <summary>What changes of windows keep, and what they change.</summary>
public sealed class AugmentationTests
{
    private static readonly Shape Shape = new(3, 50);
    public static TheoryData<Augmentation> All =>
        [Augmentation.Jitter(), Augmentation.Scaling(), Augmentation.Rotation(), Augmentation.TimeWarp(), Augmentation.Crop()];

    [Theory, MemberData(nameof(All))]
    public void A_row_is_changed_a_little_and_the_same_for_the_same_seed(Augmentation augmentation)
    {
        var (first, again, other) = (Changed(augmentation, 1), Changed(augmentation, 1), Changed(augmentation, 2));
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
        Assert.NotEqual(Row(), first);
        Assert.InRange(Row().Zip(first, static (a, b) => Math.Abs(a - b)).Average(), 0.001, 0.6);
    }

    [Fact]
    public void A_rotation_keeps_lengths_and_angles_and_a_whole_turn_of_zero_keeps_all()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var (row, turned) = (Row(), Changed(Augmentation.Rotation(180), seed));
            for (var s = 0; s < Shape.Samples; s++) { Assert.Equal(Length(row, s), Length(turned, s), 1e-4); }
            Assert.Equal(Dot(row, 3, 17), Dot(turned, 3, 17), 1e-3);
        }
    }

    [Fact]
    public void A_window_that_is_constant_stays_so_in_time_and_its_ends_stay_in_place()
    {
        foreach (var augmentation in new Augmentation[] { Augmentation.TimeWarp(0.9), Augmentation.Crop(0.1) })
        {
            var row = Enumerable.Repeat(2.5f, Shape.Size).ToArray();
            augmentation.Apply(row, Shape, [1, 1, 1], new(3, "augment"), new float[Shape.Size]);
            Assert.All(row, static v => Assert.Equal(2.5f, v));
        }

        var warped = Changed(Augmentation.TimeWarp(0.9), 5);
        Assert.Equal((Row()[0], Row()[49]), (warped[0], warped[49]));
        var ramp = Enumerable.Range(0, Shape.Size).Select(static i => (float)(i % 50)).ToArray();
        Augmentation.TimeWarp(0.9).Apply(ramp, Shape, [1, 1, 1], new(3, "augment"), new float[Shape.Size]);
        Assert.Equal(ramp.Take(50).Order(), ramp.Take(50));      // time never runs backwards
    }

    [Fact]
    public void Noise_has_the_share_of_each_channel_and_factors_have_their_deviation()
    {
        var shape = new Shape(2, 20_000);
        var row = new float[shape.Size];
        Augmentation.Jitter(0.1).Apply(row, shape, [1, 10], new(1, "noise"), new float[shape.Size]);
        Assert.Equal(0.1, Deviation(row[..20_000]), 0.005);
        Assert.Equal(1, Deviation(row[20_000..]), 0.05);
        var ones = Enumerable.Repeat(1f, 20_000).ToArray();
        Augmentation.Scaling(0.2).Apply(ones, new(20_000, 1), [1], new(1, "factors"), new float[20_000]);
        Assert.Equal(0.2, Deviation(ones), 0.01);
    }

    private static double Deviation(float[] values)
    {
        var mean = values.Average();
        return Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));
    }

    private static double Length(float[] row, int sample) => Math.Sqrt(Dot(row, sample, sample));

    private static double Dot(float[] row, int a, int b) =>
        Enumerable.Range(0, 3).Sum(c => (double)row[(c * Shape.Samples) + a] * row[(c * Shape.Samples) + b]);

    private static float[] Row() => [.. Enumerable.Range(0, Shape.Size).Select(static i => (float)Math.Sin((i % 50 * 0.2) + (i / 50)))];

    private static float[] Changed(Augmentation augmentation, int seed)
    {
        var row = Row();
        augmentation.Apply(row, Shape, [0.7f, 0.7f, 0.7f], new(seed, "augment"), new float[Shape.Size]);
        return row;
    }
}
