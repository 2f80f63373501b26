namespace Tool.Tests;

public sealed class FleetCheckTests
{
    private static readonly string[] Good =
    [
        "made a 7 1 0 0 aa", "made a 7 2 0 64 bb", "made b 8 1 0 64 cc", "made a 7 3 1 64 dd",
        "took a 7 1 0 0 aa", "took a 7 2 0 64 bb", "took b 8 1 0 64 cc", "took a 7 3 1 64 dd", "took a 7 3 1 64 dd",
        "round 9 1\napplied a 7 2 0\napplied b 8 1 0", "round 9 2\nrefused a 7 3 norm",
    ];

    [Fact]
    public void Updates_that_were_applied_or_refused_once_are_exact()
    {
        var check = FleetCheck.Of(Good);

        Assert.True(check.IsExact, check.ToString());
        Assert.Equal((4, 192, 2, "1 norm"), (check.Updates, check.Samples, check.Rounds, check.Refused));
    }

    [Theory]
    [InlineData("round 9 2\nrefused a 7 3 norm", "round 9 2", "Lost = 1")]
    [InlineData("took a 7 1 0 0 aa", "", "Lost = 1")]
    [InlineData("round 9 2\nrefused a 7 3 norm", "round 9 2\nrefused a 7 3 norm\napplied b 8 1 0", "AppliedTwice = 1")]
    [InlineData("round 9 2\nrefused a 7 3 norm", "round 9 2\nrefused a 7 3 norm\nrefused b 8 1 stale", "AppliedTwice = 1")]
    [InlineData("took b 8 1 0 64 cc", "took b 8 1 0 64 xx", "OtherBits = 1")]
    [InlineData("made a 7 3 1 64 dd", "made a 7 3 1 64 dd\nmade a 7 3 1 64 xx", "OtherBits = 1")]
    [InlineData("round 9 1\napplied a 7 2 0\napplied b 8 1 0", "round 9 1\napplied a 7 2 1\napplied b 8 1 0", "OtherBits = 1")]
    [InlineData("made b 8 1 0 64 cc", "", "NeverMade = 1")]
    [InlineData("made a 7 2 0 64 bb", "", "Gaps = 1")]
    [InlineData("made a 7 3 1 64 dd", "made a 7 3 1 64 dd\nmade a 6 1 0 0 aa", "Gaps = 1")]
    [InlineData("round 9 2\nrefused a 7 3 norm", "round 10 2\nrefused a 7 3 norm", "Gaps = 1")]
    [InlineData("round 9 2\nrefused a 7 3 norm", "round 9 3\nrefused a 7 3 norm", "VersionGaps = 1")]
    [InlineData("round 9 2\nrefused a 7 3 norm", "round 9 2\nrefused a 7 3 norm\nround 9 2", "VersionGaps = 1")]
    public void A_changed_ledger_is_not_exact_and_says_how(string from, string to, string expected)
    {
        Assert.Contains(from, Good);
        var check = FleetCheck.Of(Good.Select(l => l == from ? to : l));

        Assert.False(check.IsExact);
        Assert.Contains(expected, check.ToString(), StringComparison.Ordinal);
    }
}
