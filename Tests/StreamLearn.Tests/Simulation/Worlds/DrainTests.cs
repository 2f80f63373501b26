using StreamLearn.Samples;


namespace StreamLearn.Simulation.Tests;

/// <summary>Worlds that never end by themselves, and how they are ended.</summary>
public sealed class DrainTests : IDisposable
{
    private static readonly DeviceProfile Slow = new() { MultiplyAddsPerSecond = 1_000_000 };      // 1,000 multiply-adds a millisecond
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromSeconds(20));
    public void Dispose() => _patience.Dispose();

    [Fact]
    public void A_source_that_stays_open_is_silent_after_its_last_row_until_the_world_is_drained()
    {
        using var world = new VirtualWorld();
        var device = world.Add(Pipeline.Define("device", p => p
            .FromHarStream(new() { Duration = TimeSpan.FromSeconds(2), StayOpen = true }).Discard()));
        world.RunFor(TimeSpan.FromHours(1), Cancellation);
        Assert.Null(device.EndedAt);
        world.Drain(Cancellation);
        Assert.Equal(TimeSpan.FromHours(1), device.EndedAt);
        Assert.Equal(100, device.Metrics["har-stream 0"].RowsOut);
    }

    [Fact]
    public void Drain_ends_sources_now_and_processes_what_is_under_way()
    {
        var (seen, held) = (new List<Seen>(), new List<Seen>());
        using var world = new VirtualWorld(new() { GuardMemory = true });
        var air = world.Transport("air");
        var device = world.Add(Pipeline.Define("a", p => p.Count(long.MaxValue, Ms(10)).Cost("work", 4_000)
            .Publish(air, "x", NumCodec.Plain)), Slow, new() { Delay = Ms(25) });
        world.Add(Pipeline.Define("b", p =>
        {
            var numbers = p.Subscribe(air, "x", NumCodec.Plain);
            numbers.Watch("watch", seen);
            numbers.HoldAll("hold").Watch("end", held);
        }));
        world.RunFor(Ms(52));

        world.Drain(_patience.Token);

        Assert.Equal(Enumerable.Range(0, 6).Select(i => new Seen(Ms((10 * i) + 29), i)), seen);
        Assert.Equal([0L, 1, 2, 3, 4, 5], held.Select(s => s.Value));
        Assert.Equal(6, device.Metrics["count"].ItemsOut);
        Assert.All(world.Devices, d => Assert.NotNull(d.EndedAt));
        Assert.Equal(Ms(79), world.Elapsed);
    }

    [Fact]
    public void Drain_moves_on_what_a_source_has_made_and_found_no_room_for()
    {
        var seen = new List<Seen>();
        using var world = new VirtualWorld();
        world.Add(Pipeline.Define("a", p => p.Count(long.MaxValue, Ms(1)).Buffer(1).Cost("work", 30_000).Watch("end", seen)), Slow);
        world.RunFor(Ms(10));
        world.Drain(_patience.Token);
        Assert.Equal([0L, 1, 2], seen.Select(s => s.Value));      // one in work, one queued, one without space
    }

    /// <summary>The block trains as long as its input is open, without rows: a wake-up each time the last one is over.</summary>
    [Theory, InlineData(0)]
    [InlineData(7_000)]
    public void Drain_completes_blocks_that_are_woken_for_ever_while_their_input_is_open(long cost)
    {
        var (first, second) = (new List<Seen>(), new List<Seen>());
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        world.Add(Pipeline.Define("by-rows", p => p.Count(long.MaxValue, Ms(10)).Tick("ticks", Ms(3), cost).Watch("end", first)), Slow);
        world.Add(Pipeline.Define("sender", p => p.Count(long.MaxValue, Ms(10)).Publish(air, "x", NumCodec.Plain)));
        world.Add(Pipeline.Define("by-messages", p => p.Subscribe(air, "x", NumCodec.Plain).Tick("ticks", Ms(3), cost)
            .Watch("end", second)), Slow);
        world.RunFor(Ms(35));

        world.Drain(_patience.Token);

        Assert.Equal([0L, 1, 2, 3, -1], first.Select(s => s.Value));
        Assert.Equal([0L, 1, 2, 3, -1], second.Select(s => s.Value));
        Assert.InRange(world.Elapsed, Ms(35), Ms(60));
    }

    /// <summary>Woken for ever, and each wake-up sends something: only the end of those who publish to it can end it.</summary>
    [Fact]
    public void Drain_completes_a_block_that_is_woken_for_ever_and_sends_each_time()
    {
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        var models = 0L;
        var device = world.Add(Pipeline.Define("device", p => p.Count(long.MaxValue, Ms(10)).Sum("train")
            .ControlledBy(p.Subscribe(air, "model", SteerCodec.Plain)).Publish(air, "delta", NumCodec.Plain)),
            link: new() { Delay = Ms(50) });
        var aggregator = world.Add(Pipeline.Define("aggregator", p => p.Subscribe(air, "delta", NumCodec.Plain)
            .Tick("ticks", Ms(3), 1_000, emits: true).Map<Num, Steer>("model", (_, _) => new(models++, "k"))
            .Publish(air, "model", SteerCodec.Plain)), Slow, new() { Delay = Ms(50) });
        world.RunFor(Ms(400));

        world.Drain(_patience.Token);

        Assert.Equal(device.Metrics["publish delta"].ItemsIn, aggregator.Metrics["subscribe delta"].ItemsOut);
        Assert.True(device.Metrics["train"].Controls > 50);
        Assert.All(world.Devices, d => Assert.NotNull(d.EndedAt));
        Assert.InRange(world.Elapsed, Ms(450), Ms(600));
    }

    [Fact]
    public void Drain_ends_pipelines_in_a_ring_though_blocks_are_woken_for_ever()
    {
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        world.Add(Pipeline.Define("ping", p => p.Subscribe(air, "pong", NumCodec.Plain).Tick("ticks", Ms(0), 2_000)
            .Map<Num, Num>("up", (n, _) => n.Value is >= 0 and < 7 ? new(n.Value + 1) : null).Publish(air, "ping", NumCodec.Plain)), Slow,
            new() { Delay = Ms(20) });
        world.Add(Pipeline.Define("pong", p => p.Subscribe(air, "ping", NumCodec.Plain).Tick("ticks", Ms(7), 0)
            .Publish(air, "pong", NumCodec.Plain)));
        world.Add(Pipeline.Define("serve", p => p.Count(1, Ms(1)).Publish(air, "pong", NumCodec.Plain)));
        world.RunFor(Ms(50));

        world.Drain(_patience.Token);

        // the serve and seven returns: what was under way went on
        Assert.Equal(8, world.Devices[0].Metrics["subscribe pong"].ItemsOut);
        Assert.All(world.Devices, d => Assert.NotNull(d.EndedAt));
    }

    [Fact]
    public void Drain_waits_for_a_wake_up_that_a_waiting_message_needs()
    {
        var seen = new List<Seen>();
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        world.Add(Pipeline.Define("a", p => p.Count(long.MaxValue, Ms(10)).Publish(air, "x", NumCodec.Plain)));
        world.Add(Pipeline.Define("b", p => p.Subscribe(air, "x", NumCodec.Plain)
            .Via("one-a-second", "", static (string _, OperatorContext context, IOutput<Num> output) => new OneASecond(context, output))
            .Watch("end", seen)));
        world.Add(Pipeline.Define("ticks", p => p.Subscribe(air, "nothing", NumCodec.Plain).Tick("ticks", Ms(100), 0).Discard()));
        world.RunFor(Ms(25));

        world.Drain(_patience.Token);

        Assert.Equal([new(Ms(0), 0), new(Ms(1000), 1), new(Ms(2000), 2)], seen);
    }

    [Fact]
    public void Drain_waits_for_answers()
    {
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        var device = world.Add(Pipeline.Define("device", p => p.Count(long.MaxValue, Ms(10))
            .Via("asks", "", static (string _, OperatorContext _, IOutput<Num> output) => new Asking(output))
            .ControlledBy(p.Subscribe(air, "a", SteerCodec.Plain)).Publish(air, "q", NumCodec.Plain)), link: new() { Delay = Ms(100) });
        world.Add(Pipeline.Define("edge", p => p.Subscribe(air, "q", NumCodec.Plain).Delay("thinks", Ms(500))
            .Map<Num, Steer>("answer", (n, _) => new(n.Value, $"{(char)('a' + (n.Value % 26))}")).Publish(air, "a", SteerCodec.Plain)));
        world.RunFor(Ms(45));

        world.Drain(_patience.Token);

        Assert.Equal((5, 5), (device.Metrics["asks"].ItemsIn, device.Metrics["asks"].Controls));
        Assert.Equal(Ms(740), world.Elapsed);
    }

    [Fact]
    public void Sources_of_a_device_that_joins_while_the_world_drains_end_at_once()
    {
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        world.Add(Pipeline.Define("a", p => p.Count(long.MaxValue, Ms(1)).Publish(air, "x", NumCodec.Plain)),
            link: new() { Delay = Ms(100) });
        world.Add(Pipeline.Define("b", p => p.Subscribe(air, "x", NumCodec.Plain).Discard()));
        VirtualDevice? joined = null;
        world.At(Ms(60), () => joined = world.Add(Pipeline.Define("c", p => p.Count(long.MaxValue, Ms(1)).Discard())));
        world.RunFor(Ms(50));

        world.Drain(_patience.Token);

        Assert.NotNull(joined?.EndedAt);
        Assert.Equal(0, joined.Metrics["count"].ItemsOut);
    }

    [Fact]
    public void Drain_says_which_blocks_wait_for_ever()
    {
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        world.Add(Pipeline.Define("a", p => p.Count(1, Ms(1)).Publish(air, "x", NumCodec.Plain)),
            link: new() { Outages = [new(Ms(0), TimeSpan.FromDays(10_000 * 365L))] });
        world.RunFor(Ms(5));
        Assert.Equal("no events are left, but blocks still wait: a/publish x",
            Assert.Throws<InvalidOperationException>(() => world.Drain(_patience.Token)).Message);
    }

    [Fact]
    public void A_drained_world_repeats_itself_event_by_event()
    {
        Assert.Equal(Trace(), Trace());

        static List<TraceEvent> Trace()
        {
            var trace = new List<TraceEvent>();
            using var world = new VirtualWorld(new() { Trace = trace.Add });
            var air = world.Transport("air");
            for (var i = 0; i < 5; i++)
            {
                world.Add(Pipeline.Define($"d{i}", p => p.Count(long.MaxValue, Ms(7)).Tick("ticks", Ms(3), 900, emits: true)
                    .Publish(air, $"x/{p.Name}", NumCodec.Plain)), Slow with { Jitter = 0.3 },
                    new() { UpBitsPerSecond = 20_000, Delay = Ms(9) });
            }
            world.Add(Pipeline.Define("all", p => p.Subscribe(air, "x/+", NumCodec.Plain).Tick("ticks", Ms(11), 500).Discard()), Slow);
            world.RunFor(Ms(500));
            world.Drain();
            return trace;
        }
    }

    [Fact]
    public void Cancellation_stops_a_drain()
    {
        using var world = new VirtualWorld();
        using var canceled = new CancellationTokenSource();
        world.Add(Pipeline.Define("a", p => p.Count(long.MaxValue, Ms(1)).Cost("work", 5_000).Discard()), Slow);
        world.RunFor(Ms(5));
        canceled.Cancel();
        Assert.Throws<OperationCanceledException>(() => world.Drain(canceled.Token));
        world.Drain(_patience.Token);
    }

    /// <summary>Takes a message and is closed for a second.</summary>
    private sealed class OneASecond(OperatorContext context, IOutput<Num> output) : Operator<Num>
    {
        private bool _open = true;
        public override bool Ready => _open;

        public override void Process(Num input)
        {
            _open = false;
            output.Emit(input);
            context.WakeAt(context.Now.AddSeconds(1));
        }

        public override void WakeUp() => _open = true;
    }
}
