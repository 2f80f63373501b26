using System.Buffers;

namespace StreamLearn.Nodes.Tests;

/// <summary>What a device learns of its link by probes, and by what it sends anyway.</summary>
public sealed class ProbeLinkTests
{
    [Fact]
    public void Throughput_is_that_of_both_ways_and_a_fresh_estimate_needs_no_probe()
    {
        using var probe = Probing();
        var sent = probe.Expect<LinkProbe>();
        probe.Advance(TimeSpan.FromSeconds(2));
        probe.Send(sent with { IsEcho = true });
        Assert.Equal(("probe", 7L, 1L, 1000, OperatorProbe.Start), (sent.Device, sent.Epoch, sent.Sequence, sent.Bytes, sent.SentAt));
        Assert.Equal(Estimate(2 * 8 * 1000 / 2.0, 2, LinkEstimateKind.Probe), probe.Expect<LinkEstimate>(1));
        probe.Advance(TimeSpan.FromSeconds(59.9));
        probe.ExpectNothing();
        probe.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(2, probe.Expect<LinkProbe>().Sequence);
    }

    [Fact]
    public void A_first_probe_that_waited_for_a_connection_is_not_believed()
    {
        using var probe = Started(OperatorProbe.From<LinkProbe>(static (_, echoes) =>
            OperatorProbe.Use(echoes.ProbeLink(1000, repeats: 2, epoch: 7))));
        EchoAfter(probe, 4);            // the connection opens, code is compiled
        Assert.Throws<OperatorContractException>(() => probe.Expect<LinkEstimate>(1));
        EchoAfter(probe, 0.5);
        EchoAfter(probe, 1);
        Assert.Equal(Estimate(2 * 8 * 1000 / 0.5, 5.5, LinkEstimateKind.Probe), probe.Expect<LinkEstimate>(1));
        probe.ExpectNothing();
        probe.Advance(TimeSpan.FromSeconds(60));
        EchoAfter(probe, 0.9);          // more than half of what was known
        Assert.Equal(2 * 8 * 1000 / 0.9, probe.Expect<LinkEstimate>(1).BitsPerSecond, 1e-6);
    }

    [Fact]
    public void A_link_is_much_slower_only_if_the_next_probes_say_so_too()
    {
        using var probe = Started(OperatorProbe.From<LinkProbe>(static (_, echoes) =>
            OperatorProbe.Use(echoes.ProbeLink(1000, repeats: 1, epoch: 7))));
        EchoAfter(probe, 1);
        EchoAfter(probe, 1);
        Assert.Equal(16_000, probe.Expect<LinkEstimate>(1).BitsPerSecond);
        probe.Advance(TimeSpan.FromSeconds(60));
        EchoAfter(probe, 8);            // the machine was busy
        EchoAfter(probe, 1);
        Assert.Equal(16_000, probe.Expect<LinkEstimate>(1).BitsPerSecond);
        probe.Advance(TimeSpan.FromSeconds(60));
        EchoAfter(probe, 8);
        EchoAfter(probe, 5);
        Assert.Equal(3200, probe.Expect<LinkEstimate>(1).BitsPerSecond);
    }

    [Fact]
    public void What_came_back_counts_if_the_next_probe_is_lost()
    {
        using var probe = Started(OperatorProbe.From<LinkProbe>(static (_, echoes) =>
            OperatorProbe.Use(echoes.ProbeLink(1000, repeats: 2, epoch: 7))));
        EchoAfter(probe, 1);
        probe.Expect<LinkProbe>();
        probe.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(Estimate(16_000, 11, LinkEstimateKind.Probe), probe.Expect<LinkEstimate>(1));
        probe.ExpectNothing();
    }

