using StreamLearn.Simulation;

namespace StreamLearn.Learning.Tests;

public sealed class HeartbeatTests
{
    [Fact]
    public void It_says_hello_at_the_start_and_beats_at_even_intervals()
    {
        using var probe = new SourceProbe<Presence>(p => p.Heartbeat("pump-7", TimeSpan.FromSeconds(3), epoch: 5));
        List<(DateTimeOffset, PresenceKind)> said = [];
        for (var i = 0; i < 4; i++)
        {
            var at = probe.NextAt!.Value;
            var presence = probe.Next();
            Assert.Equal(("pump-7", 5), (presence.Device, presence.Epoch));
            said.Add((at, presence.Kind));
        }

        Assert.Equal(
            [
                (OperatorProbe.Start, PresenceKind.Hello), (OperatorProbe.Start.AddSeconds(3), PresenceKind.Heartbeat),
                (OperatorProbe.Start.AddSeconds(6), PresenceKind.Heartbeat),
                (OperatorProbe.Start.AddSeconds(9), PresenceKind.Heartbeat),
            ],
            said);
    }

    [Fact]
    public void It_speaks_for_its_pipeline_every_ten_seconds_unless_it_is_told_otherwise()
    {
        using var probe = new SourceProbe<Presence>(p => p.Heartbeat());
        Assert.Equal("probe", probe.Next().Device);
        Assert.Equal(OperatorProbe.Start.AddSeconds(10), probe.NextAt);
    }

    [Fact]
    public void Beats_missed_while_the_pipeline_was_held_up_are_not_made_up_for()
    {
        using var probe = new SourceProbe<Presence>(p => p.Heartbeat(every: TimeSpan.FromSeconds(3)));
        Assert.Equal(PresenceKind.Hello, probe.Next(late: TimeSpan.FromSeconds(10)).Kind);
        Assert.Equal(OperatorProbe.Start.AddSeconds(12), probe.NextAt);
        Assert.Equal(PresenceKind.Heartbeat, probe.Next(late: TimeSpan.FromSeconds(3)).Kind);
        Assert.Equal(OperatorProbe.Start.AddSeconds(18), probe.NextAt);
    }

    [Fact]
    public void In_a_virtual_world_it_beats_for_as_long_as_the_world_runs()
    {
        using var world = new VirtualWorld();
        var said = new List<(TimeSpan, PresenceKind)>();
        world.Add(Pipeline.Define("pump-7", p => p.Heartbeat(every: TimeSpan.FromSeconds(4)).ForEach(
            "said", presence => said.Add((world.Elapsed, presence.Kind)))));
        world.RunFor(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Equal([0, 4, 8], said.Select(s => s.Item1.TotalSeconds));
        Assert.Equal([PresenceKind.Hello, PresenceKind.Heartbeat, PresenceKind.Heartbeat], said.Select(s => s.Item2));
    }

    [Fact]
    public async Task In_the_dataflow_host_it_beats_until_the_run_is_drained()
    {
        await using var run = Pipeline.Define("pump-7", p => p.Heartbeat(every: TimeSpan.FromDays(1)).Output("presence")).Start(
            cancellationToken: TestContext.Current.CancellationToken);
        List<Presence> said = [];
        var drained = Task.CompletedTask;
        await foreach (var presence in run.ReadAllAsync<Presence>("presence", TestContext.Current.CancellationToken))
        {
            said.Add(presence);
            drained = run.DrainAsync(TestContext.Current.CancellationToken);
        }

        await drained;
        Assert.Equal(PresenceKind.Hello, Assert.Single(said).Kind);
    }

    [Fact]
    public void Wrong_options_are_refused_at_wiring()
    {
        Assert.ThrowsAny<ArgumentException>(() => Pipeline.Define("p", p => p.Heartbeat("").Output("o")));
        Assert.ThrowsAny<ArgumentException>(() => Pipeline.Define("p", p => p.Heartbeat(new('x', 257)).Output("o")));
        Assert.ThrowsAny<ArgumentException>(() => Pipeline.Define("p", p => p.Heartbeat(every: TimeSpan.Zero).Output("o")));
    }
}
