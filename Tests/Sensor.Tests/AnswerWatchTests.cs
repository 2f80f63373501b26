namespace Sensor.Tests;

public sealed class AnswerWatchTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly List<string> _said = [];

    [Fact]
    public void The_first_answer_is_missed_after_10_seconds_and_said_when_it_comes()
    {
        var watch = Watch();

        Look(watch, (0, 2, 0), (9, 2, 0));
        Assert.Empty(_said);
        Look(watch, (10, 2, 0), (60, 4, 0), (61, 3, 1));

        Assert.Equal(["no answer yet: 2 updates unanswered; look", "the aggregator answers now"], _said);
    }

    [Fact]
    public void An_answer_after_others_is_missed_after_30_seconds_without_any()
    {
        var watch = Watch();

        Look(watch, (0, 2, 0), (5, 1, 3), (34, 2, 3));
        Assert.Empty(_said);
        Look(watch, (35, 2, 3), (70, 2, 3), (71, 2, 4), (72, 0, 6));

        Assert.Equal(
            ["no answer for 30 s: 2 updates unanswered, and learning waits; look", "the aggregator answers again"],
            _said);
        Assert.Null(watch.WaitingSeconds);
    }

    [Fact]
    public void Rows_that_stop_are_no_missing_answer()
    {
        var watch = Watch();

        Look(watch, (0, 2, 0), (1, 0, 2), (500, 0, 2), (501, 1, 2), (530, 1, 2));

        Assert.Empty(_said);
        Assert.Equal(29, watch.WaitingSeconds);
    }

    private AnswerWatch Watch() => new(_said.Add, static () => "look", _time);

    private void Look(AnswerWatch watch, params (int Second, long Unanswered, long Answered)[] looks)
    {
        foreach (var (second, unanswered, answered) in looks)
        {
            _time.Advance(OperatorProbe.Start.AddSeconds(second) - _time.GetUtcNow());
            watch.Look(unanswered, answered);
        }
    }
}
