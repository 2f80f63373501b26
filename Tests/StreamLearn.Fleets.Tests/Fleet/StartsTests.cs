namespace StreamLearn.Fleets.Tests;

/// <summary>Two programs with one identity are told from a program that was restarted.</summary>
public sealed class StartsTests
{
    private static readonly DateTimeOffset Begin = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("AAABBBCCC", -1)]           // restarts
    [InlineData("AABABBB", -1)]             // a message of the first comes late
    [InlineData("ABACBCDCDED", -1)]         // so after each restart
    [InlineData("ABABA", 4)]
    [InlineData("AAABABABAB", 6)]
    [InlineData("ABCBCBCB", 5)]
    public void Two_that_speak_by_turns_are_two(string starts, int known)
    {
        var seen = new Starts();
        for (var i = 0; i < starts.Length; i++) { Assert.Equal(i == known, seen.Note(starts[i], Begin.AddSeconds(2 * i))); }
        Assert.Equal(known >= 0, seen.AreTwo(Begin.AddSeconds(2 * starts.Length)));
    }

    [Fact]
    public void One_that_is_left_is_taken_again_after_a_minute()
    {
        var seen = new Starts();
        var now = Begin;
        foreach (var start in "ABABABABAB") { seen.Note(start, now += TimeSpan.FromSeconds(2)); }
        for (var i = 0; i < 20; i++) { seen.Note('B', now.AddSeconds(2 * i)); }
        Assert.True(seen.AreTwo(now.AddSeconds(59)));
        Assert.False(seen.AreTwo(now.AddSeconds(60)));
    }

    [Fact]
    public void Messages_that_come_late_once_in_a_while_are_no_second_program()
    {
        var seen = new Starts();
        var now = Begin;
        for (var i = 0; i < 50; i++)
        {
            Assert.False(seen.Note('A', now));
            Assert.False(seen.Note('B', now));
            now += TimeSpan.FromMinutes(11);
        }
    }
}
