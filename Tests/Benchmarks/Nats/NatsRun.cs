using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using NATS.Client.KeyValueStore;
using StreamLearn.Nats;

namespace Benchmarks;

/// <summary>Ours: a transport as a program uses it.</summary>
internal static class NatsRun
{
    private const int Capacity = 1024;
    private static readonly Topic Topic = new("bench");
    private static readonly Lazy<RealNats> Server = new(static () => Start(new()));
    private static readonly Lazy<RealNats> Streams = new(static () => Start(new() { JetStream = true }));
    private static readonly Dictionary<int, int> Full = [];         // bytes of a message → messages in its stream

    /// <summary>The port of the real server.</summary>
    internal static int Port => Server.Value.Port;

    /// <summary>Processor time of a message from a server that only sends.</summary>
    internal static Sample Receive(int port, int count)
    {
        var (meter, dropped) = (Meter.Start(), 0L);
        Run().GetAwaiter().GetResult();
        var sample = meter.Stop((int)(count + dropped), byClock: false);        // what was dropped was received
        return sample with { Details = new Dictionary<string, double>(sample.Details!) { ["dropped"] = dropped } };

        async Task Run()
        {
            var transport = Open(port);
            await using var _ = transport;
            await meter.ReadAsync(transport, Topic, new() { Capacity = Capacity }, count,
                () => dropped = transport.Status.Subscriptions[0].Dropped);
        }
    }

    /// <summary>Processor time of a message that is published.</summary>
    internal static Sample Publish(int port, int bytes, int count)
    {
        var payload = new ReadOnlySequence<byte>(new byte[bytes]);
        var meter = Meter.Start();
        Run().GetAwaiter().GetResult();
        return meter.Stop(count, byClock: false);

        async Task Run()
        {
            var transport = Open(port);
            await using var _ = transport;
            for (var number = 0; number < count; number++)
            {
                if (number == count / 10) { meter.Settle(); }
                await transport.PublishAsync(Topic, payload, new(new("bench", number)), CancellationToken.None);
            }
        }
    }

    /// <summary>The port of the real server with streams.</summary>
    internal static int StreamsPort => Streams.Value.Port;

    /// <summary>Fills a stream with messages, once.</summary>
    /// <returns>The server's port.</returns>
    internal static int Filled(int bytes, int count)
    {
        if (Full.GetValueOrDefault(bytes) < count) { Run().GetAwaiter().GetResult(); }
        Full[bytes] = count;
        return StreamsPort;

        async Task Run()
        {
            await using var client = Client(StreamsPort);
            var streams = new NatsJSContext(client);
            try { await streams.DeleteStreamAsync($"BENCH{bytes}"); }
            catch (NatsJSApiException) { }      // there is none yet
            await streams.CreateStreamAsync(new($"BENCH{bytes}", [$"bench.{bytes}"]) { Storage = StreamConfigStorage.Memory });
            var (payload, sent) = (new byte[bytes], new Queue<NatsJSPublishConcurrentFuture>());
            for (var i = 0; i < count; i++)
            {
                sent.Enqueue(await streams.PublishConcurrentAsync($"bench.{bytes}", payload));
                if (sent.Count == Capacity || i == count - 1) { await AnswerAsync(sent); }
            }
            while (sent.Count > 0) { await AnswerAsync(sent); }
        }

        static async Task AnswerAsync(Queue<NatsJSPublishConcurrentFuture> sent)
        {
            await using var first = sent.Dequeue();
            await first.GetResponseAsync();
        }
    }

    /// <summary>Processor time of a message of a stream that is pulled and acknowledged.</summary>
    internal static Sample Pull(int bytes, int count)
    {
        var port = Filled(bytes, count);
        var meter = Meter.Start();
        Run().GetAwaiter().GetResult();
        return meter.Stop(count, byClock: false);

        async Task Run()
        {
            var topic = new Topic($"bench/{bytes}");
            await using var transport = new NatsTransport(new()
            {
                Servers = [new($"nats://127.0.0.1:{port}")],
                Keep = new() { Stream = $"BENCH{bytes}", Topics = [topic], Bucket = "bench", Storage = StreamConfigStorage.Memory },
            });
            var options = new SubscribeOptions { Capacity = Capacity, From = StartPosition.All, SkipRetained = true };
            await meter.ReadAsync(transport, topic, options, count);
        }
    }

