namespace StreamLearn.Nats.Tests;

/// <summary>The set of numbers that were acknowledged.</summary>
public sealed class SequenceRunsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_holds_what_a_set_holds_whatever_the_order(int seed)
    {
        var random = new Random(seed);
        var (runs, set) = (new SequenceRuns(), new HashSet<ulong>());
        for (var i = 0; i < 5000; i++)
        {
            var number = (ulong)random.Next(1, 3000);
            runs.Add(number);
            set.Add(number);
        }

        for (ulong number = 0; number < 3002; number++) { Assert.Equal(set.Contains(number), runs.Contains(number)); }
        Assert.Equal(set.Count(n => !set.Contains(n - 1)), runs.Count);
    }

    [Fact]
    public void It_is_bounded_and_forgets_the_lowest()
    {
        var runs = new SequenceRuns();
        for (ulong number = 1; number < 100_000; number += 2)
        {
            runs.Add(number);
            Assert.InRange(runs.Count, 1, 8192);
        }

        Assert.False(runs.Contains(1));
        Assert.True(runs.Contains(99_999));
        Assert.False(runs.Contains(99_998));
    }
}
