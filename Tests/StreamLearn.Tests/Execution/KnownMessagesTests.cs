namespace StreamLearn.Tests;

/// <summary>Which messages a subscription knows, beside a set of all.</summary>
public sealed class KnownMessagesTests
{
    [Theory, InlineData(1, 1), InlineData(2, 3), InlineData(3, 40)]
    public void What_was_added_is_known_in_whatever_order_also_after_it_was_saved(int seed, int spread)
    {
        var (random, all, known) = (new Random(seed), new HashSet<MessageOrigin>(), new KnownMessages(1000));
        for (var i = 0; i < 2000; i++)
        {
            var origin = new MessageOrigin($"s{random.Next(3)}", (i / 10) + random.Next(spread), random.Next(2));
            Assert.Equal(all.Contains(origin), known.Contains(origin));
            if (all.Add(origin)) { known.Add(origin); }
            if (i % 97 == 0) { known = Reloaded(known, 1000); }
        }
        Assert.All(all, o => Assert.True(known.Contains(o)));
    }

    [Fact]
    public void Numbers_without_a_gap_are_known_however_many_they_are()
    {
        var known = new KnownMessages(1);
        for (var i = 0; i < 100_000; i++) { known.Add(new("s", i)); }
        Assert.True(known.Contains(new("s", 0)) && known.Contains(new("s", 99_999)));
        Assert.False(known.Contains(new("s", 100_000)) || known.Contains(new("s", 5, 1)) || known.Contains(new("", 5)));
    }

    [Fact]
    public void Runs_are_bounded_and_the_one_is_forgotten_that_was_added_to_longest_ago()
    {
        var known = new KnownMessages(500);
        known.Add(new("kept", 0));
        for (var i = 0; i < 5000; i++)
        {
            known.Add(new("gaps", 2 * i));
            if (i % 100 == 0) { known.Add(new("kept", (i / 100) + 1)); }
        }
        Assert.True(known.Contains(new("kept", 0)) && known.Contains(new("gaps", 9998)) && known.Contains(new("gaps", 8200)));
        Assert.False(known.Contains(new("gaps", 0)) || known.Contains(new("gaps", 9997)));
        Assert.Equal(1000, new StateStream(Saved(known, leavesNewest: false), Pools.None).Value(0));
    }

    [Fact]
    public void The_newest_can_be_left_out_of_the_state()
    {
        var known = new KnownMessages(4);
        for (var i = 0; i < 3; i++) { known.Add(new("s", i)); }
        var later = new KnownMessages(4);
        StateStream s = new(Saved(known, leavesNewest: true), Pools.None);
        later.State(ref s, leavesNewest: false);
        Assert.True(later.Contains(new("s", 1)) && known.Contains(new("s", 2)));
        Assert.False(later.Contains(new("s", 2)));
    }

    [Theory]
    [InlineData("a/publish", "sl/run/a/up/delta", true)]
    [InlineData("a/publish", "sl/run/x/up/delta", false)]
    [InlineData("a%/publish", "sl/run/a%25/up/delta", true)]
    [InlineData("ab/publish", "sl/run/a/up/delta", false)]
    public void A_publisher_takes_numbers_of_its_own_topics_alone(string source, string topic, bool isOwn)
    {
        var (known, origin) = (new KnownMessages(4), new MessageOrigin(source, 7));
        known.Add(known.Of(origin, topic));
        known.Add(known.Of(new("z/publish", 1), "sl/run/z/up/delta"));
        Assert.Equal(isOwn, known.Contains(origin));
        Assert.True(known.Contains(known.Of(origin, topic)));
    }

    [Fact]
    public void Adding_to_a_run_allocates_nothing()
    {
        var (known, next) = (new KnownMessages(4), 0L);
        Assert.Equal(0, Allocations.Least(() => known.Add(new("s", next++))));
    }

    private static KnownMessages Reloaded(KnownMessages known, int capacity)
    {
        var again = new KnownMessages(capacity);
        StateStream s = new(Saved(known, leavesNewest: false), Pools.None);
        again.State(ref s, leavesNewest: false);
        Assert.True(s.HasEnded);
        return again;
    }

    private static byte[] Saved(KnownMessages known, bool leavesNewest)
    {
        var buffer = new StateBuffer();
        StateStream s = new(buffer);
        known.State(ref s, leavesNewest);
        return buffer.Written.ToArray();
    }
}
