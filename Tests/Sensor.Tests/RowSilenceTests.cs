namespace Sensor.Tests;

public sealed class RowSilenceTests
{
    [Fact]
    public void A_device_is_silent_after_30_seconds_where_rows_come_often_and_no_more_when_one_comes()
    {
        var rows = default(RowSilence);
        for (var second = 1; second <= 10; second++) { rows = rows.After(20 * second, At(second)); }

        Assert.False(rows.After(200, At(39.9)).IsSilent);
        Assert.True(rows.After(200, At(40)).IsSilent);
        Assert.True(rows.After(200, At(40)).After(200, At(41)).IsSilent);
        Assert.False(rows.After(200, At(40)).After(201, At(41)).IsSilent);
    }

    [Fact]
    public void Where_rows_come_seldom_it_is_ten_times_their_interval_and_a_silence_does_not_count_as_one()
    {
        var rows = default(RowSilence).After(1, At(60)).After(2, At(120)).After(3, At(180));

        Assert.Equal(At(600), rows.Patience);
        Assert.False(rows.After(3, At(779)).IsSilent);
        var silent = rows.After(3, At(780));
        Assert.True(silent.IsSilent);
        Assert.Equal(At(600), silent.After(4, At(5000)).Patience);
        Assert.Equal(At(600), silent.After(4, At(5000)).After(5, At(5060)).Patience);
    }

    [Fact]
    public void A_device_of_which_no_row_ever_came_is_silent_after_30_seconds()
    {
        Assert.False(default(RowSilence).After(0, At(29)).IsSilent);
        Assert.True(default(RowSilence).After(0, At(30)) is { IsSilent: true, HasCome: false });
    }

    [Fact]
    public void It_is_said_once_that_rows_have_stopped_coming_and_once_that_they_come_again()
    {
        ManualTimeProvider clock = new();
        List<string> said = [];
        long[] rows = [0, 7];
        HostConfig live = new("a", TimeSpan.FromSeconds(1));
        var watch = new RowWatch(live, ["a", "b"], i => rows[i], static i => i == 1, said.Add, clock);
        void Wait(int seconds, int come)
        {
            clock.Advance(At(seconds));
            rows[0] += come;
            watch.Look();
        }

        Wait(1, come: 0);
        Assert.Null(watch.LastRowSecondsAgo);
        for (var second = 0; second < 3; second++) { Wait(1, come: 1); }
        for (var second = 0; second < 90; second++) { Wait(1, come: 0); }
        Assert.Equal((90, 1), (watch.LastRowSecondsAgo, watch.Silent));
        Wait(5, come: 1);
        Wait(5, come: 1);

        Assert.Equal((0, 0), (watch.LastRowSecondsAgo, watch.Silent));
        Assert.Equal(["no row from a for 30 s; is its sensor running?", "rows from a arrive again, after 95 s without any"], said);
    }

    [Fact]
    public void Of_a_source_that_is_played_nothing_is_said()
    {
        ManualTimeProvider clock = new();
        var watch = new RowWatch(new GeneratorConfig([1], At(60), 1), ["a"], static _ => 0, static _ => false, Assert.Fail, clock);

        clock.Advance(At(100));
        watch.Look();

        Assert.Equal(0, watch.Silent);
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);
}
