namespace StreamLearn.Simulation.Tests;

/// <summary>What a scenario says happens to devices, in a world.</summary>
public sealed class PlannedFailureTests
{
    private static readonly Scenario Moving = Scenario.Parse("""
        { "failures": [
            { "atSeconds": 1, "device": "b", "kind": "move", "to": "edge-b" },
            { "atSeconds": 2, "device": "#0", "kind": "crash" },
            { "atSeconds": 3, "device": "#0", "kind": "rejoin" },
            { "atSeconds": 4, "device": "b", "kind": "move", "to": "edge-a" },
            { "atSeconds": 5, "device": "b", "kind": "leave" },
            { "atSeconds": 6, "device": "stranger", "kind": "move", "to": "edge-a" } ] }
        """);

    [Fact]
    public void The_program_is_asked_to_move_a_device_and_to_add_it_again_and_the_rest_is_done()
    {
        using var world = new VirtualWorld();
        var log = new List<string>();
        foreach (var name in new[] { "a", "b" }) { Add(name); }
        void Add(string name) => world.Add(Pipeline.Define(name, p => p.Count(100, Ms(100)).Discard()));

        Moving.PlanFailures(world, ["a", "b"],
            rejoin: name =>
            {
                log.Add($"{world.Elapsed.TotalSeconds}: {name} rejoins");
                Add(name);
            },
            move: (name, to) => log.Add($"{world.Elapsed.TotalSeconds}: {name} to {to}"));
        world.RunToEnd();

        Assert.Equal(["1: b to edge-b", "3: a rejoins", "4: b to edge-a"], log);
        Assert.Equal([("a", true, Ms(2000)), ("b", false, Ms(5000)), ("a", false, Ms(9900))],
            world.Devices.Select(static d => (d.Name, d.HasCrashed, d.EndedAt!.Value)));
        Assert.Equal("moves to edge-b at 1 s", Moving.Failures[0].ToString());
    }

    [Fact]
    public void A_program_that_does_not_say_what_a_move_is_cannot_plan_one()
    {
        using var world = new VirtualWorld();
        Assert.Contains("'b' moves to edge-b at 1 s", Assert.Throws<ArgumentException>(() =>
            Moving.PlanFailures(world, ["a", "b"], static _ => { })).Message, StringComparison.Ordinal);
        Moving.PlanFailures(world, ["a"], static _ => { });        // the fleet has no device that moves
    }

    [Fact]
    public void A_world_that_was_saved_goes_on_with_what_is_still_planned()
    {
        var log = new List<string>();
        using var first = World();
        first.RunFor(Ms(2500));
        var saved = first.Save();
        log.Clear();
        using var second = World();
        second.Load(saved);
        second.RunFor(Ms(3000));

        Assert.Equal(["b to edge-a"], log);

        VirtualWorld World()
        {
            var world = new VirtualWorld();
            foreach (var name in new[] { "a", "b" })
            {
                world.Add(Pipeline.Define(name, p =>
                {
                    p.SaveWith(NumCodec.Plain);
                    p.Count(100, Ms(100)).Discard();
                }));
            }
            Moving.PlanFailures(world, ["a", "b"], move: (name, to) => log.Add($"{name} to {to}"), rejoin: static _ => { });
            return world;
        }
    }
}
