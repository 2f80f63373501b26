using StreamLearn.Learning;
using static StreamLearn.Aggregation.Tests.Answers;

namespace StreamLearn.Aggregation.Tests;

/// <summary>Devices that hold versions of an aggregator that started later are called back.</summary>
public sealed class OvertakenTests
{
    private const long Own = 10;

    [Fact]
    public void An_update_from_a_version_of_a_later_aggregator_ends_the_round_under_an_epoch_above_it()
    {
        using var probe = Probe(new FedBuff(3), new() { Epoch = Own });
        probe.Send(Updates.Of("a", 1, 1));
        probe.Send(Updates.Of("b", 1, 1, baseVersion: 7) with { BaseEpoch = 50 });

        var round = probe.TakeAll<Round>(port: 1).Single();

        Assert.Equal((51, 1), (round.Made.Epoch, round.Version));
        Assert.Equal(["a"], round.Contributions.Select(static c => c.Device));
        Assert.Equal(["b old-epoch"], round.Refusals.Select(static r => $"{r.Device} {r.Reason}"));
        Assert.Equal(1, probe.Metrics.Counter("overtaken"));
        probe.Send(Updates.Of("b", 2, 1, baseVersion: 1) with { BaseEpoch = 51 });
        Assert.Equal(1, probe.Metrics.Gauges["updates-in-round"]);
    }

    [Fact]
    public void A_presence_that_holds_a_version_of_a_later_aggregator_calls_back_once_in_five_seconds()
    {
        using var probe = Probe(new FedBuff(3), new() { Epoch = Own });
        Presence Waiting(long epoch) => new() { Device = "a", Epoch = 1, Kind = PresenceKind.Waiting, Held = new(epoch, 4) };

        probe.Control(Waiting(50));
        probe.Control(Waiting(60));
        Assert.Equal([51], probe.TakeAll<Round>(port: 1).Select(static r => r.Made.Epoch));

        probe.Advance(TimeSpan.FromSeconds(5));
        probe.Control(Waiting(60));
        Assert.Equal([61], probe.TakeAll<Round>(port: 1).Select(static r => r.Made.Epoch));
    }

    /// <summary>As after a start from an old copy of its state.</summary>
    [Fact]
    public void A_version_of_its_own_that_it_does_not_know_ends_the_round_under_a_number_above_it()
    {
        using var probe = Probe(new FedBuff(3), new() { Epoch = Own });
        probe.Send(Updates.Of("a", 1, 1));
        probe.Send(Updates.Of("b", 1, 1, baseVersion: 49) with { BaseEpoch = Own });

        var round = probe.TakeAll<Round>(port: 1).Single();

        Assert.Equal((Own + 1, 50), (round.Made.Epoch, round.Version));
        Assert.Equal(["a"], round.Contributions.Select(static c => c.Device));
        Assert.Equal(["b version"], round.Refusals.Select(static r => $"{r.Device} {r.Reason}"));
        Assert.Equal((49, 0), (probe.Metrics.Counter("versions-unknown"), probe.Metrics.Counter("overtaken")));
        probe.Send(Updates.Of("b", 2, 1, baseVersion: 50) with { BaseEpoch = Own + 1 });
        Assert.Equal(1, probe.Metrics.Gauges["updates-in-round"]);
    }

    [Theory]
    [InlineData(Own)]
    [InlineData(Own - 1)]
    [InlineData(long.MaxValue)]
    public void No_other_epoch_calls_anybody_back(long epoch)
    {
        using var probe = Probe(new FedBuff(3), new() { Epoch = Own });

        probe.Control(new Presence { Device = "a", Epoch = 1, Kind = PresenceKind.Waiting, Held = new(epoch, 0) });

        Assert.Empty(probe.TakeAll<Round>(port: 1));
        Assert.Equal(0, probe.Metrics.Counter("overtaken"));
    }
}
