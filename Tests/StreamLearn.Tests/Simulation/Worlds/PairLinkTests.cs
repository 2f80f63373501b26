namespace StreamLearn.Simulation.Tests;

/// <summary>Links between pairs of devices. 1,000 bytes take a second over a narrow one.</summary>
public sealed class PairLinkTests
{
    private static readonly LinkProfile Narrow = new() { UpBitsPerSecond = 8_000, DownBitsPerSecond = 8_000 };
    private static readonly NumCodec Large = new() { Bytes = 1000 };
    private static readonly PowerProfile Radio = new() { SendingWatts = 2, ReceivingWatts = 1, Tail = Ms(200) };

    [Fact]
    public void What_linked_devices_send_each_other_travels_over_their_link_and_not_over_their_own()
    {
        using var world = new VirtualWorld();
        var link = world.Link("a", "b", Narrow with { Delay = Ms(50), DownBitsPerSecond = 4_000 });
        var (there, back) = (new List<Seen>(), new List<Seen>());
        var a = Sender(world, "a", 2, there: "up", back: "down", back);
        var b = Sender(world, "b", 2, there: "down", back: "up", there);

        world.RunToEnd();

        Assert.Equal([new(Ms(1050), 0), new(Ms(2050), 1)], there);
        Assert.Equal([new(Ms(2050), 0), new(Ms(4050), 1)], back);       // each direction is a queue of its own
        Assert.Equal((new LinkUse(2000, Ms(2000)), new LinkUse(2000, Ms(4000))), (link.Up, link.Down));
        Assert.Equal((8_000, 4_000), (link.Up.BitsPerSecond, link.Down.BitsPerSecond));
        Assert.All([a.Uplink, a.Downlink, b.Uplink, b.Downlink], own => Assert.Equal(default, own));
        Assert.Equal([(2000L, 2000L), (2000, 2000)], new[] { a, b }.Select(d => (d.BytesUp, d.BytesDown)));
    }

    [Fact]
    public void Energy_and_bits_of_a_transfer_are_counted_at_both_devices_with_the_tail_of_the_radio()
    {
        using var world = new VirtualWorld();
        world.Link("a", "b", Narrow);
        var air = world.Transport("air");
        var a = world.Add(Pipeline.Define("a", p => p.Count(2, Ms(1100)).Publish(air, "x", Large)), new() { Power = Radio });
        var b = world.Add(Pipeline.Define("b", p => p.Subscribe(air, "x", Large).Discard()), new() { Power = Radio });
        world.RunToEnd();
        Assert.Equal((Ms(2000), Ms(100), 16_000), (a.Energy.Sending, a.Energy.Tail, a.Energy.Bits));
        Assert.Equal((Ms(2000), 16_000), (b.Energy.Receiving, b.Energy.Bits));
        Assert.Equal(4.2, a.Joules, 1e-12);
    }

    [Fact]
    public void A_message_for_others_too_goes_over_the_own_link_besides()
    {
        using var world = new VirtualWorld();
        world.Link("a", "b", Narrow);
        var (air, linked, other) = (world.Transport("air"), new List<Seen>(), new List<Seen>());
        var a = world.Add(Pipeline.Define("a", p => p.Count(2, Ms(10)).Publish(air, "x", Large)), link: new() { UpBitsPerSecond = 16_000 });
        var b = world.Add(Pipeline.Define("b", p => p.Subscribe(air, "x", Large).Watch("end", linked)));
        world.Add(Pipeline.Define("c", p => p.Subscribe(air, "x", Large).Watch("end", other)));
        world.RunToEnd();
        Assert.Equal([new(Ms(1000), 0), new(Ms(2000), 1)], linked);
        Assert.Equal([new(Ms(500), 0), new(Ms(1500), 1)], other);       // the second waits until the first has left everywhere
        Assert.Equal((4000, 2000, 0), (a.BytesUp, a.Uplink.Bytes, b.Downlink.Bytes));
    }

    [Fact]
    public void What_is_kept_for_later_subscribers_comes_to_them_over_their_own_link()
    {
        using var world = new VirtualWorld();
        world.Link("a", "b", Narrow);
        var (air, seen) = (world.Transport("air"), new List<Seen>());
        world.Add(Pipeline.Define("a", p => p.Count(1, Ms(10)).Publish(air, "x", Large, retain: true)));
        world.At(Ms(5000), () => world.Add(Pipeline.Define("b", p => p.Subscribe(air, "x", Large).Watch("end", seen)),
            link: new() { DownBitsPerSecond = 80_000 }));
        world.RunToEnd();
        Assert.Equal([new(Ms(5100), 0)], seen);
    }

