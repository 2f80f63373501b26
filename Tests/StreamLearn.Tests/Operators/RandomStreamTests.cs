namespace StreamLearn.Tests;

public sealed class RandomStreamTests
{
    [Fact]
    public void The_same_name_gives_the_same_numbers()
    {
        var (first, second) = (new RandomStream(7, "reservoir", "pump-1"), new RandomStream(7, "reservoir", "pump-1"));
        Assert.Equal(Enumerable.Range(0, 100).Select(_ => first.NextUInt64()), Enumerable.Range(0, 100).Select(_ => second.NextUInt64()));
        Assert.Equal(100UL, first.Counter);
    }

    [Fact]
    public void The_first_numbers_are_frozen()
    {
        var stream = new RandomStream(1, "a", "b");
        ulong[] drawn = [stream.NextUInt64(), stream.NextUInt64()];
        Assert.Equal([3367827948789665657, 12657583328602670490], drawn);      // computed by an independent program
    }

    [Fact]
    public void Seed_purpose_and_device_each_make_another_stream()
    {
        RandomStream[] streams = [new(1, "a", "b"), new(2, "a", "b"), new(1, "b", "b"),
            new(1, "a", "c"), new(1, "ab"), new(1, "a"), new(-1, "a", "b"), new(1, "b", "a")];
        Assert.Equal(streams.Length, streams.Select(s => s.NextUInt64()).Distinct().Count());
    }

    [Theory, InlineData(1), InlineData(2), InlineData(10), InlineData(int.MaxValue)]
    public void Whole_numbers_stay_below_their_bound(int bound)
    {
        var stream = new RandomStream(3, "bound");
        for (var i = 0; i < 10_000; i++)
        {
            Assert.InRange(stream.NextInt32(bound), 0, bound - 1);
            Assert.InRange(stream.NextInt64((long)bound << 20), 0, ((long)bound << 20) - 1);
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.NextInt32(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.NextInt64(-1));
    }

    [Fact]
    public void Every_value_below_the_bound_is_drawn_equally_often()
    {
        var (stream, counts) = (new RandomStream(4, "dice"), new int[6]);
        for (var i = 0; i < 60_000; i++) { counts[stream.NextInt32(6)]++; }
        Assert.All(counts, c => Assert.InRange(c, 9_500, 10_500));      // 10,000 ± 5.5 standard deviations of 91
    }

    [Fact]
    public void Uniform_numbers_have_the_mean_and_variance_of_the_unit_interval()
    {
        var stream = new RandomStream(5, "uniform");
        var numbers = Enumerable.Range(0, 100_000).Select(_ => stream.NextDouble()).ToArray();
        Assert.All(numbers, n => Assert.True(n is >= 0 and < 1));
        Assert.InRange(numbers.Average(), 0.495, 0.505);               // standard error 0.0009
        Assert.InRange(numbers.Average(n => (n - 0.5) * (n - 0.5)), (1 / 12.0) - 0.002, (1 / 12.0) + 0.002);
        Assert.True(stream.NextDouble(-3, -2) is >= -3 and < -2);
    }

    [Fact]
    public void Normal_numbers_have_mean_0_variance_1_and_kurtosis_3()
    {
        var stream = new RandomStream(6, "normal");
        var numbers = Enumerable.Range(0, 100_000).Select(_ => stream.NextGaussian()).ToArray();
        Assert.InRange(numbers.Average(), -0.02, 0.02);                // standard error 0.003
        Assert.InRange(numbers.Average(n => n * n), 0.97, 1.03);       // standard error 0.0045
        Assert.InRange(numbers.Average(n => n * n * n * n), 2.85, 3.15);
    }
}
