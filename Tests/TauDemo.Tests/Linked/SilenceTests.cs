using StreamLearn.Testing;

namespace TauDemo.Tests;

/// <summary>Somebody who is not heard: the clock is moved by hand.</summary>
public sealed class SilenceTests
{
    private readonly ManualTimeProvider _clock = new();
    private readonly List<string> _said = [];
    private int _asked;

    [Fact]
    public void A_silence_is_said_once_and_its_end_once()
    {
        var watch = Watch(patience: null);
        watch.Look();
        Pass(watch, 2.9);
        Assert.Empty(_said);

        Pass(watch, 0.1);
        Pass(watch, 1000);
        Assert.Equal(["silent 1"], _said);
        Assert.Equal("silent 1", watch.Notice);

        watch.Hear();
        watch.Look();
        watch.Look();
        Assert.Equal(["silent 1", "back"], _said);
        Assert.Null(watch.Notice);

        Pass(watch, 3);
        Assert.Equal(["silent 1", "back", "silent 2"], _said);
    }

    [Fact]
    public void A_silence_that_lasts_too_long_is_given_up_and_one_that_others_break_begins_anew()
    {
        var watch = Watch(TimeSpan.FromSeconds(60));
        Pass(watch, 59.9);
        watch.Excuse();
        Pass(watch, 59.9);
        Assert.Equal(["silent 1"], _said);

        Assert.Equal(69, Assert.Throws<FleetEndException>(() => Pass(watch, 0.1)).ExitCode);
    }

    [Fact]
    public void One_who_is_heard_each_second_is_never_mentioned()
    {
        var watch = Watch(TimeSpan.FromSeconds(1.5));
        for (var second = 0; second < 100; second++)
        {
            watch.Hear();
            Pass(watch, 1);
        }

        Assert.Empty(_said);
    }

    [Fact]
    public void Nodes_that_are_missing_are_named_and_so_is_one_that_is_lost()
    {
        var roll = Roll();
        roll.Hear("node-1");
        Pass(roll, 2.9, "node-1");
        Assert.Empty(_said);

        Pass(roll, 0.1, "node-1");
        Assert.Equal("waiting for node-0, node-2", roll.Notice);
        Pass(roll, 3, "node-1", "node-2");
        Pass(roll, 1, "node-0", "node-1", "node-2");
        Assert.Equal(["waiting for node-0, node-2", "waiting for node-0"], _said);
        Assert.Null(roll.Notice);

        Pass(roll, 3, "node-0", "node-2");
        Assert.Equal("nothing is heard of node-1; the fleet waits for it, for 60 s at most", roll.Notice);
        Assert.Equal(roll.Notice, _said[^1]);
        var end = Assert.Throws<FleetEndException>(() => Pass(roll, 57, "node-0", "node-2"));
        Assert.Equal(("nothing has been heard of node-1 for 60 s: the fleet ends (--patience)", 1), (end.Message, end.ExitCode));
    }

    [Fact]
    public void While_the_server_is_silent_no_node_is_missed()
    {
        var roll = Roll();
        roll.Hear("node-0");
        for (var second = 0; second < 100; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            roll.Look(isServerSilent: true);
        }

        Assert.Empty(_said);
        Pass(roll, 2.9);
        Assert.Equal(["waiting for node-1, node-2"], _said);
    }

    private NodeRoll Roll()
    {
        var roll = new NodeRoll(3, TimeSpan.FromSeconds(60), _said.Add, _clock);
        roll.Begin();
        return roll;
    }

    private void Pass(NodeRoll roll, double seconds, params string[] heard)
    {
        _clock.Advance(TimeSpan.FromSeconds(seconds));
        foreach (var node in heard) { roll.Hear(node); }
        roll.Look(isServerSilent: false);
    }

    private SilenceWatch Watch(TimeSpan? patience) => new(
        patience, new(() => $"silent {++_asked}", static () => "back", static () => new FleetEndException("over", 69)), _said.Add, _clock);

    private void Pass(SilenceWatch watch, double seconds)
    {
        _clock.Advance(TimeSpan.FromSeconds(seconds));
        watch.Look();
    }
}