    [Fact]
    public void A_message_over_a_faster_link_overtakes()
    {
        using var world = new VirtualWorld();
        world.Link("a", "c", Narrow);
        var (air, seen) = (world.Transport("air"), new List<Seen>());
        world.Add(Pipeline.Define("a", p => p.Count(2, Ms(10)).Publish(air, "x", Large)));
        world.Add(Pipeline.Define("b", p => p.Count(1, Ms(10), first: Ms(500)).Map<Num, Num>("other", (_, _) => new(7))
            .Publish(air, "x", Large)), link: new() { Delay = Ms(100) });
        world.Add(Pipeline.Define("c", p => p.Subscribe(air, "x", Large).Watch("end", seen)));
        world.RunToEnd();
        Assert.Equal([new(Ms(600), 7), new(Ms(1000), 0), new(Ms(2000), 1)], seen);
    }

    [Theory]
    [InlineData(900, 0)]        // its last bit has not left
    [InlineData(1100, 1)]
    public void A_message_whose_sender_crashes_arrives_if_its_last_bit_has_left(int crash, int arrives)
    {
        var seen = One(out var world, out var a, out var b);
        world.At(Ms(crash), a.Crash);
        world.RunFor(Ms(3000));
        Assert.Equal(arrives, seen.Count);
        Assert.Equal(1 - arrives, b.Metrics["subscribe x"].Drops.GetValueOrDefault("lost"));
        world.Dispose();
    }

    [Theory, InlineData("a", 1100, 0), InlineData("b", 1100, 0), InlineData("a", 1250, 1), InlineData("b", 1250, 1)]
    public void A_message_is_lost_if_either_device_loses_its_connection_on_the_way(string device, int at, int arrives)
    {
        var seen = One(out var world, out var a, out var b);
        var disconnected = device == "a" ? a : b;
        world.At(Ms(at), disconnected.Disconnect);
        world.At(Ms(at + 1), disconnected.Connect);
        world.RunFor(Ms(3000));
        Assert.Equal(arrives, seen.Count);
        Assert.Equal(1 - arrives, b.Metrics["subscribe x"].Drops.GetValueOrDefault("lost"));
        world.Dispose();
    }

    /// <summary>Messages over a slow link and over a fast one arrive out of order, so that they are not acknowledged as they were
    /// sent.</summary>
    [Fact]
    public void A_device_that_goes_on_from_its_checkpoint_gets_each_message_once_whichever_link_it_takes()
    {
        for (var crash = 100; crash < 4000; crash += 77)
        {
            using var world = new VirtualWorld();
            world.Link("a", "c", Narrow with { UpBitsPerSecond = 16_000 });
            world.Link("b", "c", LinkProfile.Unlimited with { Delay = Ms(3) });
            var (air, total) = (world.Transport("air"), new long[1]);
            world.Add(Pipeline.Define("a", p => p.Count(7, Ms(10)).Publish(air, "x", Large)));
            world.Add(Pipeline.Define("b", p => p.Count(20, Ms(100)).Map<Num, Num>("more", (n, _) => new(1000 + n.Value))
                .Publish(air, "x", Large)));
            var (checkpoints, pipeline) = (new DeviceCheckpoints { HoldAtMost = Ms(20), SyncTime = Ms(9) }, Pipeline.Define("c", p =>
            {
                p.SaveWith(NumCodec.Plain);
                p.Subscribe(air, "x", Large).To("add", total, static (long[] total, OperatorContext _) => new Adding(total));
            }));
            var c = world.Add(pipeline, null, null, checkpoints);
            world.At(Ms(crash), c.Crash);
            world.At(Ms(crash + 40), () => world.Add(pipeline, null, null, checkpoints, c.LastCheckpoint));

            world.RunToEnd();

            Assert.Equal((crash, 21 + 20_190), (crash, total[0]));
        }
    }

