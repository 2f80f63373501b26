using System.Buffers.Binary;

namespace StreamLearn.Nats.Tests;

/// <summary>A reader that is ten times too slow. No other test runs meanwhile: the memory of the process is measured.</summary>
[Collection(nameof(SlowReaderTests))]
[CollectionDefinition(nameof(SlowReaderTests), DisableParallelization = true)]
public sealed class SlowReaderTests(ITestOutputHelper output)
{
    private const int Capacity = 32, TooSlow = 10, PayloadBytes = 1024, PerPoint = 25;
    private const double MaxMemory = 1.3;
    private static readonly int Ticks = LongForm.IsAsked ? 10_000 : 500;

    [Fact]
    public async Task A_stream_holds_back_what_is_not_wanted_yet_and_loses_nothing()
    {
        await using var server = await StartAsync();
        await using var writer = Open(server);
        await using var transport = Open(server);
        using var end = new CancellationTokenSource();
        var held = new HeldMessages();
        var reading = held.ReadAsync(transport.SubscribeAsync("kept/#", new() { Capacity = Capacity }, end.Token));
        await Patiently(transport.PublishAsync("kept/first", Payload(0), default, Cancellation).AsTask());
        var (published, most, memory) = (1L, 0, new List<long>());
        for (var tick = 0; tick < Ticks; tick++)
        {
            for (var i = 0; i < TooSlow; i++) { await writer.PublishAsync("kept/a", Payload(published++), default, Cancellation); }
            await UntilAsync(held.ReleaseOldest);
            var status = transport.Status.Subscriptions[0];
            most = Math.Max(most, status.Held + status.Waiting);
            Measure(tick, memory);
        }
        held.Drain();
        await UntilAsync(() => !held.ReleaseOldest() && held.Numbers.Count >= published);
        var last = transport.Status.Subscriptions[0];
        await end.CancelAsync();
        await Patiently(reading);
        Show(published, most, memory);

        Assert.Equal(Enumerable.Range(0, (int)published).Select(static i => (long)i), held.Numbers);
        Assert.Equal((published, 0L, 0L), (last.Received, last.Dropped, last.Again));
        Assert.InRange(most, 1, Capacity);
        Assert.InRange(Growth(memory), 0, MaxMemory);
        Assert.Equal(1, transport.Status.Connects);
    }

    [Fact]
    public async Task Of_messages_that_pass_the_oldest_are_dropped_and_each_is_counted()
    {
        await using var server = await RealNats.StartAsync();
        await using var writer = new NatsTransport(new() { Servers = [server.Uri] });
        await using var transport = new NatsTransport(new() { Servers = [server.Uri] });
        using var end = new CancellationTokenSource();
        await using var messages = transport.SubscribeAsync("passing/#", new() { Capacity = Capacity }, end.Token)
            .GetAsyncEnumerator(Cancellation);
        await transport.PublishAsync("passing/first", Payload(0), default, Cancellation);
        var (published, most, memory, numbers) = (1L, 0, new List<long>(), new List<long>());
        for (var tick = 0; tick < Ticks; tick++)
        {
            await NextAsync(messages, numbers);
            for (var i = 0; i < TooSlow; i++) { await writer.PublishAsync("passing/a", Payload(published++), default, Cancellation); }
            await UntilAsync(() => transport.Status.Subscriptions[0].Received == published);
            var status = transport.Status.Subscriptions[0];
            most = Math.Max(most, status.Waiting);
            Measure(tick, memory);
        }
        while (numbers[^1] < published - 1) { await NextAsync(messages, numbers); }
        var last = transport.Status.Subscriptions[0];
        await end.CancelAsync();
        Assert.False(await Patiently(messages.MoveNextAsync().AsTask()));
        Show(published, most, memory);

        Assert.Equal(numbers.Order().Distinct(), numbers);
        Assert.Equal((published, 0, 0), (last.Received, last.Waiting, last.Held));
        Assert.Equal(published, numbers.Count + last.Dropped);
        Assert.InRange(last.Dropped, published / 2, published);
        Assert.InRange(most, 1, Capacity);
        Assert.InRange(Growth(memory), 0, MaxMemory);
    }

