namespace StreamLearn.Simulation.Tests;

public sealed class LinkTests
{
    /// <summary>1,000 bytes take a second each way.</summary>
    private static readonly LinkProfile Narrow = new() { UpBitsPerSecond = 8_000, DownBitsPerSecond = 8_000 };
    private static readonly NumCodec Large = new() { Bytes = 1000 };

    [Fact]
    public void Transfers_queue_one_after_the_other_and_the_delay_is_added_after_the_last_bit()
    {
        var seen = Receive(Narrow with { Delay = Ms(50) }, LinkProfile.Unlimited, 3, Ms(10), out var device, out _);
        Assert.Equal([new(Ms(1050), 0), new(Ms(2050), 1), new(Ms(3050), 2)], seen);
        Assert.Equal((3000L, 0L), (device.BytesUp, device.BytesDown));
    }

    [Fact]
    public void The_downlink_of_the_receiver_queues_apart_from_the_uplink_of_the_sender()
    {
        var seen = Receive(Narrow, new() { DownBitsPerSecond = 4_000, Delay = Ms(5) }, 2, Ms(10), out _, out var receiver);
        // Up: 1 s each. Down: 2 s each, the second waits for the first.
        Assert.Equal([new(Ms(3005), 0), new(Ms(5005), 1)], seen);
        Assert.Equal((0L, 2000L), (receiver.BytesUp, receiver.BytesDown));
    }

    [Fact]
    public void Both_directions_of_one_device_carry_at_the_same_time()
    {
        var seen = new List<Seen>();
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        world.Add(Pipeline.Define("a", p =>
        {
            p.Count(2, TimeSpan.Zero).Publish(air, "x", Large);
            p.Subscribe(air, "x", Large).Watch("end", seen);
        }), link: Narrow);
        world.RunToEnd();
        Assert.Equal([new(Ms(2000), 0), new(Ms(3000), 1)], seen);
    }

    [Fact]
    public void A_local_transport_takes_no_time_and_no_link()
    {
        var seen = new List<Seen>();
        using var world = new VirtualWorld();
        var inside = world.LocalTransport("inside");
        var device = world.Add(Pipeline.Define("a", p =>
        {
            p.Count(2, Ms(10)).Publish(inside, "there", Large);
            p.Subscribe(inside, "there", Large).Publish(inside, "back", Large);
            p.Subscribe(inside, "back", Large).Watch("end", seen);
        }), link: Narrow);
        world.RunFor(Ms(100));

        Assert.Equal([new(Ms(0), 0), new(Ms(10), 1)], seen);
        Assert.Equal((0L, 0L), (device.BytesUp, device.BytesDown));
        Assert.Throws<ArgumentException>(() => world.Transport("inside"));
        world.Transport("air");
        Assert.Throws<ArgumentException>(() => world.LocalTransport("air"));
    }

    [Theory]
    [InlineData(500, 800, 1300)]        // begins within: half before, half after
    [InlineData(0, 300, 1300)]          // begins at its end
    [InlineData(1000, 2000, 1000)]      // ends as it begins
    [InlineData(999, 2000, 2001)]
    [InlineData(2000, 3000, 1000)]      // later
    public void An_outage_stretches_what_it_meets(int from, int to, int arrives)
    {
        var seen = Receive(Narrow with { Outages = [new(Ms(from), Ms(to))] }, LinkProfile.Unlimited, 1, Ms(1), out _, out _);
        Assert.Equal([new(Ms(arrives), 0)], seen);
    }

    [Fact]
    public void Several_transfers_go_through_several_outages()
    {
        // Carried: 0–400, 700–1000, 1500–2000, 2600–…; each transfer takes 1,000 ms of it.
        var outages = Narrow with { Outages = [new(Ms(400), Ms(700)), new(Ms(1000), Ms(1500)), new(Ms(2000), Ms(2600))] };
        var seen = Receive(outages, LinkProfile.Unlimited, 3, Ms(1), out _, out _);
        Assert.Equal([new(Ms(1800), 0), new(Ms(3400), 1), new(Ms(4400), 2)], seen);
    }

