namespace StreamLearn.Simulation.Tests;

public sealed class SubscriptionTests
{
    [Fact]
    public void Subscribers_get_what_their_filters_take_from_any_device()
    {
        var seen = new Dictionary<string, List<Seen>>();
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        foreach (var filter in new[] { "plant/1/a", "plant/+/a", "plant/#", "#", "plant/1/b" })
        {
            seen[filter] = [];
            world.Add(Pipeline.Define($"s{seen.Count}", p => p.Subscribe(air, filter, NumCodec.Plain).Watch("end", seen[filter])));
        }
        foreach (var (topic, i) in new[] { "plant/1/a", "plant/2/a", "plant/2/b", "other" }.Select((t, i) => (t, i)))
        {
            world.Add(Pipeline.Define($"p{i}", p => p.Count(1, Ms(1), first: Ms(i)).Map<Num, Num>("tag", (_, _) => new(i))
                .Publish(air, topic, NumCodec.Plain)));
        }
        world.RunToEnd();

        Assert.Equal([0L], seen["plant/1/a"].Select(s => s.Value));
        Assert.Equal([0L, 1], seen["plant/+/a"].Select(s => s.Value));
        Assert.Equal([0L, 1, 2], seen["plant/#"].Select(s => s.Value));
        Assert.Equal([0L, 1, 2, 3], seen["#"].Select(s => s.Value));
        Assert.Empty(seen["plant/1/b"]);
    }

    [Fact]
    public void A_late_joiner_gets_the_newest_retained_message_of_each_topic()
    {
        var seen = new List<Seen>();
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        world.Add(Pipeline.Define("a", p => p.Count(3, Ms(1)).Publish(air, "kept/1", NumCodec.Plain, retain: true)));
        world.Add(Pipeline.Define("b", p => p.Count(5, Ms(1)).Publish(air, "kept/2", NumCodec.Plain, retain: true)));
        world.Add(Pipeline.Define("c", p => p.Count(9, Ms(1)).Publish(air, "kept/3", NumCodec.Plain)));
        world.RunFor(Ms(20));

        world.Add(Pipeline.Define("late", p => p.Subscribe(air, "kept/+", NumCodec.Plain).Watch("end", seen)),
            link: new() { Delay = Ms(7) });
        world.RunToEnd();

        Assert.Equal([new(Ms(27), 2), new(Ms(27), 4)], seen);
    }

    [Fact]
    public void Retained_bytes_stay_what_they_were_while_other_messages_come_and_go()
    {
        var seen = new List<Seen>();
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        world.Add(Pipeline.Define("a", p => p.Count(1, Ms(1)).Map<Num, Num>("tag", (_, _) => new(77))
            .Publish(air, "kept", NumCodec.Plain, retain: true)));
        world.Add(Pipeline.Define("b", p => p.Count(50, Ms(1), first: Ms(1)).Publish(air, "other", NumCodec.Plain)));
        world.Add(Pipeline.Define("c", p => p.Subscribe(air, "other", NumCodec.Plain).Discard()));
        world.RunFor(Ms(100));

        world.Add(Pipeline.Define("late", p => p.Subscribe(air, "kept", NumCodec.Plain).Watch("end", seen)));
        world.RunToEnd();

        Assert.Equal([77L], seen.Select(s => s.Value));
    }

    [Fact]
    public void Malformed_and_oversized_payloads_are_counted_and_the_others_pass()
    {
        var seen = new List<Seen>();
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        world.Add(Pipeline.Define("a", p =>
        {
            p.Count(2, Ms(1), "good").Publish(air, "x/1", NumCodec.Plain);
            p.Count(3, Ms(1), "long").Publish(air, "x/2", new NumCodec { Bytes = 101 });
            p.Count(4, Ms(1), "bad").Map<Num, Steer>("steer", (n, _) => new(n.Value, "?")).Publish(air, "x/3", SteerCodec.Plain);
        }));
        var device = world.Add(Pipeline.Define("b", p => p.Subscribe(air, "x/+", NumCodec.Plain, new() { MaxPayloadBytes = 100 })
            .Watch("end", seen)));

        world.RunToEnd();

        Assert.Equal(2, seen.Count);
        var drops = device.Metrics["subscribe x/+"].Drops;
        Assert.Equal((3L, 4L, 2), (drops["oversized"], drops["malformed"], drops.Count));
    }

    [Fact]
    public void Two_transports_of_a_world_carry_nothing_of_each_other_and_one_name_is_one_transport()
    {
        var seen = new List<Seen>();
        using var world = new VirtualWorld();
        Assert.Same(world.Transport("one"), world.Transport("one"));
        world.Add(Pipeline.Define("a", p => p.Count(2, Ms(1)).Publish(world.Transport("one"), "x", NumCodec.Plain)));
        world.Add(Pipeline.Define("b", p => p.Subscribe(world.Transport("two"), "x", NumCodec.Plain).Watch("end", seen)));
        world.RunToEnd();
        Assert.Empty(seen);
    }

    [Fact]
    public void What_a_device_sends_as_it_completes_is_taken_by_the_aggregator_whose_model_steers_the_devices()
    {
        var seen = new List<Seen>();
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        world.Add(Pipeline.Define("aggregator", p =>      // added first: the order of adding must not matter
        {
            var updates = p.Subscribe(air, "updates", NumCodec.Plain);
            updates.Watch("end", seen);
            updates.Map<Num, Steer>("model", (n, _) => new(n.Value, "m")).Publish(air, "model", SteerCodec.Plain);
        }));
        for (var i = 0; i < 3; i++)
        {
            world.Add(Pipeline.Define($"d{i}", p => p.Subscribe(air, "data", NumCodec.Plain).HoldAll("hold").Sum("train")
                    .ControlledBy(p.Subscribe(air, "model", SteerCodec.Plain)).Publish(air, "updates", NumCodec.Plain)));
        }
        world.Add(Pipeline.Define("sensor", p => p.Count(2, Ms(1)).Publish(air, "data", NumCodec.Plain)));
        world.RunFor(Ms(10));
        Assert.Empty(seen);
        world.RunToEnd();

        Assert.Equal(6, seen.Count);
        Assert.All(world.Devices, d => Assert.All(d.Metrics.Blocks, b =>
            Assert.DoesNotContain(b.Drops, r => r.Key == "after-end" && b.Block == "subscribe updates")));
    }
}
