using System.Net.WebSockets;
using System.Security.Authentication;

namespace StreamLearn.Mqtt.Tests;

/// <summary>MQTT in the frames of a WebSocket, with TLS below and without.</summary>
public sealed class WebSocketTests
{
    [Fact]
    public async Task Packets_go_in_binary_frames_under_the_protocol_mqtt()
    {
        await using var server = new ScriptedServer(webSocket: "mqtt");
        await using var transport = Transport(server);
        _ = transport.SubscribeAsync("a", new(), Cancellation);
        await using var connection = await server.TakeAsync();
        Assert.Contains("Sec-WebSocket-Protocol: mqtt\r\n", connection.Upgrade, StringComparison.OrdinalIgnoreCase);
        Assert.StartsWith("GET /mqtt HTTP/1.1\r\n", connection.Upgrade, StringComparison.Ordinal);

        for (var packets = new[] { PacketType.Connect, PacketType.Subscribe }.AsEnumerable(); packets.Any(); packets = packets.Skip(1))
        {
            var frame = new byte[1024];
            var part = await ScriptedServer.Patiently(connection.WebSocket!.ReceiveAsync(frame, Cancellation));
            Assert.Equal(WebSocketMessageType.Binary, part.MessageType);
            Assert.Equal(packets.First(), Bytes.Frame(frame.AsSpan(0, part.Count)).Type);
            await connection.SendAsync(Bytes.Of("20 03 00 00 00"));
        }
    }

    [Fact]
    public async Task A_frame_of_text_ends_the_connection_and_frames_need_not_match_packets()
    {
        await using var server = new ScriptedServer(webSocket: "mqtt");
        await using var transport = Transport(server);
        await using var messages = transport.SubscribeAsync("a", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        await using var first = await server.SubscribedAsync();
        await first.WebSocket!.SendAsync(Message("text"), WebSocketMessageType.Text, endOfMessage: true, Cancellation);
        await first.EndAsync();
        await using var second = await server.AcceptAsync(sessionPresent: true);
        foreach (var one in Message("whole").Concat(Message("split"))) { await second.SendAsync(new[] { one }); }
        await second.SendAsync(Message("one").Concat(Message("two")).ToArray());

        foreach (var expected in new[] { "whole", "split", "one", "two" })
        {
            Assert.True(await ScriptedServer.Patiently(messages.MoveNextAsync().AsTask()));
            Assert.Equal(expected, Encoding.UTF8.GetString(messages.Current.Payload));
            messages.Current.Dispose();
            messages.Current.Acknowledge();
        }
    }

    [Fact]
    public async Task A_server_that_does_not_choose_mqtt_gets_no_CONNECT()
    {
        await using var server = new ScriptedServer(webSocket: "");
        await using var transport = Transport(server);
        _ = transport.SubscribeAsync("a", new(), Cancellation);
        await using var connection = await server.TakeAsync();
        Assert.Empty(await connection.RestAsync());
        await using var next = await server.TakeAsync();
    }

    [Theory, InlineData("wrong name"), InlineData("expired"), InlineData("foreign"), InlineData("for a client")]
    public async Task A_server_with_a_bad_certificate_is_not_even_asked(string what)
    {
        using TestAuthority ours = new(), others = new();
        using var certificate = what switch
        {
            "wrong name" => ours.ForServer("elsewhere"),
            "expired" => ours.ForServer("localhost", expired: true),
            "for a client" => ours.ForClient("localhost"),
            _ => others.ForServer("localhost"),
        };
        await using var server = new ScriptedServer(certificate, "mqtt");
        await using var transport = new MqttTransport(new() { Server = server.Uri, TrustedRoots = ours.Roots });
        await using var messages = transport.SubscribeAsync("a", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        var reading = messages.MoveNextAsync().AsTask();

        var end = await Record.ExceptionAsync(server.TakeAsync);
        Assert.True(end is IOException or AuthenticationException or EndOfStreamException, $"{end}");
        var refusal = await Assert.ThrowsAsync<TransportException>(() => ScriptedServer.Patiently(reading));
        Assert.False(refusal.IsTransient);
        Assert.Contains("certificate", refusal.Message, StringComparison.Ordinal);
    }

    [Theory, InlineData(MqttVersion.V311), InlineData(MqttVersion.V5)]
    public async Task TLS_and_WebSocket_carry_the_same_through_a_real_server(MqttVersion version)
    {
        using var authority = new TestAuthority();
        using var certificate = authority.ForServer("localhost");
        await using var server = await Mosquitto.StartAsync(new() { Certificate = certificate, WebSockets = true });
        await using var transport = new MqttTransport(new()
        {
            Server = new($"wss://localhost:{server.TlsPort}/mqtt"),
            Version = version,
            TrustedRoots = authority.Roots,
        });
        await using var messages = transport.SubscribeAsync("a", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        var large = new byte[20_000];
        new Random(5).NextBytes(large);
        await transport.PublishAsync("a", new ReadOnlySequence<byte>(large), default, Cancellation);

        Assert.True(await ScriptedServer.Patiently(messages.MoveNextAsync().AsTask()));
        Assert.Equal(large, messages.Current.Payload.ToArray());
        messages.Current.Dispose();
        messages.Current.Acknowledge();
    }

    private static byte[] Message(string payload) => Bytes.Of(o => PacketWriter.Publish(
        o, MqttVersion.V5, new() { Topic = "a"u8, Payload = new(Encoding.UTF8.GetBytes(payload)) }, packetId: 0, duplicate: false));

    private static MqttTransport Transport(ScriptedServer server) => new(
        new() { Server = server.Uri, ClientId = "c", InitialReconnectDelay = TimeSpan.FromMilliseconds(1) });
}
