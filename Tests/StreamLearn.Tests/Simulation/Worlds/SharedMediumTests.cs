namespace StreamLearn.Simulation.Tests;

/// <summary>Media that devices share. 1,000 bytes take a second.</summary>
public sealed class SharedMediumTests
{
    private static readonly LinkProfile Narrow = new() { UpBitsPerSecond = 8_000, DownBitsPerSecond = 8_000 };
    private static readonly NumCodec Large = new() { Bytes = 1000 };

    [Fact]
    public void All_transfers_of_the_devices_queue_on_it_in_both_directions()
    {
        using var world = new VirtualWorld();
        var medium = world.Share("radio", Narrow, "a", "b");
        var (up, down) = (new List<Seen>(), new List<Seen>());
        var a = Send(world, "a", "up", 2);
        var b = Receive(world, "b", "down", down);
        var c = Receive(world, "c", "up", up);
        Send(world, "d", "down", 1, first: Ms(500));

        world.RunToEnd();

        Assert.Equal([new(Ms(1000), 0), new(Ms(3000), 1)], up);
        Assert.Equal([new(Ms(2000), 0)], down);
        Assert.Equal(new LinkUse(3000, Ms(3000)), medium.Use);
        Assert.Equal((2000, Ms(2000)), (a.BytesUp, a.Energy.Sending));      // the wait is no sending
        Assert.Equal((1000, Ms(1000)), (b.BytesDown, b.Energy.Receiving));
        Assert.Equal((2000, Ms(0)), (c.BytesDown, c.Energy.Receiving));
        Assert.Equal(["a", "b"], medium.Devices);
    }

    [Fact]
    public void Between_devices_of_one_medium_a_message_takes_a_turn_to_the_server_and_one_from_it_and_one_if_they_are_linked()
    {
        Assert.Equal(Ms(2000), Arrives(linked: false));
        Assert.Equal(Ms(1000), Arrives(linked: true));

        static TimeSpan Arrives(bool linked)
        {
            using var world = new VirtualWorld();
            var medium = world.Share("radio", Narrow, "a", "b");
            if (linked) { world.Link("a", "b", LinkProfile.Unlimited); }
            var seen = new List<Seen>();
            Send(world, "a", "x", 1);
            Receive(world, "b", "x", seen);
            world.RunToEnd();
            Assert.Equal(seen[0].At, medium.Use.Busy);
            return seen[0].At;
        }
    }

    [Fact]
    public void A_link_between_devices_of_two_media_queues_on_both()
    {
        using var world = new VirtualWorld();
        var (one, other) = (world.Share("one", Narrow with { Delay = Ms(30) }, "a"), world.Share("other", Narrow, "b", "c"));
        world.Link("a", "b", LinkProfile.Unlimited with { Delay = Ms(5) });
        var seen = new List<Seen>();
        Send(world, "c", "y", 1);
        Send(world, "a", "x", 1);
        Receive(world, "b", "x", seen);
        world.RunToEnd();
        Assert.Equal([new(Ms(2035), 0)], seen);     // it waits for c; the delays add up
        Assert.Equal((Ms(1000), Ms(2000)), (one.Use.Busy, other.Use.Busy));
    }

    [Fact]
    public void The_slower_of_link_and_medium_says_when_a_message_has_left()
    {
        Assert.Equal((Ms(1000), Ms(1000)), Sent(Narrow));
        Assert.Equal((Ms(2000), Ms(2000)), Sent(new() { UpBitsPerSecond = 4_000 }));
        Assert.Equal((Ms(1000), Ms(1000)), Sent(new() { UpBitsPerSecond = 16_000 }));

        static (TimeSpan Arrives, TimeSpan Sending) Sent(LinkProfile link)
        {
            using var world = new VirtualWorld();
            world.Share("radio", Narrow, "a");
            var seen = new List<Seen>();
            var a = Send(world, "a", "x", 1, link);
            Receive(world, "b", "x", seen);
            world.RunToEnd();
            return (seen[0].At, a.Energy.Sending);
        }
    }

    [Fact]
    public void A_device_with_a_slow_link_leaves_the_medium_to_others()
    {
        using var world = new VirtualWorld();
        world.Share("radio", Narrow, "slow", "b");
        var (slow, fast) = (new List<Seen>(), new List<Seen>());
        Send(world, "server", "slow", 3);
        Receive(world, "slow", "slow", slow, new() { DownBitsPerSecond = 800 });      // 10 s a message
        Send(world, "b", "fast", 1, first: Ms(3500));
        Receive(world, "c", "fast", fast);
        world.RunToEnd();
        Assert.Equal([Ms(10_000), Ms(20_000), Ms(30_000)], slow.Select(s => s.At));
        Assert.Equal([Ms(4500)], fast.Select(s => s.At));
    }

    [Fact]
    public void Media_that_make_no_sense_are_refused()
    {
        using var world = new VirtualWorld();
        world.Share("radio", Narrow, "a");
        Assert.Throws<ArgumentException>(() => world.Share("radio", Narrow, "b"));
        Assert.Throws<ArgumentException>(() => world.Share("cable", Narrow));
        Assert.Throws<ArgumentException>(() => world.Share("cable", Narrow, "a", "a"));
        Assert.Throws<ArgumentException>(() => world.Share("cable", new() { UpBitsPerSecond = 1 }, "a"));
        Assert.Single(world.Media);
    }

    private static VirtualDevice Send(
        VirtualWorld world, string name, string topic, int count, LinkProfile? link = null, TimeSpan first = default) =>
        world.Add(
            Pipeline.Define(name, p => p.Count(count, Ms(1), first: first).Publish(world.Transport("air"), topic, Large)), link: link);

    private static VirtualDevice Receive(VirtualWorld world, string name, string topic, List<Seen> seen, LinkProfile? link = null) =>
        world.Add(Pipeline.Define(name, p => p.Subscribe(world.Transport("air"), topic, Large).Watch("end", seen)), link: link);
}
