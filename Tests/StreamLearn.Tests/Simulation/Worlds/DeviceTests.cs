namespace StreamLearn.Simulation.Tests;

public sealed class DeviceTests
{
    private static readonly DeviceProfile Slow = new() { MultiplyAddsPerSecond = 1_000_000 };      // 1,000 multiply-adds a millisecond

    [Fact]
    public void Outputs_appear_at_the_end_of_the_call_that_made_them()
    {
        var seen = new List<Seen>();
        using var world = new VirtualWorld();
        var device = world.Add(Pipeline.Define("a", p => p.Count(3, Ms(100)).Cost("work", 30_000).Watch("end", seen)),
            Slow with { Cores = 2 });

        world.RunToEnd();

        Assert.Equal([new(Ms(30), 0), new(Ms(130), 1), new(Ms(230), 2)], seen);
        Assert.Equal(Ms(90), device.Busy);
        Assert.Equal(Ms(90), device.Metrics["work"].Busy);
        Assert.Equal(90_000, device.Metrics["work"].MultiplyAdds);
        Assert.Equal(Ms(230), device.EndedAt);
        Assert.Null(device.Failure);
    }

    [Fact]
    public void Calls_queue_for_the_core() =>
        Assert.Equal([new(Ms(30), 0), new(Ms(60), 1), new(Ms(90), 2)], Worked(3, Ms(10), 30_000, Slow));

    [Fact]
    public void A_device_of_two_cores_runs_two_blocks_at_once_and_one_of_one_core_does_not()
    {
        Assert.Equal(Ms(20), EndOf(1));
        Assert.Equal(Ms(10), EndOf(2));

        static TimeSpan? EndOf(int cores)
        {
            using var world = new VirtualWorld();
            var device = world.Add(Pipeline.Define("a", p =>
            {
                var numbers = p.Count(1, Ms(1));
                numbers.Cost("left", 10_000).Discard();
                numbers.Cost("right", 10_000).Discard();
            }), Slow with { Cores = cores });
            world.RunToEnd();
            Assert.Equal(Ms(20), device.Busy);
            return device.EndedAt;
        }
    }

    [Fact]
    public void Calls_of_one_block_never_overlap_however_many_cores_there_are() =>
        Assert.Equal([new(Ms(5), 0), new(Ms(10), 1), new(Ms(15), 2)], Worked(3, TimeSpan.Zero, 5_000, Slow with { Cores = 8 }));

    [Fact]
    public void A_call_runs_at_the_speed_of_its_start()
    {
        var profile = Slow with { Speed = 0.5, SpeedTrace = [new(Ms(100), 0.25), new(Ms(200), 2)] };
        Assert.Equal([new(Ms(20), 0), new(Ms(110), 1), new(Ms(220), 2), new(Ms(275), 3)], Worked(4, Ms(90), 10_000, profile));
    }

    [Fact]
    public void Jitter_stretches_each_call_by_a_draw_of_the_devices_own_stream()
    {
        var seen = Worked(50, Ms(1000), 10_000, Slow with { Jitter = 0.5 });
        var draws = new RandomStream(5, "jitter", "a");
        for (var i = 0; i < 50; i++)
        {
            var seconds = 0.01 * Math.Max(0.2, 1 + (0.5 * draws.NextGaussian()));
            Assert.Equal((long)Math.Round(seconds * TimeSpan.TicksPerSecond), (seen[i].At - Ms(1000 * i)).Ticks);
        }
    }

    [Fact]
    public void A_control_message_goes_before_data_that_waits_even_when_its_block_already_stands_in_line()
    {
        var order = new List<string>();
        using var world = new VirtualWorld(new()
        {
            Trace = e => { if (e is { Device: "a", Amount: 10_000 }) { order.Add($"{e.Time.TotalMilliseconds} {e.Block} {e.Kind}"); } }
        });
        var air = world.Transport("air");
        world.Add(Pipeline.Define("boss", p => p.Count(1, Ms(1), first: Ms(5)).Map<Num, Steer>("to-steer", (n, _) => new(n.Value, "k"))
            .Publish(air, "steer", SteerCodec.Plain)));
        world.Add(Pipeline.Define("a", p =>
        {
            var numbers = p.Count(2, Ms(1));
            numbers.Cost("other", 10_000).Discard();
            numbers.Sum("summing", 10_000).ControlledBy(p.Subscribe(air, "steer", SteerCodec.Plain)).Discard();
        }), Slow);
        world.RunToEnd();

        // At 5 ms the core is busy and "summing" already stands in line for data, before "other" does again.
        Assert.Equal(["0 other process", "10 summing control", "20 summing process", "30 other process", "40 summing process"], order);
    }

