namespace StreamLearn.Simulation.Tests;

/// <summary>Devices that come back after a crash.</summary>
public sealed class RejoinTests
{
    private static readonly DeviceProfile Slow = new() { MultiplyAddsPerSecond = 1_000_000 };      // 1,000 multiply-adds a millisecond

    [Fact]
    public void A_device_rejoins_under_its_name_gets_what_is_retained_and_both_lives_can_be_read()
    {
        var (first, second) = (new List<Seen>(), new List<Seen>());
        using var world = new VirtualWorld(new() { GuardMemory = true });
        var air = world.Transport("air");
        world.Add(Pipeline.Define("server", p => p.Count(3, Ms(10)).Publish(air, "model", NumCodec.Plain, retain: true)));
        Pipeline Life(List<Seen> seen) => Pipeline.Define("a", p =>
        {
            p.Count(long.MaxValue, Ms(100)).Discard();
            p.Subscribe(air, "model", NumCodec.Plain).Watch("end", seen);
        });
        var one = world.Add(Life(first));
        world.At(Ms(15), one.Crash);
        VirtualDevice? two = null;
        world.At(Ms(250), () => two = world.Add(Life(second)));

        world.RunFor(Ms(400));

        Assert.Equal([new(Ms(0), 0), new(Ms(10), 1)], first);
        Assert.Equal([new(Ms(250), 2)], second);
        Assert.Equal(["server", "a", "a"], world.Devices.Select(d => d.Name));
        Assert.Same(one, world.Devices[1]);
        Assert.Same(two, world.Devices[2]);
        Assert.Equal((1, 5), (one.Metrics["count"].ItemsOut, two!.Metrics["count"].ItemsOut));
        Assert.False(one.Metrics["subscribe model"].Drops.ContainsKey("after-end"));
        Assert.Throws<ArgumentException>(() => world.Add(Life(second)));
        world.Drain();
        Assert.Equal(0, world.Pool.RentedBatches);
        world.Add(Life([]));
    }

    [Fact]
    public void Retained_messages_of_a_crashed_device_stay()
    {
        var seen = new List<Seen>();
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        var a = world.Add(Pipeline.Define("a", p => p.Count(2, Ms(10)).Publish(air, "x", NumCodec.Plain, retain: true)));
        world.At(Ms(15), a.Crash);
        world.At(Ms(50), () => world.Add(Pipeline.Define("b", p => p.Subscribe(air, "x", NumCodec.Plain).Watch("end", seen))));
        world.RunToEnd();
        Assert.Equal([new(Ms(50), 1)], seen);
    }

    [Fact]
    public void Crashes_and_returns_repeat_bit_for_bit_and_leave_strangers_as_they_were()
    {
        var (first, second, calm) = (Trace(crashes: true), Trace(crashes: true), Trace(crashes: false));

        Assert.Equal(first, second);
        Assert.NotEqual(first, calm);
        Assert.Equal(calm.FindAll(e => e.Device == "stranger"), first.FindAll(e => e.Device == "stranger"));
        Assert.Contains(first, e => e is { Kind: "crash", Device: "d1", Block: "" });
        Assert.Contains(first, e => e is { Kind: "leave", Device: "d2", Block: "" });

        static List<TraceEvent> Trace(bool crashes)
        {
            var trace = new List<TraceEvent>();
            using var world = new VirtualWorld(new() { Seed = 3, Trace = trace.Add, GuardMemory = true });
            var air = world.Transport("air");
            Pipeline Device(string name) => Pipeline.Define(name, p => p.Count(200, Ms(7)).Sum("train", 4_000)
                .ControlledBy(p.Subscribe(air, "model", SteerCodec.Plain)).Publish(air, $"x/{name}", NumCodec.Plain));
            for (var i = 0; i < 4; i++)
            {
                var device = world.Add(Device($"d{i}"), Slow with { Jitter = 0.2 }, new() { UpBitsPerSecond = 40_000, Delay = Ms(5) });
                if (crashes && i == 1)
                {
                    world.At(Ms(333), device.Crash);
                    world.At(Ms(700), () => world.Add(Device("d1"), Slow with { Jitter = 0.2 }));
                }
                if (crashes && i == 2) { world.At(Ms(555), device.Leave); }
            }
            world.Add(Pipeline.Define("stranger", p => p.Count(100, Ms(9)).Cost("work", 3_000).Publish(air, "y", NumCodec.Plain)),
                Slow with { Jitter = 0.2 });
            world.Add(Pipeline.Define("server", p => p.Subscribe(air, "x/+", NumCodec.Plain).Map<Num, Steer>("model", (n, _) =>
                n.Value % 3 == 0 ? new(n.Value, "k") : null).Publish(air, "model", SteerCodec.Plain, retain: true)));
            world.RunToEnd();
            Assert.Equal(0, world.Pool.RentedBatches);
            return trace;
        }
    }

    [Fact]
    public void Nothing_is_sent_to_a_subscription_that_had_ended_when_its_device_was_saved()
    {
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        var pipeline = Pipeline.Define("a", p =>
        {
            p.SaveWith(NumCodec.Plain);
            p.Count(3, Ms(1)).Sum("sum").ControlledBy(p.Subscribe(air, "steer", SteerCodec.Plain)).Discard();
            p.Count(100, Ms(1), "more").Discard();
        });
        var device = world.Add(pipeline, null, null, new DeviceCheckpoints());
        world.Add(Pipeline.Define("b", p => p.Count(30, Ms(1), first: Ms(20)).Map<Num, Steer>("steer", static (n, _) => new(n.Value, "k"))
            .Publish(air, "steer", SteerCodec.Plain)));
        world.At(Ms(10), device.SaveState);
        world.At(Ms(15), device.Crash);
        world.RunFor(Ms(60));       // the server keeps what comes meanwhile

        var resumed = world.Add(pipeline, null, null, new DeviceCheckpoints(), device.LastCheckpoint);
        world.RunToEnd();

        Assert.Equal(0, resumed.BytesDown);
        Assert.Empty(resumed.Metrics["subscribe steer"].Drops);
    }

    [Fact]
    public void A_device_that_crashes_and_returns_for_ever_holds_no_memory_of_its_former_lives_messages()
    {
        using var world = new VirtualWorld(new() { GuardMemory = true });
        var air = world.Transport("air");
        world.Add(Pipeline.Define("server", p => p.Pulse(long.MaxValue, Ms(1)).Map<Batch, Num>("n", (b, _) =>
        {
            b.Dispose();
            return new(1);
        }).Publish(air, "x", NumCodec.Plain, retain: true)));
        for (var life = 0; life < 100; life++)
        {
            var device = world.Add(Pipeline.Define("a", p =>
            {
                p.Pulse(long.MaxValue, Ms(1)).Map<Batch, Batch>("work", (b, context) =>
                {
                    context.Charge(5_000);
                    return b;
                }).Discard();
                p.Subscribe(air, "x", NumCodec.Plain).Discard();
            }), Slow, new() { Delay = Ms(3) });
            world.RunFor(Ms(10));
            device.Crash();
            Assert.Equal(0, world.Pool.RentedBatches);
        }
        Assert.Equal(101, world.Devices.Count);
        Assert.All(world.Devices.Skip(1), d => Assert.InRange(d.Metrics["subscribe x"].Drops.Values.Sum(), 0, 5));
    }
}
