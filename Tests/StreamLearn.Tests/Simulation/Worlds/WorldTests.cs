namespace StreamLearn.Simulation.Tests;

public sealed class WorldTests
{
    private static readonly DeviceProfile Slow = new() { MultiplyAddsPerSecond = 1_000_000 };

    [Fact]
    public void RunFor_ends_at_its_span_exactly_and_what_is_under_way_goes_on_in_the_next_one()
    {
        var seen = new List<Seen>();
        using var world = new VirtualWorld(new() { GuardMemory = true });
        var device = world.Add(Pipeline.Define("a", p => p.Count(3, Ms(10)).Cost("work", 8_000).Watch("end", seen)), Slow);

        world.RunFor(Ms(15));
        Assert.Equal((Ms(15), new WorldOptions().Start + Ms(15)), (world.Elapsed, world.Now));
        Assert.Equal([new(Ms(8), 0)], seen);

        world.RunFor(Ms(3));
        Assert.Equal([new(Ms(8), 0), new(Ms(18), 1)], seen);
        Assert.Null(device.EndedAt);

        world.RunFor(Ms(1000));
        Assert.Equal(Ms(1018), world.Elapsed);
        Assert.Equal(Ms(28), device.EndedAt);
        world.RunFor(TimeSpan.Zero);
        Assert.Equal(Ms(1018), world.Elapsed);
    }

    [Fact]
    public void Pieces_of_a_run_make_the_same_run_as_the_whole()
    {
        Assert.Equal(Trace(Ms(1000)), Trace(Ms(8)));

        static List<TraceEvent> Trace(TimeSpan piece)
        {
            var trace = new List<TraceEvent>();
            using var world = new VirtualWorld(new() { Trace = trace.Add });
            var air = world.Transport("air");
            world.Add(Pipeline.Define("a", p => p.Count(40, Ms(10)).Cost("work", 8_000).Publish(air, "x", NumCodec.Plain)), Slow,
                new() { UpBitsPerSecond = 9_000 });
            world.Add(Pipeline.Define("b", p => p.Subscribe(air, "x", NumCodec.Plain).Delay("late", Ms(33)).Discard()), Slow);
            while (world.Elapsed < Ms(1000)) { world.RunFor(piece); }
            world.RunToEnd();
            return trace;
        }
    }

