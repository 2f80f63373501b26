namespace StreamLearn.Simulation.Tests;

/// <summary>Energy of traces that are written down, and of devices in a world.</summary>
public sealed class EnergyTests
{
    private static readonly PowerProfile Board = new()
    {
        IdleWatts = 0.1,
        ComputingWatts = 2,
        SendingWatts = 1,
        ReceivingWatts = 0.5,
        JoulesPerBit = 1e-6,
        Tail = Ms(200),
    };

    [Fact]
    public void Energy_is_power_times_time_in_each_state_and_that_of_the_bits()
    {
        // 0.1 W × 10 s + 2 W × 3 s + 1 W × (1 s + 0.2 s) + 0.5 W × 2 s + 10⁻⁶ J × 100,000
        var meter = new EnergyMeter
        {
            Idle = Ms(10_000),
            Computing = Ms(3_000),
            Sending = Ms(1_000),
            Tail = Ms(200),
            Receiving = Ms(2_000),
            Bits = 100_000,
        };
        Assert.Equal(Ms(16_200), meter.Total);
        Assert.Equal(9.3, meter.Joules(Board), 12);
        Assert.Equal(0, meter.Joules(PowerProfile.None));
    }

    [Fact]
    public void Devices_report_what_they_took_and_their_states_add_up_to_the_run()
    {
        using var world = World(out var sender, out var receiver);

        world.RunToEnd();

        // Computes 0.5 s, sends 0.1 s, and again 2 s later: between, the radio is on for 0.2 s, and 1.2 s are left.
        Assert.Equal(new() { Computing = Ms(1000), Sending = Ms(200), Tail = Ms(200), Idle = Ms(1200), Bits = 16_000 }, sender.Energy);
        Assert.Equal(Ms(2600), sender.Energy.Total);
        Assert.Equal((2 * 1) + (1 * 0.4) + (0.1 * 1.2) + 0.016, sender.Joules, 12);

        // Arrives 0.1 s after it was sent, twice.
        Assert.Equal(new() { Receiving = Ms(200), Idle = Ms(2500), Bits = 16_000 }, receiver.Energy);
        Assert.Equal(Ms(2700), receiver.Energy.Total);
        Assert.Equal((0.5 * 0.2) + (0.1 * 2.5) + 0.016, receiver.Joules, 12);
    }

    [Fact]
    public void A_device_without_a_power_profile_takes_nothing()
    {
        using var world = new VirtualWorld();
        var device = world.Add(Pipeline.Define("a", static p => p.Count(3, Ms(100)).Cost("work", 30_000).Discard()),
            new() { MultiplyAddsPerSecond = 1e6 });
        world.RunToEnd();
        Assert.Equal((Ms(90), 0), (device.Energy.Computing, device.Joules));
    }

    [Fact]
    public void A_world_that_was_saved_goes_on_counting()
    {
        using var first = World(out _, out _);
        first.RunFor(Ms(1000));
        var saved = first.Save();
        using var second = World(out var sender, out var receiver);
        second.Load(saved);
        second.RunToEnd();
        Assert.Equal((Ms(200), Ms(200), Ms(2600)), (sender.Energy.Sending, sender.Energy.Tail, sender.Energy.Total));
        Assert.Equal((Ms(200), Ms(2700)), (receiver.Energy.Receiving, receiver.Energy.Total));
    }

    [Fact]
    public void A_radio_stays_on_for_its_tail_at_most_and_not_while_it_sends_again()
    {
        var link = new LinkDirection(new LinkProfile().Checked(), 1000, new(1, "link"), Ms(200));
        Assert.Equal(Ms(0), link.TailsUntil(Ms(500)));                  // nothing was sent
        Assert.Equal(Ms(2000), link.Send(Ms(1000), 125).Sent);
        Assert.Equal(Ms(150), link.TailsUntil(Ms(2150)));
        Assert.Equal(Ms(3150), link.Send(Ms(2150), 125).Sent);
        Assert.Equal(Ms(4150), link.Send(Ms(3000), 125).Sent);          // waits for the one before: no tail
        Assert.Equal(Ms(350), link.TailsUntil(Ms(9000)));
        Assert.Equal(Ms(3000), link.Busy);
    }

    [Fact]
    public void Time_on_the_link_is_that_of_its_rate_without_its_outages()
    {
        var profile = new LinkProfile { RateTrace = [new(Ms(500), 0.5)], Outages = [new(Ms(1000), Ms(3000))] };
        var link = new LinkDirection(profile.Checked(), 1000, new(1, "link"));
        Assert.Equal(Ms(3500), link.Send(TimeSpan.Zero, 125).Sent);     // half of it in 0.5 s, the rest at half the rate in 1 s
        Assert.Equal(Ms(1500), link.Busy);
    }

    [Fact]
    public void What_is_no_power_and_no_time_is_refused()
    {
        using var world = new VirtualWorld();
        void Add(PowerProfile power) => world.Add(Pipeline.Define("a", static p => p.Count(1, Ms(1)).Discard()), new() { Power = power });
        Assert.Throws<ArgumentOutOfRangeException>(() => Add(Board with { IdleWatts = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Add(Board with { JoulesPerBit = double.NaN }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Add(Board with { Tail = -Ms(1) }));
    }

    private static VirtualWorld World(out VirtualDevice sender, out VirtualDevice receiver)
    {
        var world = new VirtualWorld();
        var air = world.Transport("air");
        var codec = new NumCodec { Bytes = 1000 };
        var link = new LinkProfile { UpBitsPerSecond = 80_000, DownBitsPerSecond = 80_000 };
        sender = world.Add(Pipeline.Define("a", p => p.Count(2, Ms(2000)).Cost("work", 500_000).Publish(air, "x", codec)),
            new() { MultiplyAddsPerSecond = 1e6, Power = Board }, link);
        receiver = world.Add(Pipeline.Define("b", p => p.Subscribe(air, "x", codec).Discard()), new() { Power = Board }, link);
        return world;
    }
}