    [Fact]
    public void A_block_that_throws_stops_its_device_alone_and_is_named()
    {
        var (good, bad) = (new List<Seen>(), new List<Seen>());
        using var world = new VirtualWorld(new() { GuardMemory = true });
        var failing = world.Add(Pipeline.Define("bad", p => p.Count(10, Ms(1))
            .Map<Num, Num>("throws", (n, _) => n.Value == 3 ? throw new InvalidOperationException("three is too many") : n)
                .Watch("end", bad)));
        var going = world.Add(Pipeline.Define("good", p => p.Count(10, Ms(1)).Watch("end", good)));

        world.RunToEnd();

        Assert.Equal(("bad", "throws", 4L), (failing.Failure!.Pipeline, failing.Failure.Block, failing.Failure.Item));
        Assert.Equal("three is too many", failing.Failure.InnerException!.Message);
        Assert.Equal(Ms(3), failing.EndedAt);
        Assert.Equal(3, bad.Count);
        Assert.Equal(10, good.Count);
        Assert.Null(going.Failure);
    }

    [Fact]
    public void A_source_an_encoder_and_a_decoder_that_throw_stop_the_device_they_run_on()
    {
        using var world = new VirtualWorld();
        var transport = world.Transport("t");
        var source = world.Add(Pipeline.Define("source", p => p.From("broken", 0, (int _, OperatorContext _) => new Broken()).Discard()));
        var encoder = world.Add(Pipeline.Define("encoder", p => p.Count(1, Ms(1)).Publish(transport, "x", new Throwing())));
        var sender = world.Add(Pipeline.Define("sender", p => p.Count(2, Ms(1)).Publish(transport, "y", NumCodec.Plain)));
        var decoder = world.Add(Pipeline.Define("decoder", p => p.Subscribe(transport, "y", new Throwing()).Discard()));

        world.RunToEnd();

        Assert.Equal("broken", source.Failure?.Block);
        Assert.Equal("publish x", encoder.Failure?.Block);
        Assert.Equal("subscribe y", decoder.Failure?.Block);
        Assert.Null(sender.Failure);
        Assert.Equal(2, sender.Metrics["publish y"].ItemsIn);
    }

    [Fact]
    public void A_profile_out_of_range_is_refused_when_the_device_is_added()
    {
        using var world = new VirtualWorld();
        var pipeline = Pipeline.Define("a", p => p.Count(1, Ms(1)).Discard());

        foreach (var wrong in new DeviceProfile[]
        {
            Slow with { MultiplyAddsPerSecond = 0 }, Slow with { MultiplyAddsPerSecond = double.NaN }, Slow with { Speed = -1 },
                Slow with { Speed = double.PositiveInfinity },
            Slow with { Cores = 0 }, Slow with { Jitter = 1.1 }, Slow with { Jitter = double.NaN },
                Slow with { SpeedTrace = [new(Ms(1), 0)] },
            Slow with { SpeedTrace = [new(Ms(2), 1), new(Ms(1), 1)] },
        })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => world.Add(pipeline, wrong));
        }
        foreach (var wrong in new LinkProfile[]
        {
            new() { UpBitsPerSecond = 0 }, new() { DownBitsPerSecond = double.NaN }, new() { Delay = Ms(-1) },
                new() { Outages = [new(Ms(2), Ms(2))] },
            new() { Outages = [new(Ms(1), Ms(5)), new(Ms(4), Ms(6))] }, new() { Delay = TimeSpan.MaxValue },
        })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => world.Add(pipeline, link: wrong));
        }
        Assert.Empty(world.Devices);
        world.Add(pipeline, Slow with { SpeedTrace = default }, new() { Outages = default });
        world.RunToEnd();
    }

    [Fact]
    public void A_call_that_would_last_beyond_the_calendar_never_ends_and_nothing_overflows()
    {
        using var world = new VirtualWorld();
        var device = world.Add(Pipeline.Define("a", p => p.Count(2, Ms(1)).Cost("work", long.MaxValue / 2).Discard()),
            Slow with { MultiplyAddsPerSecond = 1e-300 });
        Assert.Contains("a/work", Assert.Throws<InvalidOperationException>(() => world.RunToEnd()).Message, StringComparison.Ordinal);
        Assert.Null(device.Failure);
        Assert.Null(device.EndedAt);
    }

    private static List<Seen> Worked(int count, TimeSpan period, long cost, DeviceProfile profile)
    {
        var seen = new List<Seen>();
        using var world = new VirtualWorld(new() { Seed = 5 });
        world.Add(Pipeline.Define("a", p => p.Count(count, period).Cost("work", cost).Watch("end", seen)), profile);
        world.RunToEnd();
        return seen;
    }

    private sealed class Broken : Source<Num>
    {
        public override DateTimeOffset? NextAt => DateTimeOffset.UnixEpoch;
        public override Num Next() => throw new InvalidOperationException("no more coffee");
    }

    private sealed class Throwing : ICodec<Num>
    {
        public string Name => "throwing/1";
        public void Encode(Num value, System.Buffers.IBufferWriter<byte> buffer) => throw new InvalidOperationException("cannot write");

        public bool TryDecode(in System.Buffers.ReadOnlySequence<byte> bytes, BatchPool pool, out Num value) =>
            throw new InvalidOperationException("cannot read");
    }
}