    [Fact]
    public void A_transfer_is_an_estimate_and_saves_a_probe()
    {
        using var probe = Probing();
        probe.Send(probe.Expect<LinkProbe>() with { IsEcho = true });
        Assert.Equal(double.PositiveInfinity, probe.Expect<LinkEstimate>(1).BitsPerSecond);
        probe.Advance(TimeSpan.FromSeconds(50));
        probe.Control(new LinkTransfer(4096, TimeSpan.FromSeconds(0.5)));
        probe.Control(new LinkTransfer(4095, TimeSpan.FromSeconds(0.5)), new LinkTransfer(5000, TimeSpan.Zero));
        Assert.Equal(Estimate(8 * 4096 / 0.5, 50, LinkEstimateKind.Transfer), probe.Expect<LinkEstimate>(1));
        Assert.Equal(2, probe.Metrics.Drops["small"]);
        probe.Advance(TimeSpan.FromSeconds(59));
        probe.ExpectNothing();
        probe.Advance(TimeSpan.FromSeconds(1));
        probe.Expect<LinkProbe>();
    }

    [Fact]
    public void A_probe_that_is_lost_says_that_nothing_is_carried_and_the_next_follows_at_once()
    {
        using var probe = Probing();
        var lost = probe.Expect<LinkProbe>();
        probe.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(Estimate(0, 10, LinkEstimateKind.Silence), probe.Expect<LinkEstimate>(1));
        var next = probe.Expect<LinkProbe>();
        probe.Send(lost with { IsEcho = true });
        probe.ExpectNothing();
        probe.Send(next with { IsEcho = true });
        Assert.Equal(LinkEstimateKind.Probe, probe.Expect<LinkEstimate>(1).Kind);
        Assert.Equal((1, 1), (probe.Metrics.Counter("probes-lost"), probe.Metrics.Drops["late"]));
    }

    [Fact]
    public void What_is_no_echo_of_the_probe_under_way_is_dropped()
    {
        using var probe = Probing();
        var sent = probe.Expect<LinkProbe>() with { IsEcho = true };
        probe.Send(sent with { Device = "other" }, sent with { Epoch = 6 }, sent with { IsEcho = false });
        probe.Send(sent with { Sequence = 2 }, sent with { Bytes = 2000 });
        probe.ExpectNothing();
        probe.Send(sent);
        probe.Expect<LinkEstimate>(1);
        probe.Send(sent);
        Assert.Equal([("epoch", 1L), ("late", 3), ("no-echo", 1), ("other-device", 1)],
            probe.Metrics.Drops.Select(static d => (d.Key, d.Value)).Order());
    }

    [Fact]
    public void A_simulated_link_is_found_as_slow_as_it_is()
    {
        var estimates = new List<LinkEstimate>();
        using var world = new VirtualWorld(new() { GuardMemory = true });
        var air = world.Transport("air");
        world.Add(Pipeline.Define("edge", p => p.Subscribe(air, "probes", NodesCodecs.LinkProbes).EchoProbes()
            .Publish(air, "echoes", NodesCodecs.LinkProbes)));
        var device = world.Add(
            Pipeline.Define("device", p =>
            {
                var (probes, told) = p.Subscribe(air, "echoes", NodesCodecs.LinkProbes).ProbeLink();
                probes.Publish(air, "probes", NodesCodecs.LinkProbes);
                told.ForEach("keep", estimates.Add);
            }),
            new(), new()
            {
                UpBitsPerSecond = 2e6,
                DownBitsPerSecond = 2e6,
                Delay = TimeSpan.FromMilliseconds(5),
                RateTrace = [new(TimeSpan.FromSeconds(90), 0.25)],
            });
        world.RunFor(TimeSpan.FromSeconds(150));
        world.Drain(TestContext.Current.CancellationToken);

        Assert.Equal([2, 2, 0.5], estimates.Select(static e => Math.Round(e.BitsPerSecond / 1e6, 1)));
        Assert.InRange(estimates[0].BitsPerSecond, 1.9e6, 2e6);         // delays and the envelope are in it
        Assert.Equal((3 + 1 + 3) * 65_536, device.BytesUp, 1000.0);     // the first and the slow one are repeated
    }