    [Fact]
    public void A_sender_that_goes_on_from_its_checkpoint_sends_again_what_had_not_left()
    {
        for (var crash = 100; crash < 3100; crash += 77)
        {
            using var world = new VirtualWorld();
            world.Link("a", "b", Narrow);
            var (air, seen) = (world.Transport("air"), new List<Seen>());
            var (checkpoints, pipeline) = (new DeviceCheckpoints { Every = Ms(150) }, Pipeline.Define("a", p =>
            {
                p.SaveWith(NumCodec.Plain);
                p.Count(3, Ms(10)).Publish(air, "x", Large);
                p.Count(400, Ms(10), "goes-on").Sum("sum").Discard();       // calls, so that it saves
            }));
            var a = world.Add(pipeline, null, null, checkpoints);
            world.Add(Pipeline.Define("b", p => p.Subscribe(air, "x", Large).Watch("end", seen)));
            world.At(Ms(crash), a.Crash);
            world.At(Ms(crash + 1), () => world.Add(pipeline, null, null, checkpoints, a.LastCheckpoint));

            world.RunToEnd();

            Assert.Equal((crash, "0, 1, 2"), (crash, string.Join(", ", seen.Select(static s => s.Value).Distinct().Order())));
        }
    }

    [Fact]
    public void Links_that_make_no_sense_are_refused()
    {
        using var world = new VirtualWorld();
        world.Link("a", "b", Narrow);
        Assert.Throws<ArgumentException>(() => world.Link("b", "a", Narrow));
        Assert.Throws<ArgumentException>(() => world.Link("a", "a", Narrow));
        Assert.Throws<ArgumentOutOfRangeException>(() => world.Link("a", "c", new() { UpBitsPerSecond = 0 }));
        world.RunFor(Ms(1));
        Assert.Throws<InvalidOperationException>(() => world.Link("a", "c", Narrow));
        Assert.Throws<InvalidOperationException>(() => world.Share("radio", Narrow, "a"));
        Assert.Equal(["a"], world.Links.Select(static l => l.From));
    }

    [Fact]
    public void A_world_that_was_saved_with_other_links_is_refused()
    {
        using var first = new VirtualWorld();
        first.Link("a", "b", Narrow);
        first.Share("radio", Narrow, "a");
        var saved = first.Save();

        Refused(static _ => { }, "expected 0 links between devices, got 1");
        Refused(static w => w.Link("a", "c", Narrow), "expected a link from 'a' to 'c', got one from 'a' to 'b'");
        Refused(static w => w.Link("a", "b", Narrow), "expected 0 shared media, got 1");
        Refused(static w =>
        {
            w.Link("a", "b", Narrow);
            w.Share("cable", Narrow, "a");
        }, "expected medium 'cable', got 'radio'");

        void Refused(Action<VirtualWorld> link, string message)
        {
            using var world = new VirtualWorld();
            link(world);
            Assert.Contains(message, Assert.Throws<StateException>(() => world.Load(saved)).Message, StringComparison.Ordinal);
        }
    }

    /// <summary>Adds up all values, which its state holds, and says the sum at the end.</summary>
    private sealed class Adding(long[] total) : Operator<Num>, IStateful
    {
        private long _sum;
        public string StateFormat => "adding/1";
        public void State(ref StateStream s) => s.Value(ref _sum);
        public override void Process(Num input) => _sum += input.Value;
        public override void Complete() => total[0] = _sum;
    }

    private static VirtualDevice Sender(VirtualWorld world, string name, int count, string there, string back, List<Seen> seen) =>
        world.Add(Pipeline.Define(name, p =>
        {
            p.Count(count, Ms(10)).Publish(world.Transport("air"), there, Large);
            p.Subscribe(world.Transport("air"), back, Large).Watch("end", seen);
        }), link: Narrow);

    /// <summary>One message whose last bit leaves at one second and which arrives 200 ms later.</summary>
    private static List<Seen> One(out VirtualWorld world, out VirtualDevice a, out VirtualDevice b)
    {
        var seen = new List<Seen>();
        world = new();
        world.Link("a", "b", Narrow with { Delay = Ms(200) });
        var air = world.Transport("air");
        a = world.Add(Pipeline.Define("a", p =>
        {
            p.Count(1, Ms(10)).Publish(air, "x", Large);
            p.Count(10, Ms(1000), "goes-on").Discard();
        }));
        b = world.Add(Pipeline.Define("b", p => p.Subscribe(air, "x", Large).Watch("end", seen)));
        return seen;
    }
}
