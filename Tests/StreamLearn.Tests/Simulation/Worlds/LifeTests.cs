namespace StreamLearn.Simulation.Tests;

/// <summary>Devices that crash, leave and come back, by plan.</summary>
public sealed class LifeTests
{
    private static readonly DeviceProfile Slow = new() { MultiplyAddsPerSecond = 1_000_000 };      // 1,000 multiply-adds a millisecond

    [Fact]
    public void Plans_are_carried_out_at_their_time_in_their_order()
    {
        var done = new List<string>();
        using var world = new VirtualWorld();
        world.At(Ms(20), () => done.Add($"second {world.Elapsed.TotalMilliseconds}"));
        world.At(Ms(10), () =>
        {
            done.Add($"first {world.Elapsed.TotalMilliseconds}");
            world.At(Ms(10), () => done.Add($"at once {world.Elapsed.TotalMilliseconds}"));
        });
        world.At(Ms(20), () => done.Add($"third {world.Elapsed.TotalMilliseconds}"));

        world.RunFor(Ms(15));
        Assert.Equal(["first 10", "at once 10"], done);
        world.RunToEnd();

        Assert.Equal(["first 10", "at once 10", "second 20", "third 20"], done);
        Assert.Throws<ArgumentOutOfRangeException>(() => world.At(Ms(19), () => { }));
        Assert.Throws<ArgumentOutOfRangeException>(() => world.At(TimeSpan.MaxValue, () => { }));
    }

    [Fact]
    public void A_plan_that_throws_ends_the_run_of_the_world_which_can_go_on()
    {
        var seen = new List<Seen>();
        using var world = new VirtualWorld();
        world.Add(Pipeline.Define("a", p => p.Count(3, Ms(10)).Watch("end", seen)));
        world.At(Ms(5), () => throw new InvalidDataException("planned"));
        Assert.Throws<InvalidDataException>(() => world.RunToEnd());
        Assert.Equal(Ms(5), world.Elapsed);
        world.RunToEnd();
        Assert.Equal(3, seen.Count);
        Assert.Null(world.Devices[0].Failure);
    }

    [Fact]
    public void A_crash_stops_a_device_at_once_and_the_others_go_on()
    {
        var (crashed, going) = (new List<Seen>(), new List<Seen>());
        using var world = new VirtualWorld(new() { GuardMemory = true });
        var a = world.Add(Pipeline.Define("a", p => p.Count(10, Ms(10)).Cost("work", 2_000).Watch("end", crashed)), Slow);
        var b = world.Add(Pipeline.Define("b", p => p.Count(10, Ms(10)).Watch("end", going)));
        world.At(Ms(31), a.Crash);

        world.RunToEnd();

        Assert.Equal([0L, 1, 2], crashed.Select(s => s.Value));
        Assert.Equal(10, going.Count);
        Assert.Equal((true, Ms(31), null), (a.HasCrashed, a.EndedAt, a.Failure));
        Assert.Equal((false, Ms(90)), (b.HasCrashed, b.EndedAt));
        a.Crash();
        a.Leave();
        Assert.Equal(Ms(31), a.EndedAt);
    }

    /// <summary>Every row is somewhere: made = taken by the last block + lost, wherever it was when the device crashed.</summary>
    [Fact]
    public void What_a_crashed_device_held_is_counted_where_it_was_meant_for_and_its_memory_is_back()
    {
        for (var at = 1; at < 60; at++)
        {
            using var world = new VirtualWorld(new() { GuardMemory = true });
            var device = world.Add(Pipeline.Define("a", p => p.Pulse(long.MaxValue, Ms(1)).Buffer(2).Map<Batch, Batch>("first", Work(1_700))
                .Buffer(3).Map<Batch, Batch>("second", Work(4_100)).Buffer(1).Map<Batch, Batch>("third", Work(9_300)).Discard()),
                Slow with { Cores = 2 });
            world.At(Ms(at + 0.5), device.Crash);
            world.RunFor(Ms(at + 1));

            var made = device.Metrics["pulse"].RowsOut;
            var (first, second, third) = (device.Metrics["first"], device.Metrics["second"], device.Metrics["third"]);
            var end = device.Metrics.Blocks[^1];
            Assert.Equal(made, first.RowsIn + Lost(first));
            Assert.Equal(first.RowsIn, second.RowsIn + Lost(second));
            Assert.Equal(second.RowsIn, third.RowsIn + Lost(third));
            Assert.Equal(third.RowsIn, end.RowsIn + Lost(end));
            Assert.Equal(0, world.Pool.RentedBatches);
            Assert.All(device.Metrics.Edges, e => Assert.Equal(0, e.Queued));
        }

        static Func<Batch, OperatorContext, Batch?> Work(long cost) => (batch, context) =>
        {
            context.Charge(cost);
            return batch;
        };

        static long Lost(BlockMetrics block) => block.RowsDropped.GetValueOrDefault("lost");
    }

