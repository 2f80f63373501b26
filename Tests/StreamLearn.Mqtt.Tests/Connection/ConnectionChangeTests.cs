namespace StreamLearn.Mqtt.Tests;

/// <summary>What a transport tells of its connections, to programs and to pipelines.</summary>
public sealed class ConnectionChangeTests
{
    [Theory, InlineData(MqttVersion.V5), InlineData(MqttVersion.V311)]
    public async Task A_killed_server_without_persistence_is_lost_and_back_without_the_sessions(MqttVersion version)
    {
        await using var mosquitto = await Mosquitto.StartAsync();
        await using var transport = new MqttTransport(new() { Server = mosquitto.Uri, Version = version, ClientId = "c" });
        await using var changes = new Changes(transport);
        await using var messages = transport.SubscribeAsync("a/+", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        await PublishAsync(transport);
        await changes.ExpectAsync("c", true, kept: false);
        await changes.ExpectAsync("c.1", true, kept: false);

        await mosquitto.KillAsync();
        var lost = await changes.ExpectAsync("c", false, kept: false);
        var subscriptionLost = await changes.ExpectAsync("c.1", false, kept: false);
        await mosquitto.StartAgainAsync();
        await changes.ExpectAsync("c", true, kept: false);
        await changes.ExpectAsync("c.1", true, kept: false);

        Assert.Equal((transport.Name, null), (lost.Transport, lost.Subscription));
        Assert.Equal((transport.Name, "a/+"), (subscriptionLost.Transport, subscriptionLost.Subscription));
        Assert.Matches("^(the server closed the connection|the connection was lost.*)$", lost.Reason);
        Assert.Equal((1, 1), (transport.Status.Publishing.Losses, transport.Status.Subscriptions[0].Losses));
        await PublishAsync(transport);
        Assert.Equal(6, changes.Count);         // tries in between are not told
    }

    [Fact]
    public async Task A_lost_connection_is_lost_and_back_with_the_session()
    {
        await using var mosquitto = await Mosquitto.StartAsync();
        await using var proxy = new FaultProxy(mosquitto.Port);
        await using var transport = new MqttTransport(new() { Server = proxy.Uri, ClientId = "c" });
        await using var changes = new Changes(transport);
        await PublishAsync(transport);
        await changes.ExpectAsync("c", true, kept: false);
        proxy.Cut();
        Assert.NotEmpty((await changes.ExpectAsync("c", false, kept: false)).Reason);
        Assert.Empty((await changes.ExpectAsync("c", true, kept: true)).Reason);
    }

    [Fact]
    public async Task A_pipeline_hears_of_a_killed_server_and_drains()
    {
        await using var mosquitto = await Mosquitto.StartAsync(new() { Durable = true });
        await using var transport = new MqttTransport(new() { Server = mosquitto.Uri, ClientId = "c" });
        await using var changes = new Changes(transport);
        var (steered, output) = (new SemaphoreSlim(0), new List<ConnectionChange>());
        await using var run = Pipeline.Define("hears", p =>
        {
            var told = p.Connections(transport);
            p.Subscribe(transport, "rows", RowCodec.Default)
                .Via("steered", "", (string _, OperatorContext _, IOutput<Batch> o) => new Steered(o, steered))
                .ControlledBy(told).Discard();
            told.ForEach("see", output.Add);
        }).Start(null, Cancellation);
        await changes.ExpectAsync("c.1", true, kept: false);
        Assert.True(await steered.WaitAsync(ServerProcess.Patience, Cancellation));

        await mosquitto.KillAsync();
        await changes.ExpectAsync("c.1", false, kept: false);
        Assert.True(await steered.WaitAsync(ServerProcess.Patience, Cancellation));
        await mosquitto.StartAgainAsync();
        await changes.ExpectAsync("c.1", true);
        Assert.True(await steered.WaitAsync(ServerProcess.Patience, Cancellation));
        await run.DrainAsync(Cancellation).WaitAsync(ServerProcess.Patience, Cancellation);

        Assert.Equal([true, false, true], output.Select(c => c.IsConnected));
        Assert.All(output, c => Assert.Equal("rows", c.Subscription));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_told_once_however_often_it_is_tried()
    {
        const int Tries = 5;
        var tries = 0;
        var port = LoopbackPort.Take();
        await using var transport = new MqttTransport(new()
        {
            Server = new($"mqtt://127.0.0.1:{port}"),
            ClientId = "c",
            InitialReconnectDelay = TimeSpan.FromMilliseconds(1),
            Credentials = _ =>
            {
                Interlocked.Increment(ref tries);
                return ValueTask.FromResult(new MqttCredentials("user", "secret-word"u8.ToArray()));
            },
        });
        await using var changes = new Changes(transport);
        using var end = new CancellationTokenSource();
        var publishing = transport.PublishAsync("a", default, default, end.Token).AsTask();

        var lost = await changes.ExpectAsync("c", false, kept: false);
        await Long.UntilAsync(() => Volatile.Read(ref tries) >= Tries, () => $"{tries} tries");

        Assert.Equal(1, changes.Count);
        Assert.Equal($"cannot reach mqtt://127.0.0.1:{port}: ConnectionRefused", lost.Reason);
        Assert.Equal(0, transport.Status.Publishing.Losses);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publishing);
    }

    [Fact]
    public async Task A_slow_reader_gets_the_newest_of_each_session_and_hears_that_one_was_not_kept()
    {
        await using var server = new ScriptedServer();
        await using var transport = new MqttTransport(
            new() { Server = server.Uri, ClientId = "c", InitialReconnectDelay = TimeSpan.FromMilliseconds(1) });
        using var end = new CancellationTokenSource();
        await using var changes = transport.ConnectionsAsync(end.Token).GetAsyncEnumerator(Cancellation);
        var first = changes.MoveNextAsync().AsTask();
        _ = transport.SubscribeAsync("a", new(), Cancellation);
        var connection = await server.SubscribedAsync();
        Assert.True(await ScriptedServer.Patiently(first));
        foreach (var kept in new[] { true, false, true })
        {
            var connects = Status(transport).Connects;
            connection.Cut();
            connection = await server.AcceptAsync(sessionPresent: kept);
            await Long.UntilAsync(() => Status(transport).Connects > connects, () => $"{Status(transport)}");
        }
        Assert.True(await ScriptedServer.Patiently(changes.MoveNextAsync().AsTask()));
        Assert.Equal((true, false, 4L), (changes.Current.IsConnected, changes.Current.SessionKept, changes.Current.Connects));
        var more = changes.MoveNextAsync().AsTask();
        Assert.False(more.IsCompleted);
        await end.CancelAsync();
        Assert.False(await ScriptedServer.Patiently(more));
    }

    [Fact]
    public async Task Who_listens_late_hears_how_the_sessions_stand_and_not_of_those_that_have_ended()
    {
        await using var server = new ScriptedServer();
        var transport = new MqttTransport(new() { Server = server.Uri, ClientId = "c" });
        using var end = new CancellationTokenSource();
        var ending = transport.SubscribeAsync("a", new(), end.Token).GetAsyncEnumerator(Cancellation);
        var reading = ending.MoveNextAsync().AsTask();
        await using var first = await server.SubscribedAsync();
        _ = transport.SubscribeAsync("b", new(), Cancellation);
        await using var second = await server.SubscribedAsync();
        await using var both = new Changes(transport);
        await both.ExpectAsync("c.1", true);
        await both.ExpectAsync("c.2", true);

        await end.CancelAsync();
        Assert.Equal(MqttReason.Success, await first.EndAsync());
        await first.DisposeAsync();
        Assert.False(await ScriptedServer.Patiently(reading));
        await Long.UntilAsync(() => !transport.Status.Subscriptions[0].IsConnected, () => Long.Text(transport.Status));
        await Long.UntilAsync(() => Now(transport) == "c.2", () => Now(transport));

        Assert.Equal(2, both.Count);            // the end of a session that nobody needs is not a loss
        Assert.Equal(0, transport.Status.Subscriptions[0].Losses);
        await second.DisposeAsync();
        await transport.DisposeAsync();
        await both.Ended;
    }

    [Fact]
    public async Task A_session_that_fails_for_good_says_why()
    {
        await using var server = new ScriptedServer();
        await using var transport = new MqttTransport(new() { Server = server.Uri, ClientId = "c" });
        await using var changes = new Changes(transport);
        await using var messages = transport.SubscribeAsync("a", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        var reading = messages.MoveNextAsync().AsTask();
        await using var connection = await server.SubscribedAsync();
        await changes.ExpectAsync("c.1", true);
        await connection.DisconnectAsync(MqttReason.SessionTakenOver);
        Assert.Equal("the server ended the connection: SessionTakenOver", (await changes.ExpectAsync("c.1", false)).Reason);
        await Assert.ThrowsAsync<TransportException>(() => ScriptedServer.Patiently(reading));
    }

    private static MqttSessionStatus Status(MqttTransport transport) => transport.Status.Subscriptions[0];

    private static Task PublishAsync(MqttTransport transport) =>
        ScriptedServer.Patiently(transport.PublishAsync("b", default, new(new("test", 0)), Cancellation).AsTask());

    /// <summary>The sessions that a new listener hears of at once.</summary>
    private static string Now(MqttTransport transport)
    {
        using var end = new CancellationTokenSource();
        end.Cancel();
        return string.Join(' ', transport.ConnectionsAsync(end.Token).ToBlockingEnumerable().Select(c => c.Session));
    }

    private sealed class Changes : IAsyncDisposable
    {
        private readonly Lock _lock = new();
        private readonly List<ConnectionChange> _heard = [];
        private readonly CancellationTokenSource _end = new();
        private int _count;
        internal Changes(ITransport transport) => Ended = Task.Run(() => ReadAsync(transport), Cancellation);
        internal Task Ended { get; }
        internal int Count => Volatile.Read(ref _count);

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            await Ended;
            _end.Dispose();
        }

        /// <summary>Waits for the next change of a session, and looks whether it is the one.</summary>
        internal async Task<ConnectionChange> ExpectAsync(string session, bool isConnected, bool? kept = null)
        {
            ConnectionChange? change = null;
            await Long.UntilAsync(() => TryTake(session, out change), () => $"{session} {isConnected}");
            Assert.Equal(isConnected, change!.IsConnected);
            Assert.Equal(kept ?? change.SessionKept, change.SessionKept);
            return change;
        }

        private bool TryTake(string session, out ConnectionChange? change)
        {
            lock (_lock)
            {
                change = _heard.Find(c => c.Session == session);
                return change is not null && _heard.Remove(change);
            }
        }

        private async Task ReadAsync(ITransport transport)
        {
            await foreach (var change in transport.ConnectionsAsync(_end.Token))
            {
                lock (_lock) { _heard.Add(change); }
                Interlocked.Increment(ref _count);
            }
        }
    }

    private sealed class Steered(IOutput<Batch> output, SemaphoreSlim steered) : Operator<Batch>, IControlledBy<ConnectionChange>
    {
        public override void Process(Batch input) => output.Emit(input);
        public void Control(ConnectionChange message) => steered.Release();
    }
}
