using System.Buffers;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using NATS.Client.JetStream;
using NATS.Client.KeyValueStore;
using StreamLearn;
using StreamLearn.Nats;
using StreamLearn.Testing;

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
            await using var transport = Open(StreamsPort);
            await transport.JetStream.DeleteStreamAsync($"BENCH{bytes}", CancellationToken.None);
            await transport.JetStream.CreateStreamAsync(
                new() { Name = $"BENCH{bytes}", Subjects = [$"bench.{bytes}"], Storage = NatsStorage.Memory }, CancellationToken.None);
            var (payload, sent) = (new byte[bytes], new Queue<Task>());
            for (var i = 0; i < count; i++)
            {
                sent.Enqueue(transport.JetStream.PublishAsync($"bench.{bytes}", payload, default, CancellationToken.None).AsTask());
                if (sent.Count == Capacity) { await sent.Dequeue(); }
            }

            await Task.WhenAll(sent);
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
                Keep = new() { Stream = $"BENCH{bytes}", Topics = [topic], Bucket = "bench", Storage = NatsStorage.Memory },
            });
            var options = new SubscribeOptions { Capacity = Capacity, From = StartPosition.All, SkipRetained = true };
            await meter.ReadAsync(transport, topic, options, count);
        }
    }

    /// <summary>The median of setting a key and reading it back by the official client, microseconds.</summary>
    internal static Sample KeyValue(int count)
    {
        return Run().GetAwaiter().GetResult();

        async Task<Sample> Run()
        {
            await using var connection = new NATS.Client.Core.NatsConnection(new() { Url = $"nats://127.0.0.1:{StreamsPort}" });
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

    /// <summary>The median of requests through the real server, microseconds.</summary>
    internal static Sample Request(int count)
    {
        return Run().GetAwaiter().GetResult();

        async Task<Sample> Run()
        {
            await using var connection = new NatsConnection(new() { Servers = [Server.Value.Uri] }, TimeProvider.System);
            var asked = connection.Subscribe("ask"u8.ToArray(), [], new(64, 1 << 20, NatsOverflow.DropNewest));
            var answering = AnswerAsync(connection, asked, count);
            var times = new double[count];
            var payload = new ReadOnlySequence<byte>("x"u8.ToArray());
            for (var i = 0; i < count; i++)
            {
                var began = Stopwatch.GetTimestamp();
                var request = connection.Rent();
                await connection.RequestAsync(request, "ask"u8.ToArray(), default, default, payload, CancellationToken.None);
                connection.Return(request);
                times[i] = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
            }

            await answering;
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

    private static async Task AnswerAsync(NatsConnection connection, NatsSubscription asked, int count)
    {
        var messages = new NatsMessage[1];
        var payload = new ReadOnlySequence<byte>("x"u8.ToArray());
        for (var answered = 0; answered < count;)
        {
            if (asked.Take(messages) == 0)
            {
                await asked.ToDeliver.WaitAsync();
                continue;
            }

            await connection.PublishAsync(messages[0].Reply.ToArray(), default, default, default, payload, CancellationToken.None);
            asked.Release(messages[0].Id);
            answered++;
        }
    }

    private static NatsTransport Open(int port) => new(new() { Servers = [new($"nats://127.0.0.1:{port}")] });

    private static RealNats Start(RealNatsOptions options)
    {
        if (RealNats.Program.Path is null) { throw new BenchmarkException("nats-server is not installed"); }
        var server = RealNats.StartAsync(options).GetAwaiter().GetResult();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.DisposeAsync().AsTask().GetAwaiter().GetResult();     // it would outlive us
        return server;
    }
}