    [Fact]
    public void A_link_without_limits_still_carries_nothing_in_an_outage_and_keeps_the_order_at_its_end()
    {
        var outage = new LinkProfile { Outages = [new(Ms(10), Ms(30))] };
        Assert.Equal([new(Ms(0), 0), new(Ms(30), 1), new(Ms(30), 2), new(Ms(30), 3), new(Ms(40), 4)],
            Receive(outage, LinkProfile.Unlimited, 5, Ms(10), out _, out _));
        Assert.Equal([new(Ms(0), 0), new(Ms(30), 1), new(Ms(30), 2), new(Ms(30), 3), new(Ms(40), 4)],
            Receive(LinkProfile.Unlimited, outage, 5, Ms(10), out _, out _));
    }

    [Fact]
    public void A_slow_uplink_with_full_edges_keeps_the_order_of_messages()
    {
        var seen = new List<Seen>();
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        world.Add(Pipeline.Define("a", p => p.Count(200, TimeSpan.Zero).Buffer(2).Map<Num, Num>("pass", (n, _) => n).Buffer(3)
            .Publish(air, "x", Large)), link: Narrow);
        world.Add(Pipeline.Define("b", p => p.Subscribe(air, "x", Large).Watch("end", seen)));
        world.RunToEnd();
        Assert.Equal(Enumerable.Range(0, 200).Select(i => new Seen(Ms(1000 * (i + 1)), i)), seen);
    }

    [Fact]
    public void Two_publications_of_one_device_share_its_uplink()
    {
        var seen = new List<Seen>();
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        world.Add(Pipeline.Define("a", p =>
        {
            p.Count(2, TimeSpan.Zero, "one").Publish(air, "x/1", Large);
            p.Count(2, TimeSpan.Zero, "two").Publish(air, "x/2", Large);
        }), link: Narrow);
        world.Add(Pipeline.Define("b", p => p.Subscribe(air, "x/#", Large).Watch("end", seen)));

        world.RunToEnd();

        Assert.Equal([new(Ms(1000), 0), new(Ms(2000), 0), new(Ms(3000), 1), new(Ms(4000), 1)], seen);
    }

    [Fact]
    public void A_message_cut_off_by_the_stop_of_its_device_never_arrives_and_one_already_sent_does()
    {
        var seen = new List<Seen>();
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        var failing = world.Add(Pipeline.Define("a", p =>
        {
            p.Count(3, TimeSpan.Zero).Publish(air, "x", Large);
            p.Count(1, Ms(1), "later", Ms(1500)).ForEach("throws", _ => throw new InvalidOperationException("stop"));
        }), link: Narrow with { Delay = Ms(900) });
        world.Add(Pipeline.Define("b", p => p.Subscribe(air, "x", Large).Watch("end", seen)));

        world.RunToEnd();

        Assert.Equal("throws", failing.Failure!.Block);
        Assert.Equal([new(Ms(1900), 0)], seen);
    }

    [Fact]
    public void A_link_too_slow_for_the_calendar_carries_nothing_and_nothing_overflows()
    {
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        var device = world.Add(Pipeline.Define("a", p => p.Count(3, Ms(1)).Publish(air, "x", Large)),
            link: new() { UpBitsPerSecond = double.Epsilon, Delay = TimeSpan.FromDays(1) });
        world.RunFor(TimeSpan.FromDays(400));
        Assert.Null(device.Failure);
        Assert.Equal(1, device.Metrics["publish x"].ItemsIn);
    }

    private static List<Seen> Receive(LinkProfile sender, LinkProfile receiver, int count, TimeSpan period, out VirtualDevice from,
        out VirtualDevice to)
    {
        var seen = new List<Seen>();
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        from = world.Add(Pipeline.Define("a", p => p.Count(count, period).Publish(air, "x", Large)), link: sender);
        to = world.Add(Pipeline.Define("b", p => p.Subscribe(air, "x", Large).Watch("end", seen)), link: receiver);
        world.RunToEnd();
        return seen;
    }
}