    [Fact]
    public void A_span_that_is_negative_or_beyond_the_calendar_is_refused()
    {
        using var world = new VirtualWorld();
        world.RunFor(Ms(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => world.RunFor(Ms(-1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => world.RunFor(TimeSpan.MaxValue));
        Assert.Equal(Ms(1), world.Elapsed);
    }

    [Fact]
    public void RunToEnd_ends_subscriptions_and_completes_the_blocks_behind_them()
    {
        var seen = new List<Seen>();
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        world.Add(Pipeline.Define("a", p => p.Count(3, Ms(1)).Publish(air, "x", NumCodec.Plain)));
        world.Add(Pipeline.Define("b", p => p.Subscribe(air, "x", NumCodec.Plain).HoldAll("hold").Watch("end", seen)));
        world.Add(Pipeline.Define("c", p => p.Subscribe(air, "nothing", NumCodec.Plain).Discard()));
        world.RunFor(Ms(10));
        Assert.Empty(seen);

        world.RunToEnd();

        Assert.Equal([0L, 1, 2], seen.Select(s => s.Value));
        Assert.All(world.Devices, d => Assert.NotNull(d.EndedAt));
    }

    [Fact]
    public void Pipelines_in_a_row_and_in_a_ring_end_too()
    {
        var seen = new List<Seen>();
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        world.Add(Pipeline.Define("last", p => p.Subscribe(air, "2", NumCodec.Plain).Watch("end", seen)));
        world.Add(Pipeline.Define("middle", p => p.Subscribe(air, "1", NumCodec.Plain).HoldAll("hold").Publish(air, "2", NumCodec.Plain)));
        world.Add(Pipeline.Define("first", p => p.Subscribe(air, "0", NumCodec.Plain).HoldAll("hold").Publish(air, "1", NumCodec.Plain)));
        world.Add(Pipeline.Define("source", p => p.Count(2, Ms(1)).Publish(air, "0", NumCodec.Plain)));
        world.Add(Pipeline.Define("ping", p => p.Subscribe(air, "pong", NumCodec.Plain)
            .Map<Num, Num>("up", (n, _) => n.Value < 5 ? new(n.Value + 1) : null).Publish(air, "ping", NumCodec.Plain)));
        world.Add(Pipeline.Define("pong", p => p.Subscribe(air, "ping", NumCodec.Plain).Publish(air, "pong", NumCodec.Plain)));
        world.Add(Pipeline.Define("serve", p => p.Count(1, Ms(1)).Publish(air, "pong", NumCodec.Plain)));
        world.RunFor(Ms(100));

        world.RunToEnd();

        Assert.Equal([0L, 1], seen.Select(s => s.Value));
        Assert.Equal(6, world.Devices[4].Metrics["subscribe pong"].ItemsOut);
        Assert.All(world.Devices, d => Assert.NotNull(d.EndedAt));
    }

    [Fact]
    public void A_world_that_stands_still_says_which_blocks_wait()
    {
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        world.Add(Pipeline.Define("a", p => p.Count(1, Ms(1)).Publish(air, "x", NumCodec.Plain)),
            link: new() { Outages = [new(Ms(0), TimeSpan.FromDays(10_000 * 365L))] });
        var error = Assert.Throws<InvalidOperationException>(() => world.RunToEnd());
        Assert.Equal("no events are left, but blocks still wait: a/publish x", error.Message);
    }

    [Fact]
    public void A_device_added_while_the_world_runs_starts_then()
    {
        var seen = new List<Seen>();
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        world.Add(Pipeline.Define("a", p => p.Count(10, Ms(10)).ForEach("adds", n =>
        {
            if (n.Value != 4) { return; }
            world.Add(Pipeline.Define("b", q => q.Subscribe(air, "x", NumCodec.Plain).Watch("end", seen)));
            world.Add(Pipeline.Define("c", q => q.Count(2, Ms(30)).Publish(air, "x", NumCodec.Plain)));
        })));
        world.RunToEnd();

        Assert.Equal([new(Ms(40), 0), new(Ms(40), 1)], seen);      // both were due before; neither before its device was there
        Assert.Equal(3, world.Devices.Count);
    }

    [Fact]
    public void A_run_inside_a_run_is_refused()
    {
        using var world = new VirtualWorld();
        var device = world.Add(Pipeline.Define("a", p => p.Count(1, Ms(1)).ForEach("runs", _ => world.RunFor(Ms(1)))));
        world.RunToEnd();
        Assert.Contains("already running", device.Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Blocks_that_cannot_run_in_virtual_time_are_refused_by_name()
    {
        using var world = new VirtualWorld();
        using var other = new VirtualWorld();

        Refused("real/publish x", Pipeline.Define("real", p => p.Count(1, Ms(1))
            .Publish(new InProcessTransport("air"), "x", NumCodec.Plain)));
        Refused("real/subscribe x", Pipeline.Define("real", p => p.Subscribe(new InProcessTransport("air"), "x", NumCodec.Plain)
            .Discard()));
        Refused("real/publish x", Pipeline.Define("real", p => p.Count(1, Ms(1)).Publish(other.Transport("air"), "x", NumCodec.Plain)));
        Refused("real/rows", Pipeline.Define("real", p => p.FromSequence("rows", _ => AsyncEnumerable.Empty<Num>()).Discard()));
        Refused("real/in", Pipeline.Define("real", p => p.Input<Num>("in").Discard()));
        Refused("real/out", Pipeline.Define("real", p => p.Count(1, Ms(1)).Output("out")));
        Assert.Empty(world.Devices);
        world.Add(Pipeline.Define("real", p => p.Count(1, Ms(1)).Discard()));
        Refused("'real'", Pipeline.Define("real", p => p.Count(1, Ms(1)).Discard()));

        void Refused(string name, Pipeline pipeline) =>
            Assert.Contains(name, Assert.Throws<ArgumentException>(() => world.Add(pipeline)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_transport_of_a_world_refuses_the_dataflow_host()
    {
        using var world = new VirtualWorld();
        var error = await Assert.ThrowsAsync<BlockFailedException>(() =>
            Pipeline.Define("a", p => p.Count(1, Ms(-1_000_000)).Publish(world.Transport("air"), "x", NumCodec.Plain))
                .RunAsync(Cancellation));
        Assert.Contains("belongs to a virtual world", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_factory_that_throws_gives_back_what_was_made_before_it()
    {
        using var world = new VirtualWorld(new() { GuardMemory = true });
        var pipeline = Pipeline.Define("a", p => p.Pulse(1, Ms(1))
            .Via("holds", "", (string _, OperatorContext context, IOutput<Batch> output) => new Holding(context, output))
            .Via("throws", "", (string _, OperatorContext context, IOutput<Batch> output) => Made(context, output)).Discard());

        var failure = Assert.Throws<BlockFailedException>(() => world.Add(pipeline));

        Assert.Equal("a/throws: cannot be made: not today", failure.Message);
        Assert.Equal(0, world.Pool.RentedBatches);
        Assert.Empty(world.Devices);

        static Holding Made(OperatorContext context, IOutput<Batch> output) =>
            output is null ? new(context, output!) : throw new InvalidOperationException("not today");
    }

    [Fact]
    public void Cancellation_stops_a_run_between_events_and_one_that_never_comes_to_rest()
    {
        using var world = new VirtualWorld();
        using var stop = new CancellationTokenSource();
        world.Add(Pipeline.Define("a", p => p.Count(long.MaxValue, Ms(1)).ForEach("stops", n => { if (n.Value == 5) { stop.Cancel(); } })));
        Assert.Throws<OperationCanceledException>(() => world.RunToEnd(stop.Token));
        Assert.Equal(Ms(5), world.Elapsed);
        world.RunFor(Ms(3), Cancellation);
        Assert.Equal(Ms(8), world.Elapsed);

        using var ring = new VirtualWorld();
        using var enough = new CancellationTokenSource();
        var air = ring.Transport("air");
        var passed = 0;
        ring.Add(Pipeline.Define("a", p => p.Count(1, Ms(1)).Publish(air, "x", NumCodec.Plain)));
        ring.Add(Pipeline.Define("b", p => p.Subscribe(air, "x", NumCodec.Plain).Map<Num, Num>("turns", (n, _) =>
        {
            if (++passed == 10_000) { enough.Cancel(); }
            return n;
        }).Publish(air, "x", NumCodec.Plain)));
        Assert.Throws<OperationCanceledException>(() => ring.RunToEnd(enough.Token));
    }

    [Fact]
    public void A_disposed_world_has_given_back_all_batches_and_runs_no_more()
    {
        var world = new VirtualWorld(new() { GuardMemory = true });
        var device = world.Add(Pipeline.Define("a", p => p.Pulse(10, Ms(1))
            .Via("holds", "", (string _, OperatorContext context, IOutput<Batch> output) => new Holding(context, output))
            .Map<Batch, Batch>("works", (b, context) =>
            {
                context.Charge(3_000);
                return b;
            }).Buffer(1).Map<Batch, Batch>("waits", (b, context) =>
            {
                context.Charge(100_000);
                return b;
            }).Discard()), Slow with { Cores = 2 });
        world.RunFor(Ms(8));
        Assert.True(world.Pool.RentedBatches >= 4, "a batch held, two in calls, one queued");

        world.Dispose();
        world.Dispose();

        Assert.Equal(0, world.Pool.RentedBatches);
        Assert.Equal(Ms(8), device.EndedAt);
        Assert.Throws<ObjectDisposedException>(() => world.RunFor(Ms(1)));
        Assert.Throws<ObjectDisposedException>(() => world.Add(device.Pipeline));
    }

    /// <summary>Keeps a batch from its making on, and passes all others on.</summary>
    private sealed class Holding(OperatorContext context, IOutput<Batch> output) : Operator<Batch>, IDisposable
    {
        private readonly Batch _held = context.Pool.Rent(new([Field.Channel("c0", Unit.One)]), 1);
        public override void Process(Batch input) => output.Emit(input);
        public void Dispose() => _held.Dispose();
    }
}
