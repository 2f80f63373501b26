namespace StreamLearn.Fleets.Tests;

/// <summary>An aggregator answers each update when it knows whether it takes it.</summary>
public sealed class ReceiptTests
{
    [Fact]
    public void An_update_is_answered_while_its_round_is_open()
    {
        using var probe = Probe(new FedBuff(100), new() { Epoch = 3 });
        for (var i = 1; i <= 4; i++) { probe.Send(Updates.Of(i % 2 == 0 ? "a" : "b", (i + 1) / 2, 1)); }
        var receipt = probe.Take<Receipt>(port: 2);
        Assert.Equal(("b", 1, "probe", new ModelVersion(3, 0)), (receipt.Device, receipt.Epoch, receipt.Aggregator, receipt.Newest));
        Assert.Equal([new(1, UpdateOutcome.Held, null, Updates.Of("b", 1, 1).Fingerprint)], receipt.Fates);
        Assert.Equal(["a/1: 1 Held", "b/1: 2 Held 1 Held", "a/1: 2 Held 1 Held"], probe.Receipts());
        Assert.Equal((0, 0), (probe.Count(), probe.Count(1)));
    }

    [Fact]
    public void When_lost_sessions_are_back_every_device_is_told_what_has_come_of_its_updates()
    {
        ConnectionChange Change(string session, long connects, bool isConnected = true) =>
            new() { Transport = "edge", Session = session, Connects = connects, IsConnected = isConnected };
        using var probe = Probe(new FedBuff(100));
        probe.Control(Change("up", 1), Change("down", 1));
        for (var i = 0; i < 20; i++) { probe.Send(Updates.Of($"d{i:00}", 1, 1)); }
        probe.Send(Updates.Of("gone", 1, 1, leaving: true));
        probe.Receipts();
        probe.Control(Change("up", 1, isConnected: false), Change("down", 1, isConnected: false), Change("up", 2));
        Assert.Empty(probe.Receipts());
        probe.Control(Change("down", 2));
        probe.Advance(TimeSpan.Zero);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"d{i:00}/1: 1 Held"), probe.Receipts());
        probe.Control(Change("down", 3) with { SessionKept = true });
        Assert.Empty(probe.Receipts());
    }

    [Fact]
    public void The_update_that_ends_a_round_is_answered_as_applied_and_the_others_with_the_next_answer()
    {
        using var probe = Probe(new FedBuff(2));
        probe.Send(Updates.Of("a", 1, 1), Updates.Of("b", 1, 1), Updates.Of("a", 2, 1, baseVersion: 1));
        Assert.Equal([new(0, 0), new(0, 1), new(0, 1)], probe.TakeAll<Receipt>(port: 2) is var receipts
            ? receipts.Select(r => r.Newest) : []);
        Assert.Equal(["a/1: 1 Held", "b/1: 1 Applied", "a/1: 2 Held 1 Applied"], Texts(receipts));
    }

    [Fact]
    public void Announcements_farewells_and_refusals_are_answered_too()
    {
        using var probe = Probe(new FedBuff(10), new() { MaxDevices = 2 });
        probe.Send(InvitationTests.Announcement("a", 1, baseVersion: 0), Updates.Of("a", 2, float.NaN));
        probe.Send(Updates.Of("a", 4, 1) with { SchemaHash = 7 }, Updates.Of("a", 5, 0, samples: 0));
        probe.Send(Updates.Of("b", 1, 1, leaving: true), Updates.Of("c", 1, 1));
        probe.Send(Updates.Of("b", 9, 1) with { Epoch = 0 });
        Assert.Equal(
            [
                "a/1: 1 Applied", "a/1: 2 Refused-non-finite 1 Applied", "a/1: 4 Refused-schema",
                "a/1: 5 Refused-empty 2 Refused-non-finite 1 Applied", "b/1: 1 Held", "c/1: 1 Refused-fleet-full",
                "b/0: 9 Refused-fenced",
            ],
            probe.Receipts());
    }

    [Fact]
    public void A_duplicate_is_answered_again_and_not_applied()
    {
        using var probe = Probe(new FedBuff(2), new() { Averaging = Averaging.None });
        probe.Send(Updates.Of("a", 1, 1), Updates.Of("a", 1, 1) with { IsResent = true });
        Assert.Equal(["a/1: 1 Held", "a/1: 1 Held"], probe.Receipts());
        Assert.Equal(0, probe.Count(1));
        probe.Send(Updates.Of("b", 1, 1), Updates.Of("a", 1, 1) with { IsResent = true });
        var round = probe.Take<Round>(port: 1);
        Assert.Equal(["a", "b"], round.Contributions.Select(c => c.Device).Order());
        Assert.Empty(round.Refusals);
        Assert.Equal(["b/1: 1 Applied", "a/1: 1 Applied"], probe.Receipts());
        Assert.Equal(2, probe.Metrics.Drops["duplicate"]);
    }

    [Fact]
    public void Updates_that_overtook_each_other_are_both_applied()
    {
        using var probe = Probe(new FedBuff(2));
        probe.Send(Updates.Of("a", 2, 1), Updates.Of("a", 1, 1));
        Assert.Equal([1L, 2], probe.Take<Round>(port: 1).Contributions.Select(c => c.Sequence).Order());
        Assert.Equal(["a/1: 2 Held", "a/1: 2 Applied 1 Applied"], probe.Receipts());
    }

    [Fact]
    public void An_update_too_far_back_to_be_told_from_a_duplicate_is_refused_and_answered()
    {
        using var probe = Probe(new FedBuff(100));
        probe.Send(Updates.Of("a", 100, 1), Updates.Of("a", 36, 1), Updates.Of("a", 37, 1));
        Assert.Equal(["a/1: 100 Held", "a/1: 36 Refused-identity", "a/1: 100 Held 37 Held"], probe.Receipts());
        Assert.Equal(1, probe.Metrics.Drops["identity"]);
    }

    [Fact]
    public void Updates_that_were_accepted_and_are_refused_with_their_round_are_answered_again()
    {
        using var probe = Probe(new FedAvg(2) { Deadline = TimeSpan.FromSeconds(10), MinFraction = 1 });
        probe.Send(InvitationTests.Announcement("b", 1, baseVersion: 0));
        probe.Send(InvitationTests.Announcement("a", 1, baseVersion: 0), Updates.Of("a", 2, 1, baseVersion: 1));
        Assert.Equal("a/1: 2 Held 1 Applied", probe.Receipts()[^1]);
        probe.Advance(TimeSpan.FromSeconds(10));
        Assert.True(probe.TakeAll<Round>(port: 1)[^1].Void);
        Assert.Equal(["a/1: 2 Refused-void-round 1 Applied"], probe.Receipts());
    }

    [Fact]
    public void An_update_that_turns_out_to_be_none_of_the_fleets_is_answered_again()
    {
        using var probe = Probe(new FedBuff(4));
        probe.Send(Updates.Of("d", 1, 10));
        foreach (var device in new[] { "a", "b", "c" }) { probe.Send(Updates.Of(device, 1, 0.1f)); }
        Assert.Equal(["d/1: 1 Held", "a/1: 1 Held", "b/1: 1 Held", "c/1: 1 Applied", "d/1: 1 Refused-norm"], probe.Receipts());
        Assert.Equal(["a", "b", "c"], probe.Take<Round>(port: 1).Contributions.Select(c => c.Device).Order());
    }

    [Fact]
    public void What_became_of_updates_of_an_earlier_start_of_a_device_is_not_said_of_those_of_a_later_one()
    {
        using var probe = Probe(new FedBuff(2));
        probe.Send(Updates.Of("a", 1, 1), Updates.Of("a", 1, float.NaN) with { Epoch = 2 }, Updates.Of("b", 1, 1));
        probe.Send(Updates.Of("a", 1, float.NaN) with { Epoch = 2 });
        Assert.Equal(["a/1: 1 Held", "a/2: 1 Refused-non-finite", "b/1: 1 Applied", "a/2: 1 Refused-non-finite"], probe.Receipts());
    }

    [Fact]
    public void At_its_end_all_receipts_are_sent_however_many_they_are()
    {
        using var probe = Probe(new FedBuff(1000) { });
        for (var device = 0; device < 40; device++) { probe.Send(Updates.Of($"d{device:00}", 1, device == 0 ? 0.1f : 1)); }
        probe.TakeAll<Receipt>(port: 2);
        probe.Complete();
        var calls = 0;
        for (; probe.AwaitingReplies; calls++) { Assert.True(probe.WakeUp()); }
        Assert.InRange(calls, 0, 3);
        Assert.Equal(40, probe.Take<Round>(port: 1).Contributions.Length);
    }

    [Fact]
    public void An_aggregator_that_is_told_nothing_of_receipts_sends_one_version_to_all()
    {
        using var probe = Updates.Probe(new FedBuff(1), controlled: true);
        probe.Send(Updates.Of("a", 1, 1), Updates.Of("a", 2, 1, baseVersion: 1), Updates.Of("a", 3, 1, baseVersion: 2));
        Assert.Equal([(null, new(0, 1)), (null, new(0, 2)), (null, new ModelVersion(0, 3))], probe.Versions());
        Assert.Equal(0, probe.Count(2));
        Assert.False(probe.AwaitingReplies);
    }

    private static IEnumerable<string> Texts(IEnumerable<Receipt> receipts) => receipts.Select(r =>
        $"{r.Device}/{r.Epoch}: {string.Join(' ', r.Fates.Select(f => $"{f.Sequence} {f.Outcome}"))}");
}
