using static StreamLearn.Simulation.Tests.Wiring;

namespace StreamLearn.Simulation.Tests;

/// <summary>A loopback inside a device costs no virtual time, no traffic and no turn of its processor.</summary>
public sealed class LoopbackTests
{
    [Fact]
    public void Messages_arrive_at_the_moment_at_which_they_are_made_however_slow_link_and_processor_are()
    {
        using var world = new VirtualWorld();
        List<Seen> seen = [];
        var device = world.Add(
            Pipeline.Define("device", p =>
            {
                var loop = new LoopbackTransport();
                p.Count(5, Ms(10)).Publish(loop, "n", NumCodec.Plain);
                p.Subscribe(loop, "n", NumCodec.Plain).Watch("see", seen);
            }),
            new() { MultiplyAddsPerSecond = 1 }, new() { UpBitsPerSecond = 1, DownBitsPerSecond = 1, Delay = Ms(700) });

        world.RunToEnd();

        Assert.Equal([0, 1, 2, 3, 4], seen.Select(s => s.Value));
        Assert.Equal(Enumerable.Range(0, 5).Select(i => Ms(10 * i)), seen.Select(s => s.At - seen[0].At));
        Assert.Equal((0, 0), (device.BytesUp, device.BytesDown));
    }

    [Fact]
    public void It_takes_no_turn_from_calls_that_wait_for_the_processor()
    {
        static List<Seen> Order(bool overLoop)
        {
            using var world = new VirtualWorld();
            List<Seen> order = [];
            world.Add(Pipeline.Define("device", p =>
            {
                var rows = p.Count(6, Ms(10));
                (overLoop ? OverLoop(p, rows, 64) : rows).Watch("rows", order, cost: 4);
                p.Count(20, Ms(3), "others").Watch("other", order, cost: 2);
            }), new() { MultiplyAddsPerSecond = 1000 });
            world.RunToEnd();
            return order;
        }

        Assert.Equal(Order(overLoop: false), Order(overLoop: true));
    }

    [Fact]
    public void A_world_that_is_saved_goes_on_with_the_messages_that_were_under_way()
    {
        (List<Seen> whole, List<Seen> first, List<Seen> second) = ([], [], []);
        using (var world = Slow(whole)) { world.RunToEnd(); }
        using var before = Slow(first);
        before.RunFor(Ms(35));
        Assert.NotEqual(0, before.Devices[0].Metrics.Edges.Single(e => e.Name == "publish n→subscribe n").Queued);
        using var after = Slow(second);
        after.Load(before.Save());

        after.RunToEnd();

        Assert.Equal(whole, first.Concat(second));
    }

    private static VirtualWorld Slow(List<Seen> seen)
    {
        var world = new VirtualWorld();
        world.Add(Pipeline.Define("device", p => OverLoop(p, p.Count(12, Ms(2)).Buffer(1), 3).Buffer(1).Watch("see", seen, cost: 10)),
            new() { MultiplyAddsPerSecond = 1000 });
        return world;
    }

    private static Flow<Num> OverLoop(PipelineBuilder p, Flow<Num> flow, int capacity)
    {
        var loop = new LoopbackTransport();
        flow.Publish(loop, "n", NumCodec.Plain);
        return p.Subscribe(loop, "n", NumCodec.Plain, new() { Capacity = capacity });
    }
}
