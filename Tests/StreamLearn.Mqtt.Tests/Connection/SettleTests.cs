namespace StreamLearn.Mqtt.Tests;

/// <summary>What an application says while somebody else works on the session.</summary>
public sealed class SettleTests : IAsyncDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly Link _link;

    public SettleTests() => _link = new(
        new() { Server = new("mqtt://127.0.0.1") }, new() { ClientId = "c", Capacity = 1 }, new("a", 1), forgets: false,
        new("t", "c", "a", new()), _time, new(1));

    public ValueTask DisposeAsync() => _link.DisposeAsync();

    [Fact]
    public void The_acknowledgement_of_the_only_message_waits_for_the_lock_and_is_heard()
    {
        Feed(static o => PacketWriter.Publish(o, MqttVersion.V5, new() { Topic = "a"u8, Qos = 1 }, packetId: 1, duplicate: false));
        var taken = new ReceivedMessage[1];
        Assert.Equal(1, _link.Delivery.Take(taken));            // and the application is busy with it
        var saying = new Thread(() => _link.Delivery.Settle(taken[0].Id, Outcome.Acknowledge)) { IsBackground = true };
        lock (_link.Gate)
        {
            saying.Start();
            Assert.True(SpinWait.SpinUntil(
                () => !saying.IsAlive || saying.ThreadState.HasFlag(ThreadState.WaitSleepJoin), ServerProcess.Patience));
        }
        Assert.True(saying.Join(ServerProcess.Patience));
        Assert.Equal(0, _link.Session.Inbox.Taken);
    }

    private void Feed(Action<IBufferWriter<byte>> write)
    {
        lock (_link.Gate)
        {
            _link.Session.Connect(_link.Output, credentials: null, 0);
            Receive(static o =>
                ServerPackets.ConnAck(o, MqttVersion.V5, new() { ReceiveMaximum = 1, MaximumQos = 2, MaximumPacketSize = 1000 }));
            Receive(write);
        }
    }

    private void Receive(Action<IBufferWriter<byte>> write)
    {
        var bytes = Bytes.Of(write);
        Assert.Equal(FrameState.Whole, PacketCutter.Next(bytes, 1000, out var frame, out _, out _));
        Assert.True(_link.Session.Receive(frame, _link.Output, 0, out var fault), fault.Text);
    }
}