    /// <summary>Processor time of a message that a stream confirms, over some subjects at once.</summary>
    internal static Sample PublishKept(int bytes, int count, int subjects)
    {
        var payload = new ReadOnlySequence<byte>(new byte[bytes]);
        var meter = Meter.Start();
        Run().GetAwaiter().GetResult();
        return meter.Stop(count, byClock: false);

        async Task Run()
        {
            await using var transport = new NatsTransport(new()
            {
                Servers = [new($"nats://127.0.0.1:{StreamsPort}")],
                Keep = new() { Stream = "BENCHKEPT", Topics = ["kept/#"], Bucket = "bench", Storage = StreamConfigStorage.Memory },
            });
            var sent = new Queue<Task>();
            var topics = Enumerable.Range(0, subjects).Select(static i => new Topic($"kept/{i}")).ToArray();
            for (var number = 0; number < count; number++)
            {
                if (number == count / 10) { meter.Settle(); }
                sent.Enqueue(transport.PublishAsync(
                    topics[number % subjects], payload, new(new("bench", number)), CancellationToken.None).AsTask());
                if (sent.Count == transport.MaxInFlight) { await sent.Dequeue(); }
            }
            await Task.WhenAll(sent);
        }
    }

    /// <summary>The official client alone: processor time of a message from a server that only sends.</summary>
    internal static Sample ReceiveRaw(int port, int count)
    {
        var meter = Meter.Start();
        Run().GetAwaiter().GetResult();
        return meter.Stop(count, byClock: false);

        async Task Run()
        {
            await using var client = Client(port);
            var options = new NatsSubOpts { ChannelOpts = new() { Capacity = Capacity, FullMode = BoundedChannelFullMode.Wait } };
            var read = 0;
            await foreach (var message in client.SubscribeAsync<NatsMemoryOwner<byte>>("bench", opts: options))
            {
                message.Data.Dispose();
                if (++read == count / 10) { meter.Settle(); }
                if (read == count) { break; }
            }
        }
    }

    /// <summary>The official client alone: processor time of a message that is published.</summary>
    internal static Sample PublishRaw(int port, int bytes, int count)
    {
        var payload = new ReadOnlyMemory<byte>(new byte[bytes]);
        var meter = Meter.Start();
        Run().GetAwaiter().GetResult();
        return meter.Stop(count, byClock: false);

        async Task Run()
        {
            await using var client = Client(port);
            for (var number = 0; number < count; number++)
            {
                if (number == count / 10) { meter.Settle(); }
                await client.PublishAsync("bench", payload);
            }
            await client.PingAsync();
        }
    }

    /// <summary>The official client alone: processor time of a message of a stream that is pulled and acknowledged.</summary>
    internal static Sample PullRaw(int bytes, int count)
    {
        var port = Filled(bytes, count);
        var meter = Meter.Start();
        Run().GetAwaiter().GetResult();
        return meter.Stop(count, byClock: false);

        async Task Run()
        {
            await using var client = Client(port);
            var consumer = await new NatsJSContext(client).CreateOrUpdateConsumerAsync(
                $"BENCH{bytes}", new(Nuid.NewNuid()) { MaxAckPending = -1, InactiveThreshold = TimeSpan.FromMinutes(1) });
            var read = 0;
            await foreach (var message in consumer.ConsumeAsync<NatsMemoryOwner<byte>>(opts: new() { MaxMsgs = Capacity }))
            {
                message.Data.Dispose();
                await message.AckAsync();
                if (++read == count / 10) { meter.Settle(); }
                if (read == count) { break; }
            }
        }
    }

