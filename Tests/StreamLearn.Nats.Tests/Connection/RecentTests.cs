namespace StreamLearn.Nats.Tests;

/// <summary>What is remembered of the newest things.</summary>
public sealed class RecentTests
{
    [Fact]
    public void It_remembers_the_newest_and_forgets_the_oldest()
    {
        var recent = new Recent<ulong>(100);
        for (ulong i = 1; i <= 1000; i++)
        {
            recent.Set(i, (long)i);
            recent.Set(i, (long)i + 7);     // it is known already
        }
        Assert.All(Enumerable.Range(901, 100), i => Assert.True(recent.TryFind((ulong)i, out var time) && time == i + 7));
        Assert.All(Enumerable.Range(1, 900), i => Assert.False(recent.TryFind((ulong)i, out _)));
    }
}
