namespace StreamLearn.Simulation.Tests;

public sealed class BackpressureTests
{
    private static readonly DeviceProfile Slow = new() { MultiplyAddsPerSecond = 1_000_000 };

    [Fact]
    public void A_full_edge_holds_its_source_back_and_the_wait_is_counted()
    {
        var made = new List<TimeSpan>();
        using var world = new VirtualWorld(new() { Trace = e => { if (e.Kind == "make") { made.Add(e.Time); } } });
        var seen = new List<Seen>();
        var device = world.Add(Pipeline.Define("a", p => p.Count(6, Ms(1)).Buffer(2).Watch("slow", seen, 10_000)), Slow);
        world.RunToEnd();
        // One in the call, two on the edge, one in the hand of the source; each call of 10 ms lets one in.
        Assert.Equal([Ms(0), Ms(1), Ms(2), Ms(3), Ms(10), Ms(20)], made);
        Assert.Equal([new(Ms(0), 0), new(Ms(10), 1), new(Ms(20), 2), new(Ms(30), 3), new(Ms(40), 4), new(Ms(50), 5)], seen);
        Assert.Equal(Ms(7 + 10 + 10), device.Metrics["count"].Blocked);
        Assert.Equal(2, device.Metrics.Edges[0].Peak);
    }

    /// <summary>A block that waits itself, and one that has several targets, are not to blame.</summary>
    [Fact]
    public void Who_held_up_the_others_is_the_block_behind_the_last_full_edge()
    {
        using var world = new VirtualWorld();
        var device = world.Add(Pipeline.Define("a", p =>
        {
            var numbers = p.Count(20, Ms(1)).Buffer(2).Map<Num, Num>("fast", (n, _) => n);
            numbers.Buffer(2).Watch("light", [], 100);
            numbers.Buffer(2).Watch("slow", [], 10_000);
        }), Slow with { Cores = 4 });
        world.RunToEnd();

        var edges = device.Metrics.Edges.ToDictionary(static e => e.Name, static e => e.Waited);
        Assert.Equal((TimeSpan.Zero, device.Metrics["fast"].Blocked), (edges["fast→light"], edges["fast→slow"]));
        Assert.Equal(device.Metrics["count"].Blocked, edges["count→fast"]);
        Assert.True(edges["count→fast"] > TimeSpan.Zero);
        Assert.Equal(("slow", edges["fast→slow"]), (device.Metrics.HoldUps[0].Block, device.Metrics.HoldUps[0].Time));
        Assert.DoesNotContain(device.Metrics.HoldUps, static h => h.Block == "light");
    }

    [Fact]
    public void Drop_oldest_keeps_the_newest_and_drop_newest_the_oldest()
    {
        Assert.Equal("0 8 9, 7", Run(flow => flow.Buffer(2, OnFull.DropOldest), "drop-oldest"));
        Assert.Equal("0 1 2, 7", Run(flow => flow.Buffer(2, OnFull.DropNewest), "drop-newest"));
    }

    [Fact]
    public void Keep_latest_and_coalesce_queue_one_message()
    {
        Assert.Equal("0 9, 8", Run(flow => flow.Buffer(2, OnFull.KeepLatest), "replaced"));
        Assert.Equal("0 45, 8", Run(flow => flow.Coalesce((a, b) => new(a.Value + b.Value)), "coalesced", counted: true));
    }

    [Fact]
    public void An_edge_is_bounded_in_bytes_too()
    {
        var seen = new List<Seen>();
        using var world = new VirtualWorld();
        var device = world.Add(Pipeline.Define("a", p => p.Count(9, TimeSpan.Zero).Buffer(100, capacityBytes: 200)
            .Watch("slow", seen, 10_000)), Slow);
        world.RunToEnd();
        Assert.Equal(9, seen.Count);
        Assert.Equal((3, 192L), (device.Metrics.Edges[0].Peak, device.Metrics.Edges[0].PeakBytes));
    }

    [Fact]
    public void A_message_larger_than_a_waiting_edge_stops_the_device_by_name_and_leaks_nothing()
    {
        using var world = new VirtualWorld(new() { GuardMemory = true });
        var device = world.Add(Pipeline.Define("a", p =>
        {
            var pulses = p.Pulse(3, Ms(1));
            pulses.Map<Batch, Batch>("fits", (b, _) => b).Discard();
            pulses.Buffer(4, capacityBytes: 100).Map<Batch, Batch>("narrow", (b, _) => b).Discard();
            pulses.Map<Batch, Batch>("also", (b, _) => b).Discard();
        }));
        world.RunToEnd();

        Assert.Equal("pulse", device.Failure!.Block);
        Assert.Contains("edge pulse→narrow", device.Failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, world.Pool.RentedBatches);
    }

