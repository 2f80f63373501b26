namespace StreamLearn.Mqtt.Tests;

/// <summary>What a lost connection leaves behind: how long the next one takes, and why the last one ended.</summary>
public sealed class ReconnectTests : IAsyncDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly ScriptedServer _server = new();
    private readonly MqttTransport _transport;

    public ReconnectTests() => _transport = new(
        new()
        {
            Server = _server.Uri,
            ClientId = "c",
            InitialReconnectDelay = TimeSpan.FromSeconds(1),
            MaxReconnectDelay = TimeSpan.FromHours(1),
            KeepAlive = TimeSpan.FromHours(1),
            ReplyDeadline = TimeSpan.FromSeconds(30),
        },
        _time);

    private MqttSessionStatus Status => _transport.Status.Subscriptions[0];

    public async ValueTask DisposeAsync()
    {
        await Long.EndAsync(_transport, _time);
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_server_that_carries_messages_and_breaks_is_back_soon_each_time()
    {
        const int Connections = 6, Messages = 10;
        var messages = _transport.SubscribeAsync("a", new() { Capacity = 100 }, Cancellation);
        _ = Task.Run(ReadAsync, Cancellation);
        var connection = await _server.SubscribedAsync();
        for (var i = 1; i <= Connections; i++)
        {
            for (byte m = 0; m < Messages; m++) { await connection.PublishAsync("a", new[] { m }); }
            await Long.UntilAsync(() => Status.Received == i * Messages, () => $"{Status}");
            connection.Cut();
            await Long.UntilAsync(() => !Status.IsConnected, () => $"{Status}");
            var lost = _time.GetUtcNow();
            await PassAsync(() => _server.HasPending, TimeSpan.FromMilliseconds(100));
            Assert.InRange(_time.GetUtcNow() - lost, TimeSpan.Zero, TimeSpan.FromMinutes(1));      // 4 seconds, not 512
            connection = await _server.AcceptAsync(sessionPresent: true);
        }

        async Task ReadAsync()
        {
            await foreach (var message in messages)
            {
                message.Acknowledge();
                message.Dispose();
            }
        }
    }

    [Fact]
    public async Task What_came_too_late_stays_the_reason_when_the_connection_is_given_up_for_it()
    {
        _ = _transport.SubscribeAsync("a", new(), Cancellation);
        await using var connection = await _server.AcceptAsync();
        await connection.ExpectAsync(PacketType.Subscribe);
        _ = connection.EndAsync().ContinueWith(static t => _ = t.Exception, TaskScheduler.Default);
        await PassAsync(() => Status.LastFault.Length > 0, TimeSpan.FromMilliseconds(250));
        Assert.Equal("expected SUBACK in time, got nothing", Status.LastFault);
        await PassAsync(() => _server.HasPending, TimeSpan.FromMilliseconds(100));       // the goodbye is not answered either
        Assert.Equal("expected SUBACK in time, got nothing", Status.LastFault);
    }

    /// <summary>Lets time pass until a condition holds.</summary>
    private Task PassAsync(Func<bool> condition, TimeSpan step) => Long.PassAsync(_time, step, condition, () => $"{Status}");
}
