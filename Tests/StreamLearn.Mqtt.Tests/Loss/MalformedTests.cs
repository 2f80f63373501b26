using System.Threading.Channels;

namespace StreamLearn.Mqtt.Tests;

/// <summary>A server that violates the standard: nothing of it reaches the application, and the client comes back.</summary>
public sealed class MalformedTests
{
    private static readonly byte[] Good = [1, 2, 3];
    public static TheoryData<string> V5 => [.. MalformedVectors.V5.Keys];
    public static TheoryData<string> V311 => [.. MalformedVectors.V311.Keys];
    public static TheoryData<string> Greetings => [.. MalformedVectors.Greetings.Keys];

    [Theory]
    [MemberData(nameof(V5))]
    public async Task A_bad_packet_ends_the_connection_with_the_code_that_fits(string name)
    {
        var (hex, reasons) = MalformedVectors.V5[name];
        var reason = await EndOfAsync(MqttVersion.V5, hex);
        Assert.Contains((byte)Assert.NotNull(reason), reasons);
    }

    [Theory]
    [MemberData(nameof(V311))]
    public async Task A_bad_packet_ends_the_connection_without_a_word_in_3_1_1(string name) =>
        Assert.Null(await EndOfAsync(MqttVersion.V311, MalformedVectors.V311[name]));

    [Theory]
    [MemberData(nameof(Greetings))]
    public async Task A_bad_greeting_ends_the_connection(string name)
    {
        await using var server = new ScriptedServer();
        await using var transport = new MqttTransport(Options(server, MqttVersion.V5) with { CleanStart = true });
        await using var reader = new Reader(transport);
        await using var first = await server.TakeConnectAsync();
        await first.SendAsync(Bytes(MalformedVectors.Greetings[name]));
        await first.EndAsync();
        await GoodAsync(server, reader);
    }

    [Theory, InlineData(1), InlineData(2)]
    public async Task More_than_the_receive_maximum_is_answered_so_and_after_a_resumed_session_waits_for_credit(byte qos)
    {
        await using var server = new ScriptedServer();
        await using var transport = new MqttTransport(Options(server, MqttVersion.V5));
        var cancellation = Cancellation;
        await using var messages = transport.SubscribeAsync("a", new() { Capacity = 2 }, cancellation).GetAsyncEnumerator(cancellation);
        await using var first = await server.SubscribedAsync();
        await SendAsync(first, duplicate: false);
        Assert.Equal(MqttReason.ReceiveMaximumExceeded, await first.EndAsync());

        await using var second = await server.AcceptAsync(sessionPresent: true);
        await SendAsync(second, duplicate: true);
        for (byte i = 1; i <= 3; i++)
        {
            Assert.True(await ScriptedServer.Patiently(messages.MoveNextAsync().AsTask()));
            Assert.Equal([i], messages.Current.Payload.ToArray());
            messages.Current.Acknowledge();
            messages.Current.Dispose();
        }
        Assert.Equal(2, transport.Status.Subscriptions[0].Connects);

        async Task SendAsync(ScriptedConnection connection, bool duplicate)
        {
            for (byte i = 1; i <= 3; i++) { await connection.PublishAsync("a", new[] { i }, qos, packetId: i, duplicate); }
        }
    }

    private static async Task<MqttReason?> EndOfAsync(MqttVersion version, string hex)
    {
        await using var server = new ScriptedServer();
        await using var transport = new MqttTransport(Options(server, version));
        await using var reader = new Reader(transport);
        await using var first = await server.SubscribedAsync();
        await first.SendAsync(Bytes(hex));
        var reason = await first.EndAsync();
        await GoodAsync(server, reader);
        return reason;
    }

    /// <summary>The client comes back, and what it gets then is the first that reaches the application.</summary>
    private static async Task GoodAsync(ScriptedServer server, Reader reader)
    {
        await using var second = await server.SubscribedAsync();
        await second.PublishAsync("a", Good);
        Assert.Equal(Good, await reader.NextAsync());
        Assert.Equal(0, reader.Waiting);
    }

    private static MqttOptions Options(ScriptedServer server, MqttVersion version) => new()
    {
        Server = server.Uri,
        Version = version,
        ClientId = "test",
        InitialReconnectDelay = TimeSpan.FromMilliseconds(1),
    };

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    /// <summary>The application: it keeps the payloads of what reaches it.</summary>
    private sealed class Reader : IAsyncDisposable
    {
        internal const int Capacity = 8;
        private readonly Channel<byte[]> _payloads = Channel.CreateUnbounded<byte[]>();
        private readonly CancellationTokenSource _end = new();
        private readonly Task _running;
        internal Reader(MqttTransport transport) => _running = RunAsync(transport);
        internal int Waiting => _payloads.Reader.Count;

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            await ScriptedServer.Patiently(_running);
            _end.Dispose();
        }

        internal Task<byte[]> NextAsync() => ScriptedServer.Patiently(_payloads.Reader.ReadAsync(Cancellation).AsTask());

        private async Task RunAsync(MqttTransport transport)
        {
            await foreach (var message in transport.SubscribeAsync(new("#"), new() { Capacity = Capacity }, _end.Token))
            {
                _payloads.Writer.TryWrite(message.Payload.ToArray());
                message.Acknowledge();
                message.Dispose();
            }
        }
    }
}