    [Fact]
    public void What_waits_at_the_broker_is_bounded_and_counted()
    {
        var seen = new List<Seen>();
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        world.Add(Pipeline.Define("a", p => p.Count(2_000, TimeSpan.Zero).Publish(air, "x", NumCodec.Plain)));
        var device = world.Add(Pipeline.Define("b", p => p.Subscribe(air, "x", NumCodec.Plain).Buffer(1).Watch("slow", seen, 1_000)), Slow);
        world.RunToEnd();
        // One in the call, one on the edge, one in the hand of the subscription, 1,000 at the broker.
        Assert.Equal(1_003, seen.Count);
        Assert.Equal(997, device.Metrics["subscribe x"].Drops["link-full"]);
        Assert.Equal(Enumerable.Range(0, 1_003).Select(i => (long)i), seen.Select(s => s.Value));
    }

    [Fact]
    public void Control_is_never_held_back_and_only_the_newest_of_a_sender_waits()
    {
        var seen = new List<Seen>();
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        world.Add(Pipeline.Define("boss", p => p.Count(100, Ms(1), first: Ms(1))
            .Map<Num, Steer>("to-steer", (n, _) => new(n.Value, n.Value % 2 == 0 ? "even" : "odd"))
                .Publish(air, "steer", SteerCodec.Plain)));
        var device = world.Add(Pipeline.Define("a", p => p.Count(3, TimeSpan.Zero).Buffer(1).Sum("busy", 1_000_000)
            .ControlledBy(p.Subscribe(air, "steer", SteerCodec.Plain)).Watch("end", seen)), Slow);

        world.RunToEnd();

        Assert.Equal(3, seen.Count);
        Assert.Equal((2L, 98L), (device.Metrics["busy"].Controls, device.Metrics["busy"].Drops["replaced"]));
        Assert.Equal(Ms(5_000), device.Busy);
    }

    [Fact]
    public void A_closed_operator_that_nothing_can_open_completes_and_the_rest_is_counted()
    {
        using var world = new VirtualWorld(new() { GuardMemory = true });
        var device = world.Add(Pipeline.Define("a", p => p.Pulse(20, Ms(1)).Buffer(2)
            .Via("shuts", "", (string _, OperatorContext _, IOutput<Batch> output) => new Shutting(output)).Discard()));
        world.RunToEnd();
        Assert.Equal(3, device.Metrics["shuts"].ItemsIn);
        Assert.True(device.Metrics["pulse"].ItemsOut >= 3);
        Assert.Equal(device.Metrics["pulse"].ItemsOut - 3, device.Metrics["shuts"].Drops.GetValueOrDefault("after-end"));
        Assert.Equal(0, world.Pool.RentedBatches);
    }

    [Fact]
    public void No_call_is_made_on_a_block_after_its_device_has_stopped()
    {
        var calls = new List<string>();
        using var world = new VirtualWorld(new() { GuardMemory = true });
        var device = world.Add(Pipeline.Define("a", p =>
        {
            var three = p.Pulse(1, Ms(1)).Via("three", new Outputs(3), (Outputs _, OperatorContext context, IOutput<Batch> output) =>
                new Growing(context, output));
            three.Discard();
            three.Buffer(1, capacityBytes: 500)
                .Via("watches", "", (string _, OperatorContext _, IOutput<Batch> output) => new Watching(calls, output)).Discard();
        }));
        world.RunToEnd();

        // The first message is on the edge, the second waits for space; as it moves on, the third turns out to be too large.
        Assert.Equal("three", device.Failure!.Block);
        Assert.Equal(["call", "disposed"], calls);
        Assert.Equal(0, world.Pool.RentedBatches);
    }

    private static string Run(Func<Flow<Num>, Flow<Num>> edge, string reason, bool counted = false)
    {
        var seen = new List<Seen>();
        using var world = new VirtualWorld();
        var device = world.Add(Pipeline.Define("a", p => edge(p.Count(10, Ms(1))).Watch("slow", seen, 100_000)), Slow);
        world.RunToEnd();
        var slow = device.Metrics["slow"];
        return $"{string.Join(' ', seen.Select(s => s.Value))}, {(counted ? slow.Counter(reason) : slow.Drops[reason])}";
    }

    /// <summary>Emits two small messages, and one that is larger than the narrow edge.</summary>
    private sealed class Growing(OperatorContext context, IOutput<Batch> output) : Operator<Batch>
    {
        public override void Process(Batch input)
        {
            output.Emit(context.Pool.Rent(input.Schema, 1));
            output.Emit(context.Pool.Rent(input.Schema, 1));
            output.Emit(context.Pool.Rent(input.Schema, 1000));
            input.Dispose();
        }
    }

    private sealed class Watching(List<string> calls, IOutput<Batch> output) : Operator<Batch>, IDisposable
    {
        public override void Process(Batch input)
        {
            calls.Add("call");
            output.Emit(input);
        }

        public void Dispose() => calls.Add("disposed");
    }

    private sealed class Shutting(IOutput<Batch> output) : Operator<Batch>
    {
        private int _taken;
        public override bool Ready => _taken < 3;

        public override void Process(Batch input)
        {
            _taken++;
            output.Emit(input);
        }
    }
}
