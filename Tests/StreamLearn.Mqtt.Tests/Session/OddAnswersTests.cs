namespace StreamLearn.Mqtt.Tests;

/// <summary>Answers that come early, or say something odd, and numbers that somebody else uses.</summary>
public sealed class OddAnswersTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void What_is_confirmed_before_it_was_sent_again_frees_no_quota_and_what_is_behind_it_still_goes()
    {
        var probe = new SessionProbe().Connected();
        foreach (var name in new[] { "a", "b", "c" }) { _ = probe.Publish(name); }
        _ = probe.Sent();
        probe.Connected(present: true, receiveMaximum: 1);
        Assert.Equal("Publish a as 1 again", probe.Sent());
        Assert.True(probe.Ack(PacketType.PubAck, 2));
        Assert.Equal("", probe.Sent());
        Assert.True(probe.Ack(PacketType.PubAck, 1));
        Assert.Equal("Publish c as 3 again", probe.Sent());
    }

    [Fact]
    public async Task A_server_that_has_forgotten_what_it_took_has_taken_it()
    {
        var probe = new SessionProbe().Connected();
        var done = probe.Publish("x", qos: 2);
        Assert.True(probe.Ack(PacketType.PubRec, 1) && probe.Ack(PacketType.PubComp, 1, MqttReason.PacketIdentifierNotFound));
        await done.WaitAsync(Patience, TimeProvider.System, Cancellation);
        Assert.Equal(1, probe.Session.Counters.Published);
    }

    [Theory, InlineData(nameof(PacketType.PubRel), false), InlineData(nameof(PacketType.PubRec), false)]
    [InlineData(nameof(PacketType.PubRec), true), InlineData(nameof(PacketType.Publish), true)]
    public void A_server_that_repeats_itself_and_takes_no_answers_is_left(string type, bool isKnown)
    {
        const int Numbers = 65_535, Most = 100_000;
        var probe = new SessionProbe().Connected();
        if (isKnown) { _ = probe.Publish("x", qos: 2); }
        Assert.True(probe.Message(1, qos: 2));
        probe.Acknowledge(probe.Take());
        if (isKnown) { probe.Ack(PacketType.PubRec, 1); }
        for (var i = 0; i < Numbers; i++) { Assert.True(Repeat(), probe.Fault.Text); }          // all there are
        Assert.True(probe.Packets().Count >= Numbers);
        var more = 0;
        while (more <= Most && Repeat()) { more++; }
        Assert.InRange(more, Numbers, Most);
        Assert.Equal(MqttReason.MessageRateTooHigh, probe.Fault.Reason);

        bool Repeat() => type == nameof(PacketType.Publish)
            ? probe.Message(1, qos: 2, duplicate: true)
            : probe.Ack(Enum.Parse<PacketType>(type), isKnown ? 1 : 2);
    }

    [Fact]
    public void A_message_passes_over_the_number_of_a_request_that_is_not_answered()
    {
        const int Last = 32_768;
        var probe = new SessionProbe(new() { ClientId = "c", PublishInFlight = 65_535 }).Connected();      // all numbers are in use
        probe.Subscribe("s");
        Assert.Equal($"Subscribe {Last + 1}", probe.Sent());
        for (var id = 1; id <= Last; id++)
        {
            _ = probe.Publish("x");
            probe.Ack(PacketType.PubAck, id);
            if (id % 1024 == 0) { probe.Sent(); }
        }
        probe.Sent();
        _ = probe.Publish("y");
        Assert.Equal($"Publish y as {Last + 2}", probe.Sent());
    }
}
