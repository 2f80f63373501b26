namespace StreamLearn.Mqtt.Tests;

/// <summary>A message that the server refuses is told with its topic, its size and the reason, and others go on.</summary>
public sealed class RefusedMessageTests
{
    [Theory]
    [InlineData(1, (int)MqttReason.NotAuthorized, false)]
    [InlineData(1, (int)MqttReason.QuotaExceeded, true)]
    [InlineData(1, (int)MqttReason.PayloadFormatInvalid, false)]
    [InlineData(2, (int)MqttReason.NotAuthorized, false)]
    [InlineData(2, (int)MqttReason.QuotaExceeded, true)]
    [InlineData(2, (int)MqttReason.PayloadFormatInvalid, false)]
    public async Task A_refusal_names_topic_size_and_reason(int qos, int code, bool isTransient)
    {
        var reason = (MqttReason)code;
        await using var server = new ScriptedServer();
        await using var transport = new MqttTransport(new() { Server = server.Uri, PublishQos = qos });
        var publishing = PublishAsync(transport, 3);
        await using var connection = await server.AcceptAsync();
        await connection.ExpectAsync(PacketType.Publish);
        await connection.AckAsync(qos == 1 ? PacketType.PubAck : PacketType.PubRec, 1, reason);

        var refusal = await Assert.ThrowsAsync<TransportException>(() => ScriptedServer.Patiently(publishing));

        Assert.Equal(
            ($"the server refused a message of 3 bytes to 'plant/p7': {reason}", isTransient),
            (refusal.Message, refusal.IsTransient));
        var next = PublishAsync(transport, 2);
        await connection.ExpectAsync(PacketType.Publish);
        await connection.AckAsync(qos == 1 ? PacketType.PubAck : PacketType.PubRec, 2);
        if (qos == 2)
        {
            await connection.ExpectAsync(PacketType.PubRel);
            await connection.AckAsync(PacketType.PubComp, 2);
        }
        await ScriptedServer.Patiently(next);
        Assert.Equal((1, 1), (transport.Status.Publishing.Connects, transport.Status.Publishing.Published));
    }

    private static Task PublishAsync(MqttTransport transport, int bytes) =>
        transport.PublishAsync("plant/p7", new ReadOnlySequence<byte>(new byte[bytes]), default, Cancellation).AsTask();
}
