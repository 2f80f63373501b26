namespace StreamLearn.Mqtt.Tests;

/// <summary>What a server says for a client that is gone.</summary>
public sealed class WillTests
{
    private static readonly Topic Where = new("plant/p7/state");

    [Theory, InlineData(MqttVersion.V311, 0), InlineData(MqttVersion.V5, 0), InlineData(MqttVersion.V5, 1)]
    public async Task The_will_of_a_killed_program_is_published_with_a_delay_or_without(MqttVersion version, int delay)
    {
        using var folder = new TemporaryFolder();
        await using var server = await Mosquitto.StartAsync();
        await using var transport = new MqttTransport(new() { Server = server.Uri });
        await using var messages = transport.SubscribeAsync(Where, new(), Cancellation).GetAsyncEnumerator(Cancellation);
        await PublishAsync(transport, "subscribed");
        Assert.Equal("subscribed", await NextAsync(messages));
        await using var program = new ServerProcess(
            "dotnet", Path.Combine(AppContext.BaseDirectory, "FleetProcess.dll"), "reader",
            server.Uri.ToString(), version.ToString(), "p7", "none",
            folder.File("received"), "-1", Where.Value, $"{delay}");

        Assert.Equal("here", await NextAsync(messages));
        await program.KillAsync();
        Assert.Equal("gone", await NextAsync(messages));
    }

    [Fact]
    public async Task A_client_that_says_goodbye_or_comes_back_within_the_delay_leaves_no_will()
    {
        await using var server = await Mosquitto.StartAsync();
        await using var proxy = new FaultProxy(server.Port);
        await using var transport = new MqttTransport(new() { Server = server.Uri });
        await using var messages = transport.SubscribeAsync(Where, new(), Cancellation).GetAsyncEnumerator(Cancellation);
        await PublishAsync(transport, "subscribed");
        Assert.Equal("subscribed", await NextAsync(messages));
        await using (var returning = Client("back", TimeSpan.FromSeconds(2)))
        {
            await PublishAsync(returning, "one");
            Assert.Equal("one", await NextAsync(messages));
            proxy.Cut();
            await PublishAsync(returning, "two");
            Assert.Equal("two", await NextAsync(messages));
        }
        await using (var leaving = Client("leaves", TimeSpan.Zero)) { await PublishAsync(leaving, "three"); }
        Assert.Equal("three", await NextAsync(messages));
        await PublishAsync(transport, "end");
        Assert.Equal("end", await NextAsync(messages));

        MqttTransport Client(string id, TimeSpan delay) => new(new()
        {
            Server = proxy.Uri,
            ClientId = id,
            InitialReconnectDelay = TimeSpan.FromMilliseconds(1),
            Will = new(Where, "gone"u8.ToArray()) { Delay = delay },
        });
    }

    private static Task PublishAsync(MqttTransport transport, string text) => ScriptedServer.Patiently(
        transport.PublishAsync(Where, new(Encoding.ASCII.GetBytes(text)), new(new("test", 0)), Cancellation).AsTask());

    private static async Task<string> NextAsync(IAsyncEnumerator<Message> messages)
    {
        Assert.True(await ScriptedServer.Patiently(messages.MoveNextAsync().AsTask()));
        var text = Encoding.ASCII.GetString(messages.Current.Payload);
        messages.Current.Dispose();
        messages.Current.Acknowledge();
        return text;
    }
}
