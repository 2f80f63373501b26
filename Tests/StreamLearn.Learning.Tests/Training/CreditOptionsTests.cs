namespace StreamLearn.Learning.Tests;

public sealed class CreditOptionsTests
{
    [Fact]
    public void Options_out_of_range_are_refused()
    {
        var second = TimeSpan.FromSeconds(1);
        CreditOptions[] wrong =
        [
            new() { Updates = 0 }, new() { Updates = 33 }, new() { ExtraSteps = -1 }, new() { ResendAfter = TimeSpan.Zero },
            new() { ResendAfter = second, MaxResendDelay = second / 2 }, new() { VersionTimeout = TimeSpan.Zero },
            new() { LeaveTimeout = -second },
        ];
        Assert.All(wrong, w => Assert.Throws<ArgumentOutOfRangeException>(w.Check));
        Assert.All(wrong, w => Assert.Throws<ArgumentOutOfRangeException>(
            () => TrainUnderCredit.Probe(TrainUnderCredit.EveryRow with { Credit = w })));
        Assert.Throws<ArgumentNullException>(() => TrainUnderCredit.Probe(TrainUnderCredit.EveryRow with { Credit = null! }));
    }

    [Fact]
    public void Options_at_the_ends_of_their_ranges_are_taken()
    {
        new CreditOptions { Updates = 1, LeaveTimeout = TimeSpan.Zero }.Check();
        new CreditOptions { Updates = 32, ResendAfter = TimeSpan.FromTicks(1), MaxResendDelay = TimeSpan.FromTicks(1) }.Check();
    }

    [Fact]
    public void The_text_names_extra_steps_only_where_there_are_some()
    {
        Assert.Equal("2 updates in flight", new CreditOptions().ToString());
        Assert.Equal("4 updates in flight, 8 extra steps", new CreditOptions { Updates = 4, ExtraSteps = 8 }.ToString());
    }
}
