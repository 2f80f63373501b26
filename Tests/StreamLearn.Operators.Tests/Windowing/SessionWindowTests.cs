namespace StreamLearn.Operators.Tests;

public sealed class SessionWindowTests
{
    [Fact]
    public void SessionWindow_cuts_where_rows_are_a_gap_apart()
    {
        using var probe = Probe(gap: 100);
        probe.Send(TimedRows.Batch(probe.Pool, 0, 99, 198, 298, 397, 600));
        Assert.Equal(["0 1 2", "3 4"], TimedRows.Texts(probe));
        probe.Complete();
        Assert.Equal(["5"], TimedRows.Texts(probe));
    }

    [Fact]
    public void SessionWindow_joins_open_sessions_by_a_row_between_them()
    {
        using var probe = Probe(gap: 100, delay: 500);
        probe.Send(TimedRows.Batch(probe.Pool, 0, 50, 200, 250, 149, 800));
        probe.Complete();
        Assert.Equal(["0 1 4 2 3", "5"], TimedRows.Texts(probe));
    }

    [Fact]
    public void SessionWindow_replaces_emitted_sessions_that_a_late_row_joins()
    {
        using var probe = Probe(gap: 100, lateness: 1000);
        probe.Send(TimedRows.Batch(probe.Pool, 0, 50, 160, 400, 120, 800, 130, 1500));
        Assert.Equal(["0 r0: 0 1", "160 r0: 2", "0 r1: 0 1 4 2", "400 r0: 3", "0 r2: 0 1 4 6 2", "800 r0: 5"], TimedRows.Texts(probe));
        Assert.Equal(0, probe.Count(1));
        TimedRows.AssertLedger(probe);
    }

    [Fact]
    public void SessionWindow_sends_rows_aside_that_come_after_their_session_is_over()
    {
        using var probe = Probe(gap: 100);
        probe.Send(TimedRows.Batch(probe.Pool, 0, 500, 50, 350, 401));
        probe.Complete();
        Assert.Equal(["0", "4 1"], TimedRows.Texts(probe));
        Assert.Equal([(2, RowFault.Late), (3, RowFault.Late)], TimedRows.Quarantined(probe));
    }

    [Fact]
    public void SessionWindow_closes_the_session_of_an_idle_input()
    {
        using var probe = Probe(gap: 8000);
        probe.Send(TimedRows.Batch(probe.Pool, 0, 50));
        probe.Advance(TimeSpan.FromMilliseconds(7999));
        Assert.Equal(0, probe.Count());
        probe.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(["0 1"], TimedRows.Texts(probe));
        Assert.Null(probe.WakeAt);
    }

    private static OperatorProbe Probe(int gap, int delay = 0, int lateness = 0) =>
        EventTimeWindowTests.Probe(gap, 0, delay, lateness, new());
}