    /// <summary>The median of setting a key and reading it back by the official client, microseconds.</summary>
    internal static Sample KeyValue(int count)
    {
        return Run().GetAwaiter().GetResult();

        async Task<Sample> Run()
        {
            await using var connection = new NatsConnection(new() { Url = $"nats://127.0.0.1:{StreamsPort}" });
            var bucket = await new NatsKVContext(new NatsJSContext(connection)).CreateStoreAsync(
                new NatsKVConfig("bench-sl") { Storage = NatsKVStorageType.Memory }, CancellationToken.None);
            var times = new double[count];
            var value = "value"u8.ToArray();
            for (var i = 0; i < count; i++)
            {
                var began = Stopwatch.GetTimestamp();
                await bucket.PutAsync($"key-{i % 100}", value, cancellationToken: CancellationToken.None);
                await bucket.GetEntryAsync<byte[]>($"key-{i % 100}", cancellationToken: CancellationToken.None);
                times[i] = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
            }
            Array.Sort(times);
            return new(times[count / 2], double.NaN, double.NaN);
        }
    }

    /// <summary>The median of requests through the real server by the official client, microseconds.</summary>
    internal static Sample Request(int count)
    {
        return Run().GetAwaiter().GetResult();

        async Task<Sample> Run()
        {
            await using var client = Client(Port);
            using var end = new CancellationTokenSource();
            var asked = await client.SubscribeCoreAsync<byte[]>("ask");
            var answering = Task.Run(async () =>
            {
                await foreach (var message in asked.Msgs.ReadAllAsync(end.Token)) { await message.ReplyAsync(message.Data); }
            });
            var (times, payload) = (new double[count], "x"u8.ToArray());
            for (var i = 0; i < count; i++)
            {
                var began = Stopwatch.GetTimestamp();
                await client.RequestAsync<byte[], byte[]>("ask", payload);
                times[i] = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
            }
            await end.CancelAsync();
            await answering.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Array.Sort(times);
            return new(times[count / 2], double.NaN, double.NaN);
        }
    }

    /// <summary>The same with two blocking sockets and no library.</summary>
    internal static Sample RequestRaw(int count)
    {
        using var asker = Raw("SUB _INBOX.raw 1\r\n");
        using var answerer = Raw("SUB ask.raw 1\r\n");
        var answering = Task.Factory.StartNew(() => Answer(answerer, count), TaskCreationOptions.LongRunning);
        var (ask, times, buffer) = ("PUB ask.raw _INBOX.raw 1\r\nx\r\n"u8.ToArray(), new double[count], new byte[4096]);
        for (var i = 0; i < count; i++)
        {
            var began = Stopwatch.GetTimestamp();
            asker.Send(ask);
            for (var got = 0; got < "MSG _INBOX.raw 1 1\r\nx\r\n".Length;) { got += asker.Receive(buffer); }
            times[i] = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
        }
        answering.GetAwaiter().GetResult();
        Array.Sort(times);
        return new(times[count / 2], double.NaN, double.NaN);
    }

    private static void Answer(Socket socket, int count)
    {
        var (reply, buffer) = ("PUB _INBOX.raw 1\r\nx\r\n"u8.ToArray(), new byte[4096]);
        for (var i = 0; i < count; i++)
        {
            for (var got = 0; got < "MSG ask.raw 1 _INBOX.raw 1\r\nx\r\n".Length;) { got += socket.Receive(buffer); }
            socket.Send(reply);
        }
    }

    private static Socket Raw(string subscribe)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect("127.0.0.1", Port);
        socket.Send(Encoding.ASCII.GetBytes($"CONNECT {{\"verbose\":false}}\r\n{subscribe}PING\r\n"));
        var (text, buffer) = ("", new byte[8192]);
        while (!text.Contains("PONG", StringComparison.Ordinal)) { text += Encoding.ASCII.GetString(buffer, 0, socket.Receive(buffer)); }
        return socket;
    }

    private static NatsConnection Client(int port) => new(new() { Url = $"nats://127.0.0.1:{port}" });
    private static NatsTransport Open(int port) => new(new() { Servers = [new($"nats://127.0.0.1:{port}")] });

    private static RealNats Start(RealNatsOptions options)
    {
        if (RealNats.Program.Path is null) { throw new BenchmarkException("nats-server is not installed"); }
        var server = RealNats.StartAsync(options).GetAwaiter().GetResult();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.DisposeAsync().AsTask().GetAwaiter().GetResult();     // it would outlive us
        return server;
    }
}
