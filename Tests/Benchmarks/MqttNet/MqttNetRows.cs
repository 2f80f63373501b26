using System.Text;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using StreamLearn.Mqtt;

namespace Benchmarks;

/// <summary>What a client did.</summary>
internal sealed record RowResult(string Text, bool IsRight);

/// <summary>One thing that goes wrong at a server or on a line, and what each client makes of it.</summary>
internal sealed record MqttNetRow(string What, Func<Task<RowResult>> TheirsAsync, Func<Task<RowResult>> OursAsync);

/// <summary>The rows. Whatever may hang is bounded by a time, which its text names.</summary>
internal static class MqttNetRows
{
    private const int Count = 64, Large = 8 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5), KeepAlive = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(300);

    internal static IReadOnlyList<MqttNetRow> All { get; } =
    [
        new($"{Count} publications of QoS 2 at once: out of order at a subscriber",
            () => OrderAsync(TheirsInto), () => OrderAsync(OursInto)),
        new("PUBREC with 0x87, not authorized", () => RefusedAsync(TheirsPublishAsync), () => RefusedAsync(OursPublishAsync)),
        new("QoS 2, sent twice before PUBREL: deliveries", () => TwiceAsync(Theirs(2)), () => TwiceAsync(Ours(2))),
        new("a publication of 8 MiB, canceled while it is written",
            () => CanceledAsync(TheirsPublishAsync), () => CanceledAsync(OursPublishAsync)),
        new("a message acknowledged after a reconnect, its number used again", TheirsLateAsync, OursLateAsync),
        new($"a dead broker, {KeepAlive.TotalSeconds} s of keep-alive, publications of QoS 0", TheirsDeadAsync, OursDeadAsync),
        new("five bytes, <code>30 FF FF FF 7F</code>: allocated", () => FiveBytesAsync(Theirs(0)), () => FiveBytesAsync(Ours(0))),
        new($"{Vectors.Count} malformed inputs: connections closed; messages delivered",
            () => MalformedAsync(Theirs), () => MalformedAsync(Ours)),
    ];

    /// <summary>MQTT 5 or not, before CONNACK or not, and the bytes.</summary>
    private static List<(bool IsV5, bool IsGreeting, byte[] Bytes)> Vectors =>
    [
        .. MalformedVectors.V5.Select(static v => (true, false, Hex(v.Value.Hex))),
        .. MalformedVectors.V311.Select(static v => (false, false, Hex(v.Value))),
        .. MalformedVectors.Greetings.Select(static v => (true, true, Hex(v.Value))),
    ];

    private static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));

    // clients that subscribe to everything and count

    /// <summary>A client that reads all from a port, tries again when it is lost, and says how many messages it got.</summary>
    private sealed record ReadingClient(Func<int> Delivered, Func<ValueTask> EndAsync);

    private static Func<int, bool, ReadingClient> Theirs(int qos) => (port, isV5) =>
    {
        var (client, delivered, options) = (new MqttClientFactory().CreateMqttClient(), 0, Options(port, isV5));
        client.ApplicationMessageReceivedAsync += _ =>
        {
            Interlocked.Increment(ref delivered);
            return Task.CompletedTask;
        };
        _ = Task.Run(async () =>
        {
            await client.ConnectAsync(options);
            await client.SubscribeAsync("#", (MqttQualityOfServiceLevel)qos);
        }).ContinueWith(static t => t.Exception, TaskScheduler.Default);
        return new(() => Volatile.Read(ref delivered), () =>
        {
            client.Dispose();
            return default;
        });
    };

    private static Func<int, bool, ReadingClient> Ours(int qos) => (port, isV5) =>
    {
        var delivered = 0;
        var transport = new MqttTransport(new()
        {
            Server = new($"mqtt://127.0.0.1:{port}"),
            Version = isV5 ? MqttVersion.V5 : MqttVersion.V311,
            SubscribeQos = qos,
            CleanStart = true,
        });
        _ = Task.Run(async () =>
        {
            await foreach (var message in transport.SubscribeAsync("#", new(), CancellationToken.None))
            {
                Interlocked.Increment(ref delivered);
                message.Acknowledge();
                message.Dispose();
            }
        }).ContinueWith(static t => t.Exception, TaskScheduler.Default);
        return new(() => Volatile.Read(ref delivered), transport.DisposeAsync);
    };

    private static MqttClientOptions Options(int port, bool isV5 = true) => new MqttClientOptionsBuilder()
        .WithTcpServer("127.0.0.1", port)
        .WithProtocolVersion(isV5 ? MqttProtocolVersion.V500 : MqttProtocolVersion.V311)
        .WithClientId("c").WithCleanSession(false).WithSessionExpiryInterval(isV5 ? 60u : 0)
        .WithKeepAlivePeriod(KeepAlive).Build();

    private static MqttTransport Transport(int port, int qos) => new(new()
    {
        Server = new($"mqtt://127.0.0.1:{port}"),
        ClientId = "c",
        PublishQos = qos,
        KeepAlive = KeepAlive,
        InitialReconnectDelay = TimeSpan.FromMilliseconds(1),
    });

    // order

    private static async Task<RowResult> OrderAsync(Func<int, Task> publishAsync)
    {
        await using var mosquitto = await Mosquitto.StartAsync(new() { InFlight = 1000, More = ["log_type subscribe"] });
        await using var reader = new MqttTransport(new() { Server = mosquitto.Uri, SubscribeQos = 2 });
        var (numbers, all) = (new List<int>(), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _ = Task.Run(async () =>
        {
            await foreach (var message in reader.SubscribeAsync("n", new(), CancellationToken.None))
            {
                numbers.Add(int.Parse(Encoding.ASCII.GetString(message.Payload), CultureInfo.InvariantCulture));
                message.Acknowledge();
                message.Dispose();
                if (numbers.Count == Count) { all.SetResult(); }
            }
        });
        await mosquitto.Process.WaitForAsync(" 2 n");
        await publishAsync(mosquitto.Port);
        await all.Task.WaitAsync(ServerProcess.Patience);
        var (highest, late) = (-1, 0);
        foreach (var number in numbers)
        {
            late += number < highest ? 1 : 0;
            highest = Math.Max(highest, number);
        }
        return new($"{late}", late == 0);
    }

    private static async Task TheirsInto(int port)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        await client.ConnectAsync(Options(port));
        await Task.WhenAll(Enumerable.Range(0, Count).Select(
            n => client.PublishStringAsync("n", $"{n}", MqttQualityOfServiceLevel.ExactlyOnce)));
    }

    private static async Task OursInto(int port)
    {
        await using var transport = Transport(port, 2);
        await Task.WhenAll(Enumerable.Range(0, Count).Select(n => transport.PublishAsync(
            "n", new(Encoding.ASCII.GetBytes($"{n}")), new(new("bench", n)), CancellationToken.None).AsTask()));
    }

    // one publication, of a QoS, so many bytes, and what cancels it; then a short one

    private delegate Task<(Task First, Task Next)> Publishing(MqttBytes server, int qos, int bytes, Task canceled,
        TaskCompletionSource<MqttBytesConnection> connected, CancellationToken stop);

    private static async Task<(Task First, Task Next)> TheirsPublishAsync(MqttBytes server, int qos, int bytes, Task canceled,
        TaskCompletionSource<MqttBytesConnection> connected, CancellationToken stop)
    {
        var client = new MqttClientFactory().CreateMqttClient();
        var connecting = client.ConnectAsync(Options(server.Port), CancellationToken.None);
        connected.SetResult(await server.AcceptAsync());
        await connecting;
        var level = (MqttQualityOfServiceLevel)qos;
        var first = client.PublishAsync(new() { Topic = "a", Payload = new(new byte[bytes]), QualityOfServiceLevel = level }, stop);
        await canceled;
        var next = new MqttApplicationMessageBuilder().WithTopic("a").WithPayload("next").Build();
        return (first, stop.CanBeCanceled ? client.PublishAsync(next, CancellationToken.None) : Task.CompletedTask);
    }

    private static async Task<(Task First, Task Next)> OursPublishAsync(MqttBytes server, int qos, int bytes, Task canceled,
        TaskCompletionSource<MqttBytesConnection> connected, CancellationToken stop)
    {
        var transport = Transport(server.Port, qos);
        var first = transport.PublishAsync("a", new(new byte[bytes]), new(new("bench", 0)), stop).AsTask();
        connected.SetResult(await server.AcceptAsync());
        await canceled;
        if (!stop.CanBeCanceled) { return (first, Task.CompletedTask); }
        return (first, transport.PublishAsync("a", new("next"u8.ToArray()), new(new("bench", 1)), CancellationToken.None).AsTask());
    }

    private static async Task<RowResult> RefusedAsync(Publishing publishAsync)
    {
        using var server = new MqttBytes();
        var connected = new TaskCompletionSource<MqttBytesConnection>();
        var publishing = publishAsync(server, 2, 1, Task.CompletedTask, connected, CancellationToken.None);
        using var connection = await connected.Task;
        var (id, _) = await connection.MessageAsync("a");
        var start = Stopwatch.GetTimestamp();
        await connection.SendAsync([0x50, 3, (byte)(id >> 8), (byte)id, 0x87]);
        var first = (await publishing).First;
        _ = Task.Run(async () =>
        {
            while (await connection.NextAsync() is not null) { }        // answers pings, and nothing else
        });
        if (await Task.WhenAny(first, Task.Delay(Patience)) != first) { return new($"hangs ({Patience.TotalSeconds} s)", false); }
        var milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        var outcome = first.Exception?.InnerException?.GetType().Name ?? "success";
        return new(FormattableString.Invariant($"{outcome} after {milliseconds:0} ms"), first.IsFaulted);
    }

    private static async Task<RowResult> CanceledAsync(Publishing publishAsync)
    {
        using var server = new MqttBytes();
        using var stop = new CancellationTokenSource();
        var connected = new TaskCompletionSource<MqttBytesConnection>();
        var canceled = new TaskCompletionSource();
        var publishing = publishAsync(server, 0, Large, canceled.Task, connected, stop.Token);
        using var connection = await connected.Task;
        await Task.Delay(Moment);                           // as much is written as the sockets take
        await stop.CancelAsync();
        await Task.Delay(Moment);
        canceled.SetResult();
        await Task.Delay(Moment);
        using var end = new CancellationTokenSource(Patience);
        var bytes = await connection.RestAsync(end.Token);
        _ = publishing.ContinueWith(static t => t.Exception, TaskScheduler.Default);
        const int Whole = Large + 9;                        // header of five bytes, topic, properties
        var isWhole = bytes.Length >= Whole;
        var next = bytes.AsSpan().IndexOf("next"u8);
        var text = next < 0 ? $"{bytes.Length:N0} of {Whole:N0} bytes" : $"{next - 6:N0} of {Whole:N0} bytes, then the next packet";
        return new(isWhole ? "written whole" : text, isWhole);
    }

    private static async Task<RowResult> TwiceAsync(Func<int, bool, ReadingClient> start)
    {
        using var server = new MqttBytes();
        var client = start(server.Port, true);
        using var connection = await server.SubscribedAsync();
        await connection.PublishAsync("a", "once", 2, 1);
        await connection.ReadAsync(5);
        await connection.SendAsync([0x3C, 10, 0, 1, (byte)'a', 0, 1, 0, .. "once"u8]);
        await connection.ReadAsync(5);
        await connection.SendAsync([0x62, 2, 0, 1]);
        await connection.ReadAsync(7);
        await Task.Delay(Moment);
        var delivered = client.Delivered();
        await client.EndAsync();
        return new($"{delivered}", delivered == 1);
    }

    // acknowledgements

    private static async Task<RowResult> TheirsLateAsync()
    {
        using var server = new MqttBytes();
        using var client = new MqttClientFactory().CreateMqttClient();
        var first = new TaskCompletionSource<MqttApplicationMessageReceivedEventArgs>();
        client.ApplicationMessageReceivedAsync += args =>
        {
            args.AutoAcknowledge = false;
            first.TrySetResult(args);
            return Task.CompletedTask;
        };
        var connecting = client.ConnectAsync(Options(server.Port));
        using var old = await server.AcceptAsync();
        await connecting;
        await old.PublishAsync("a", "old", 1, 1);
        var late = await first.Task;
        var lost = new TaskCompletionSource();
        client.DisconnectedAsync += _ =>
        {
            lost.SetResult();
            return Task.CompletedTask;
        };
        old.Cut();
        await lost.Task;
        connecting = client.ConnectAsync(Options(server.Port));
        using var next = await server.AcceptAsync(sessionPresent: true);
        await connecting;
        await next.PublishAsync("a", "another", 1, 1);
        await late.AcknowledgeAsync(CancellationToken.None);
        return await AcknowledgedAsync(next);
    }

    private static async Task<RowResult> OursLateAsync()
    {
        using var server = new MqttBytes();
        await using var transport = Transport(server.Port, 1);
        await using var messages = transport.SubscribeAsync("a", new(), CancellationToken.None).GetAsyncEnumerator();
        using var old = await server.SubscribedAsync();
        await old.PublishAsync("a", "old", 1, 1);
        await messages.MoveNextAsync();
        var late = messages.Current;
        old.Cut();
        using var next = await server.AcceptAsync(sessionPresent: true);
        await next.PublishAsync("a", "another", 1, 1);
        await messages.MoveNextAsync();
        late.Acknowledge();
        return await AcknowledgedAsync(next);
    }

    private static async Task<RowResult> AcknowledgedAsync(MqttBytesConnection connection)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        try
        {
            while (await connection.NextAsync(patience.Token) is { } packet)
            {
                if (packet.Header == 0x40) { return new("the other message is acknowledged: lost", false); }
            }
        }
        catch (OperationCanceledException)
        {
            // nothing came
        }
        return new("the other message is not acknowledged", true);
    }

    // a broker that is gone without a word

    private static async Task<RowResult> TheirsDeadAsync()
    {
        await using var mosquitto = await Mosquitto.StartAsync();
        using var client = new MqttClientFactory().CreateMqttClient();
        await client.ConnectAsync(Options(mosquitto.Port));
        return await DeadAsync(mosquitto, () => client.PublishStringAsync("a", "x"), () => !client.IsConnected);
    }

    private static async Task<RowResult> OursDeadAsync()
    {
        await using var mosquitto = await Mosquitto.StartAsync();
        await using var transport = Transport(mosquitto.Port, 0);
        var message = new ReadOnlySequence<byte>("x"u8.ToArray());
        Task PublishAsync() => transport.PublishAsync("a", message, new(new("bench", 0)), CancellationToken.None).AsTask();
        await PublishAsync();
        return await DeadAsync(mosquitto, PublishAsync, () => transport.Status.Publishing.Losses > 0);
    }

    private static async Task<RowResult> DeadAsync(Mosquitto mosquitto, Func<Task> publishAsync, Func<bool> isNoticed)
    {
        mosquitto.Process.Freeze();                         // its sockets stay open, and take bytes
        var start = Stopwatch.GetTimestamp();
        var published = 0;
        while (Stopwatch.GetElapsedTime(start) < 5 * KeepAlive)
        {
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (isNoticed()) { return new(FormattableString.Invariant($"found after {seconds:0.0} s"), true); }
            if (publishAsync() is { IsFaulted: false }) { published++; }
            await Task.Delay(50);
        }
        return new($"not found in {5 * KeepAlive.TotalSeconds} s, {published} publications accepted", false);
    }

    // bytes that no server may send

    private static async Task<RowResult> FiveBytesAsync(Func<int, bool, ReadingClient> start)
    {
        using var server = new MqttBytes();
        var client = start(server.Port, true);
        using var connection = await server.SubscribedAsync();
        await Task.Delay(Moment);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await connection.SendAsync([0x30, 0xFF, 0xFF, 0xFF, 0x7F]);
        await Task.Delay(Moment);
        var mebibytes = (GC.GetTotalAllocatedBytes(precise: true) - before) / 1024.0 / 1024.0;
        await client.EndAsync();
        return new(FormattableString.Invariant($"{mebibytes:0.0} MiB"), mebibytes < 16);
    }

    private static async Task<RowResult> MalformedAsync(Func<int, Func<int, bool, ReadingClient>> client)
    {
        var (closed, delivered) = (0, 0);
        foreach (var (isV5, isGreeting, bytes) in Vectors)
        {
            using var server = new MqttBytes();
            var reader = client(1)(server.Port, isV5);
            using var connection = isGreeting ? await server.TakeAsync() : await server.SubscribedAsync();
            await connection.SendAsync(bytes);
            using var patience = new CancellationTokenSource(Moment);
            try
            {
                while (await connection.NextAsync(patience.Token) is not null) { }
                closed++;
            }
            catch (OperationCanceledException)
            {
                // it is still there
            }
            delivered += reader.Delivered();
            await reader.EndAsync();
        }
        return new($"{closed} closed, {delivered} delivered", closed == Vectors.Count && delivered == 0);
    }
}