    [Fact]
    public void Messages_come_back_as_they_went_and_a_probe_has_its_bytes()
    {
        var probe = Probe(1000);
        var estimate = new LinkEstimate { Device = "é", BitsPerSecond = 1.5e6, At = OperatorProbe.Start, Kind = LinkEstimateKind.Transfer };
        Assert.Equal(1000, Encoded(NodesCodecs.LinkProbes, probe).Length);
        Assert.Equal(probe, Read(NodesCodecs.LinkProbes, Encoded(NodesCodecs.LinkProbes, probe)));
        Assert.Equal(Probe(512, new('a', 256)), Read(NodesCodecs.LinkProbes, Encoded(NodesCodecs.LinkProbes, Probe(512, new('a', 256)))));
        Assert.Equal(estimate, Read(NodesCodecs.LinkEstimates, Encoded(NodesCodecs.LinkEstimates, estimate)));
        Assert.Equal("534C4D4C" + "01" + "00" + "0000" + "0200" + "C3A9" + "0000000060E33641" + "0040313CF729DD08" + "01" + "9E21CA8E",
            Convert.ToHexString(Encoded(NodesCodecs.LinkEstimates, estimate)));
        Assert.Equal(
            "534C4D4C" + "01" + "00" + "0000" + "0600" + "70756D702D37" + "0100000000000000" + "0200000000000000" + "0040313CF729DD08"
            + "01" + new string('0', 2 * (600 - 45)) + "FD019E5E",
            Convert.ToHexString(Encoded(NodesCodecs.LinkProbes, Probe(600))));
    }

    [Fact]
    public void A_message_that_is_cut_damaged_or_cannot_be_is_refused()
    {
        Refuses(NodesCodecs.LinkProbes, Probe(600));
        var estimate = new LinkEstimate { Device = "d", BitsPerSecond = 1, At = OperatorProbe.Start, Kind = LinkEstimateKind.Probe };
        Refuses(NodesCodecs.LinkEstimates, estimate);
        Assert.Null(Read(NodesCodecs.LinkEstimates, Encoded(NodesCodecs.LinkEstimates, estimate with { BitsPerSecond = -1 })));
        Assert.Null(Read(NodesCodecs.LinkEstimates, Encoded(NodesCodecs.LinkEstimates, estimate with { BitsPerSecond = double.NaN })));
        Assert.Null(Read(NodesCodecs.LinkEstimates, Encoded(NodesCodecs.LinkEstimates, estimate with { Kind = (LinkEstimateKind)3 })));
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(511));
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe((1 << 24) + 1));
    }

    private static OperatorProbe Probing() => Started(OperatorProbe.From<LinkProbe>(static (p, echoes) =>
        OperatorProbe.Use(echoes.ProbeLink(1000, repeats: 0, epoch: 7).ControlledBy(p.Input<LinkTransfer>("transfers")))));

    private static OperatorProbe Started(OperatorProbe probe)
    {
        Assert.True(probe.WakeUp());
        return probe;
    }

    private static void EchoAfter(OperatorProbe probe, double seconds)
    {
        var sent = probe.Expect<LinkProbe>();
        probe.Advance(TimeSpan.FromSeconds(seconds));
        probe.Send(sent with { IsEcho = true });
    }

    private static LinkEstimate Estimate(double rate, double at, LinkEstimateKind kind) =>
        new() { Device = "probe", BitsPerSecond = rate, At = OperatorProbe.Start + TimeSpan.FromSeconds(at), Kind = kind };

    private static LinkProbe Probe(int bytes, string device = "pump-7") =>
        new() { Device = device, Epoch = 1, Sequence = 2, SentAt = OperatorProbe.Start, Bytes = bytes, IsEcho = true };

    private static void Refuses<T>(ICodec<T> codec, T value) where T : class
    {
        var bytes = Encoded(codec, value);
        for (var length = 0; length < bytes.Length; length++) { Assert.Null(Read(codec, bytes[..length])); }
        for (var at = 0; at < bytes.Length; at++)
        {
            byte[] damaged = [.. bytes];
            damaged[at] ^= 0x10;
            Assert.Null(Read(codec, damaged));
        }
    }

    private static T? Read<T>(ICodec<T> codec, byte[] bytes)
        where T : class => codec.TryDecode(new ReadOnlySequence<byte>(bytes), new(), out var value) ? value : null;
}