    [Fact]
    public async Task A_connection_that_is_cut_brings_no_more_than_there_is_space_for()
    {
        await using var server = await StartAsync();
        await using var proxy = new FaultProxy(server.Port);
        await using var writer = Open(server);
        await using var transport = Open(server, proxy.Port);
        using var end = new CancellationTokenSource();
        var held = new HeldMessages();
        var reading = held.ReadAsync(transport.SubscribeAsync("kept/#", new() { Capacity = Capacity }, end.Token));
        await Patiently(transport.PublishAsync("kept/first", Payload(0), default, Cancellation).AsTask());
        for (var cut = 0; cut < 3; cut++)
        {
            var connects = transport.Status.Connects;
            proxy.Cut();
            await UntilAsync(() => transport.Status.Connects > connects);
            await PulledAsync(writer);
        }
        var published = 1L;
        while (published < 20 * Capacity) { await writer.PublishAsync("kept/a", Payload(published++), default, Cancellation); }
        await UntilAsync(() => transport.Status.Subscriptions[0] is var status && status.Held + status.Waiting >= Capacity / 2);
        await transport.StreamAsync("kept");       // all that the server would have sent has come
        var full = transport.Status.Subscriptions[0];
        held.Drain();
        await UntilAsync(() => !held.ReleaseOldest() && held.Numbers.Count >= published);
        await end.CancelAsync();
        await Patiently(reading);

        Assert.InRange(full.Held + full.Waiting, 1, Capacity);
        Assert.Equal(Enumerable.Range(0, (int)published).Select(static i => (long)i), held.Numbers.Order());     // a cut may set one back
    }

    [Fact]
    public async Task Messages_that_together_are_more_than_one_pull_takes_all_come_once_and_in_order()
    {
        await using var server = await StartAsync();
        await using var transport = Open(server);
        await using var messages = transport.Read("kept/#");
        const int Count = 150;
        for (var i = 0L; i < Count; i++) { await transport.PublishAsync("kept/a", Payload(i, 900_000), default, Cancellation); }
        var numbers = new List<long>();
        while (numbers.Count < Count) { await NextAsync(messages, numbers); }
        Assert.Equal(Enumerable.Range(0, Count).Select(static i => (long)i), numbers);
        Assert.Equal(0, transport.Status.Subscriptions[0].Again);
    }

    private static NatsTransport Open(RealNats server, int? port = null) => new(new()
    {
        Servers = [new($"nats://127.0.0.1:{port ?? server.Port}")],
        InitialReconnectDelay = TimeSpan.FromMilliseconds(20),
        Keep = new() { Stream = "kept", Topics = ["kept/#"], Bucket = "kept", Storage = StreamConfigStorage.Memory },
    });

    private static ReadOnlySequence<byte> Payload(long number, int bytes = PayloadBytes)
    {
        var payload = new byte[bytes];
        BinaryPrimitives.WriteInt64LittleEndian(payload, number);
        return new(payload);
    }

    private static long Number(in Message message) => BinaryPrimitives.ReadInt64LittleEndian(message.Payload.FirstSpan);

    private static async Task NextAsync(IAsyncEnumerator<Message> messages, List<long> numbers)
    {
        await messages.NextAsync();
        numbers.Add(Number(messages.Current));
        messages.Current.Acknowledge();
        messages.Current.Dispose();
    }

    /// <summary>Waits until all consumers of the stream have a pull.</summary>
    private static async Task PulledAsync(NatsTransport transport)
    {
        for (var isPulled = false; !isPulled;)
        {
            isPulled = true;
            foreach (var consumer in await transport.ConsumersAsync("kept")) { isPulled &= consumer.NumWaiting > 0; }
        }
    }

    private static void Measure(int tick, List<long> memory)
    {
        if (tick % PerPoint == 0) { memory.Add(GC.GetTotalMemory(forceFullCollection: true)); }
    }

    private static double Growth(List<long> memory) =>
        memory.Skip(memory.Count / 2).Max() / (double)memory.Skip(memory.Count / 4).Take(memory.Count / 4).Max();

    private void Show(long published, int most, List<long> memory) => output.WriteLine(
        $"{published} messages, at most {most} here, memory {memory[memory.Count / 4] / 1024} KiB, "
            + $"at most {Growth(memory):0.00} times that");

    private sealed class HeldMessages
    {
        private readonly Lock _gate = new();
        private readonly Queue<Message> _messages = [];
        private bool _drains;
        internal List<long> Numbers { get; } = [];

        internal async Task ReadAsync(IAsyncEnumerable<Message> messages)
        {
            await foreach (var message in messages)
            {
                lock (_gate)
                {
                    _messages.Enqueue(message);
                    while (_drains && ReleaseOldest()) { }
                }
            }
        }

        internal void Drain() { lock (_gate) { _drains = true; } }

        internal bool ReleaseOldest()
        {
            lock (_gate)
            {
                if (!_messages.TryDequeue(out var message)) { return false; }
                Numbers.Add(Number(message));
                message.Acknowledge();
                message.Dispose();
                return true;
            }
        }
    }
}
