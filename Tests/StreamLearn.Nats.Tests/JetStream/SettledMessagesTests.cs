namespace StreamLearn.Nats.Tests;

/// <summary>Messages that were acknowledged.</summary>
public sealed class SettledMessagesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(64)]
    [InlineData(1000)]
    [InlineData(4096)]
    public void It_remembers_the_newest_whatever_the_distance_of_their_numbers(int distance)
    {
        var settled = new SettledMessages();
        for (ulong i = 1; i <= 100_000; i++) { settled.Add(i * (ulong)distance, (long)i); }

        var forgotten = 0;
        for (ulong i = 92_000; i <= 100_000; i++)
        {
            if (!settled.Contains(i * (ulong)distance, (long)i)) { forgotten++; }
        }

        Assert.InRange(forgotten, 0, 80);
    }

    [Fact]
    public void A_number_that_is_given_anew_is_another_message()
    {
        var settled = new SettledMessages();
        Assert.False(settled.Contains(7, 1));
        settled.Add(7, 1);

        Assert.True(settled.Contains(7, 1));
        Assert.False(settled.Contains(7, 2));
        Assert.False(settled.Contains(8, 1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void It_never_holds_what_was_not_added(int seed)
    {
        var random = new Random(seed);
        var (settled, set) = (new SettledMessages(), new HashSet<(ulong, long)>());
        for (var i = 0; i < 20_000; i++)
        {
            var (sequence, time) = ((ulong)random.Next(1, 3000), random.Next(1, 4));
            Assert.True(set.Contains((sequence, time)) || !settled.Contains(sequence, time));
            settled.Add(sequence, time);
            set.Add((sequence, time));
        }
    }
}
