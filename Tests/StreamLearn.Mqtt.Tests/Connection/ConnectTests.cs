namespace StreamLearn.Mqtt.Tests;

/// <summary>What a client asks for when it comes, and says when it goes.</summary>
public sealed class ConnectTests : IAsyncDisposable
{
    private readonly ScriptedServer _server = new();
    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory, InlineData(false, 3601u), InlineData(true, 0u)]
    public async Task CONNECT_says_what_the_options_say(bool cleanStart, uint expiry)
    {
        await using var transport = Transport("c", cleanStart);
        await using var connection = await SubscribedAsync(transport);
        var asked = connection.Connect;
        Assert.Equal(
            ("c.1", cleanStart, expiry, 77),
            (asked.ClientId, asked.CleanStart, asked.SessionExpirySeconds, asked.KeepAliveSeconds));
        Assert.Equal((9, 5000u, null), (asked.ReceiveMaximum, asked.MaximumPacketSize, asked.Will));
    }

    [Theory]
    [InlineData("c", "")]
    [InlineData("", "00 05 11 00 00 00 00")]        // a session that nobody comes back to ends at once
    public async Task DISCONNECT_of_a_client_without_a_name_ends_its_session(string clientId, string body)
    {
        await using var transport = Transport(clientId);
        await using var connection = await SubscribedAsync(transport);
        var leaving = transport.DisposeAsync().AsTask();
        Assert.Equal(Bytes.Of(body), (await connection.ExpectAsync(PacketType.Disconnect)).Body);
        Assert.Null(await connection.ReadAsync());
        await connection.DisposeAsync();
        await ScriptedServer.Patiently(leaving);
    }

    private MqttTransport Transport(string clientId, bool cleanStart = false) => new(new()
    {
        Server = _server.Uri,
        ClientId = clientId,
        CleanStart = cleanStart,
        SessionExpiry = TimeSpan.FromSeconds(3600.5),
        KeepAlive = TimeSpan.FromSeconds(76.5),
        MaximumPacketBytes = 5000,
    });

    private Task<ScriptedConnection> SubscribedAsync(MqttTransport transport)
    {
        _ = transport.SubscribeAsync("a", new() { Capacity = 9 }, Cancellation);
        return _server.SubscribedAsync();
    }
}
