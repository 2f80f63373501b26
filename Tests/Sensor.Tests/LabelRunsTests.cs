namespace Sensor.Tests;

public sealed class LabelRunsTests
{
    [Theory]
    [InlineData("", true, "")]
    [InlineData("1110022", true, "3 2 2")]
    [InlineData("1110022", false, "2")]
    [InlineData("11--1", true, "2 1")]
    [InlineData("-1122-", false, "2 2")]
    [InlineData("111", true, "3")]
    [InlineData("111", false, "")]
    public void Runs_at_the_ends_count_in_a_recording_and_not_in_a_part_of_a_stream(string labels, bool isWhole, string expected) =>
        Assert.Equal(expected, string.Join(' ', LabelRuns.Of(labels.Select(static c => c == '-' ? -1 : c - '0'), isWhole)));
}