    [Fact]
    public void Messages_on_their_way_from_and_to_a_crashed_device_are_lost_and_counted()
    {
        var (fromA, toA) = (new List<Seen>(), new List<Seen>());
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        // 9 bytes take 9 ms up; then 100 ms of delay
        var a = world.Add(Pipeline.Define("a", p =>
        {
            p.Count(10, Ms(10)).Publish(air, "from", NumCodec.Plain);
            p.Subscribe(air, "to", NumCodec.Plain).Watch("end", toA);
        }), link: new() { UpBitsPerSecond = 8_000, Delay = Ms(100) });
        var b = world.Add(Pipeline.Define("b", p =>
        {
            p.Count(10, Ms(10)).Publish(air, "to", NumCodec.Plain);
            p.Subscribe(air, "from", NumCodec.Plain).Watch("end", fromA);
        }));
        world.At(Ms(115), () => { });
        world.RunFor(Ms(34));
        a.Crash();
        world.RunToEnd();

        Assert.Equal([0L, 1, 2], fromA.Select(s => s.Value));      // the fourth was still being sent
        Assert.Equal(1, a.Metrics["publish from"].Drops["lost"]);
        Assert.Empty(toA);
        Assert.Equal(4, a.Metrics["subscribe to"].Drops["lost"]);      // sent at 0 to 30 ms; later ones have no subscriber
        Assert.Equal(10, b.Metrics["publish to"].ItemsIn);
        Assert.Equal(3, b.Metrics["subscribe from"].ItemsOut);
    }

    [Fact]
    public void A_crash_that_a_block_asks_for_comes_at_the_same_time_when_its_call_is_over()
    {
        using var world = new VirtualWorld(new() { GuardMemory = true });
        VirtualDevice? device = null;
        device = world.Add(Pipeline.Define("a", p => p.Pulse(10, Ms(10)).Map<Batch, Batch>("crashes", (batch, context) =>
        {
            context.Charge(2_000);
            if (world.Elapsed == Ms(20)) { device!.Crash(); }
            return batch;
        }).Discard()), Slow);
        world.RunToEnd();

        Assert.Equal((true, Ms(20), 3L), (device.HasCrashed, device.EndedAt, device.Metrics["crashes"].ItemsIn));
        Assert.Equal(1, device.Metrics.Blocks[^1].Drops["lost"]);
        Assert.Equal(0, world.Pool.RentedBatches);
    }

    [Fact]
    public void A_device_that_leaves_ends_its_sources_completes_its_blocks_and_publishes_their_last()
    {
        var (seen, steered) = (new List<Seen>(), 0L);
        using var world = new VirtualWorld(new() { GuardMemory = true });
        var air = world.Transport("air");
        var leaving = world.Add(Pipeline.Define("a", p => p.Count(long.MaxValue, Ms(10)).HoldAll("hold").Sum("train", 3_000)
            .ControlledBy(p.Subscribe(air, "model", SteerCodec.Plain)).Publish(air, "x", NumCodec.Plain)), Slow, new() { Delay = Ms(40) });
        world.Add(Pipeline.Define("b", p => p.Subscribe(air, "x", NumCodec.Plain).Watch("end", seen)));
        world.Add(Pipeline.Define("c", p => p.Count(long.MaxValue, Ms(10)).Map<Num, Steer>("steer", (_, _) => new(steered++, "k"))
            .Publish(air, "model", SteerCodec.Plain)));
        world.At(Ms(45), leaving.Leave);

        world.RunFor(Ms(300));

        Assert.Equal(5, seen.Count);
        Assert.Equal(5, leaving.Metrics["count"].ItemsOut);
        Assert.NotNull(leaving.EndedAt);
        Assert.InRange(leaving.EndedAt.Value, Ms(90), Ms(120));
        Assert.False(leaving.HasCrashed);
        Assert.Null(leaving.Failure);
    }

    [Fact]
    public void A_device_that_leaves_still_gets_the_answers_it_awaits()
    {
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        var leaving = world.Add(Pipeline.Define("a", p => p.Count(long.MaxValue, Ms(10))
            .Via("asks", "", static (string _, OperatorContext _, IOutput<Num> output) => new Asking(output))
            .ControlledBy(p.Subscribe(air, "a", SteerCodec.Plain)).Publish(air, "q", NumCodec.Plain)), link: new() { Delay = Ms(100) });
        world.Add(Pipeline.Define("b", p => p.Subscribe(air, "q", NumCodec.Plain)
            .Map<Num, Steer>("answer", (n, _) => new(n.Value, $"{(char)('a' + n.Value)}")).Publish(air, "a", SteerCodec.Plain)));
        world.At(Ms(45), leaving.Leave);

        world.RunFor(Ms(500));

        Assert.Equal((5, 5), (leaving.Metrics["asks"].ItemsIn, leaving.Metrics["asks"].Controls));
        Assert.Equal(Ms(240), leaving.EndedAt);
    }

    [Fact]
    public void A_device_that_leaves_takes_what_is_on_its_way_to_it_and_no_more()
    {
        var seen = new List<Seen>();
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        world.Add(Pipeline.Define("a", p => p.Count(long.MaxValue, Ms(10)).Publish(air, "x", NumCodec.Plain)));
        var leaving = world.Add(Pipeline.Define("b", p => p.Subscribe(air, "x", NumCodec.Plain).HoldAll("hold").Watch("end", seen)),
            link: new() { Delay = Ms(100) });
        world.At(Ms(35), leaving.Leave);
        world.RunFor(Ms(500));
        Assert.Equal([0L, 1, 2, 3], seen.Select(s => s.Value));
        Assert.Equal(Ms(130), leaving.EndedAt);
    }
}
