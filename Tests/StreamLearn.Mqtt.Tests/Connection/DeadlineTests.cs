using System.Buffers;
using StreamLearn.Testing;

namespace StreamLearn.Mqtt.Tests;

/// <summary>A peer that simply stops, at each point where it is waited for. The clock moves only when the test moves it.</summary>
public sealed class DeadlineTests : IAsyncDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly ScriptedServer _server = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task CONNACK()
    {
        await using var transport = Transport();
        var publishing = PublishAsync(transport);
        await using (await _server.TakeConnectAsync())
        {
            await PassAsync(() => Status(transport).LastFault.Contains("CONNACK", StringComparison.Ordinal));
            await ConnectedAgainAsync(publishing);
        }
    }

    [Fact]
    public async Task SUBACK()
    {
        await using var transport = Transport();
        _ = transport.SubscribeAsync("a", new(), Cancellation);
        await using var connection = await _server.AcceptAsync();
        await connection.ExpectAsync(PacketType.Subscribe);
        await PassAsync(() => transport.Status.Subscriptions[0].LastFault.Contains("SUBACK", StringComparison.Ordinal), connection);
        connection.Cut();
        await using var next = await TakeAsync();
        await next.AcceptAsync(sessionPresent: true);
        await next.GrantAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task PUBACK_and_PUBREC(int qos)
    {
        await using var transport = Transport(qos);
        var publishing = PublishAsync(transport);
        await using var connection = await _server.AcceptAsync();
        await connection.ExpectAsync(PacketType.Publish);
        await PassAsync(() => Status(transport).LastFault.Contains("PUBACK", StringComparison.Ordinal), connection);
        connection.Cut();
        await using var next = await TakeAsync();
        await next.AcceptAsync(sessionPresent: true);
        var again = await next.ExpectAsync(PacketType.Publish);
        Assert.Equal(8, again.Flags & 8);
        await next.AckAsync(qos == 1 ? PacketType.PubAck : PacketType.PubRec, 1);
        if (qos == 2)
        {
            await next.ExpectAsync(PacketType.PubRel);
            await next.AckAsync(PacketType.PubComp, 1);
        }

        await ScriptedServer.Patiently(publishing);
        Assert.Equal(1, Status(transport).Redeliveries);
    }

    [Fact]
    public async Task PINGRESP_within_one_and_a_half_times_the_keep_alive()
    {
        await using var transport = Transport(qos: 0, keepAlive: 4);
        var publishing = PublishAsync(transport, qos: 0);
        await using var connection = await _server.AcceptAsync();
        connection.AnswersPings = false;
        await connection.ExpectAsync(PacketType.Publish);
        await publishing;
        var begin = _time.GetUtcNow();
        await PassAsync(() => Status(transport).LastFault.Contains("PINGRESP", StringComparison.Ordinal), connection);
        Assert.True(_time.GetUtcNow() - begin <= TimeSpan.FromSeconds(6.5), $"found after {_time.GetUtcNow() - begin}");
    }

    [Fact]
    public async Task A_peer_that_takes_no_bytes()
    {
        await using var transport = Transport(qos: 1, reply: 20);
        var publishing = transport.PublishAsync("a", new ReadOnlySequence<byte>(new byte[48 << 20]), default, Cancellation).AsTask();
        await using var connection = await _server.AcceptAsync();
        await PassAsync(() => Status(transport).LastFault.Length > 0);
        Assert.Contains("in time", Status(transport).LastFault, StringComparison.Ordinal);
        Assert.False(publishing.IsCompleted);
    }

    [Fact]
    public async Task A_goodbye_that_nobody_answers()
    {
        var transport = Transport();
        var publishing = PublishAsync(transport);
        await using var connection = await _server.AcceptAsync();
        await connection.ExpectAsync(PacketType.Publish);
        await connection.AckAsync(PacketType.PubAck, 1);
        await ScriptedServer.Patiently(publishing);
        var leaving = transport.DisposeAsync().AsTask();
        await connection.ExpectAsync(PacketType.Disconnect);
        await PassAsync(() => leaving.IsCompleted);
        await leaving;
    }

    private static MqttSessionStatus Status(MqttTransport transport) => transport.Status.Publishing;

    private static Task PublishAsync(MqttTransport transport, int qos = 1) =>
        transport.PublishAsync("a", new ReadOnlySequence<byte>(new byte[qos + 1]), default, Cancellation).AsTask();

    private MqttTransport Transport(int qos = 1, double keepAlive = 600, double reply = 30) => new(
        new()
        {
            Server = _server.Uri,
            ClientId = "c",
            PublishQos = qos,
            KeepAlive = TimeSpan.FromSeconds(keepAlive),
            ConnectDeadline = TimeSpan.FromSeconds(60),
            ReplyDeadline = TimeSpan.FromSeconds(reply),
        }, _time);

    /// <summary>Lets time pass until a condition holds.</summary>
    private async Task PassAsync(Func<bool> condition, ScriptedConnection? reading = null)
    {
        // what the peer reads meanwhile is of no interest
        var drain = reading is null ? Task.CompletedTask : reading.ReadAsync();
        for (var i = 0; i < 3000 && !condition(); i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(250));
            await Task.Yield();
        }

        Assert.True(condition());
        _ = drain.ContinueWith(static t => _ = t.Exception, TaskScheduler.Default);
    }

    private async Task<ScriptedConnection> TakeAsync()
    {
        var taking = _server.TakeConnectAsync();
        while (!taking.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(250));
            await Task.WhenAny(taking, Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancellation));
        }

        return await taking;
    }

    private async Task ConnectedAgainAsync(Task publishing)
    {
        await using var next = await TakeAsync();
        await next.AcceptAsync();
        var message = await next.ExpectAsync(PacketType.Publish);
        Assert.Equal(0, message.Flags & 8);
        await next.AckAsync(PacketType.PubAck, 1);
        await ScriptedServer.Patiently(publishing);
    }
}
