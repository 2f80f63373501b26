namespace StreamLearn.Tests;

/// <summary>A transport whose publications are done when they are acknowledged, and runs that go on with it after a kill.</summary>
public sealed class InProcessConfirmTests
{
    private const int Messages = 300;

    [Fact]
    public async Task A_message_from_outside_that_is_larger_than_an_edge_is_dropped_and_confirmed_and_the_run_continues()
    {
        await using InProcessTransport transport = new() { ConfirmsWhenAcknowledged = true };
        List<string> came = [];
        await using var run = Pipeline.Define("edge", p =>
            p.Subscribe(transport, "large", new LargeCodec()).Buffer(4, capacityBytes: 100).ForEach("end", l => came.Add(l.Text))).Start();
        foreach (var text in new[] { "small", new string('x', 101), "small too" })
        {
            await transport.PublishAsync("large", new(System.Text.Encoding.UTF8.GetBytes(text)), new(new("test", 0)), Cancellation);
        }
        await run.DrainAsync();
        Assert.Equal(["small", "small too"], came);
        Assert.Equal(1, run.Metrics["end"].Drops["oversized"]);
    }

    private sealed record Large(string Text) : ISized
    {
        public long SizeBytes => Text.Length;
    }

    private sealed class LargeCodec : ICodec<Large>
    {
        public string Name => "large/1";
        public void Encode(Large value, System.Buffers.IBufferWriter<byte> buffer) => throw new NotSupportedException();

        public bool TryDecode(in System.Buffers.ReadOnlySequence<byte> bytes, BatchPool pool, out Large value)
        {
            value = new(System.Text.EncodingExtensions.GetString(System.Text.Encoding.UTF8, bytes));
            return true;
        }
    }

    [Fact]
    public async Task A_publication_is_done_when_all_who_got_it_have_acknowledged_or_refused_it()
    {
        await using var transport = new InProcessTransport { ConfirmsWhenAcknowledged = true };
        await using var first = transport.SubscribeAsync("a/+", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        await using var second = transport.SubscribeAsync("a/b", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        await using var other = transport.SubscribeAsync("c", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        var publication = Publish(transport, "a/b", 0);

        Assert.True(await first.MoveNextAsync());
        first.Current.Acknowledge();
        first.Current.Dispose();
        Assert.False(publication.IsCompleted);
        Assert.True(await second.MoveNextAsync());
        second.Current.Dispose();
        Assert.False(publication.IsCompleted);
        second.Current.Refuse("stopped");

        await publication;
        await Publish(transport, "nobody", 1);
    }

    [Fact]
    public async Task A_subscription_that_is_canceled_beforehand_is_not_waited_for()
    {
        await using var transport = new InProcessTransport { ConfirmsWhenAcknowledged = true };
        _ = transport.SubscribeAsync("a", new(), new CancellationToken(canceled: true));
        await Publish(transport, "a", 0).WaitAsync(Blocks.Patience, Cancellation);
    }

    [Fact]
    public async Task What_a_subscriber_leaves_unread_is_not_waited_for()
    {
        await using var transport = new InProcessTransport { ConfirmsWhenAcknowledged = true };
        var subscriber = transport.SubscribeAsync("a", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        var publications = Enumerable.Range(0, 3).Select(i => Publish(transport, "a", i)).ToList();
        Assert.True(await subscriber.MoveNextAsync());
        subscriber.Current.Acknowledge();
        subscriber.Current.Dispose();
        await subscriber.DisposeAsync();
        await Task.WhenAll(publications);
        Assert.Equal(2, transport.Refused);
    }

    [Fact]
    public async Task Publications_under_way_at_once_keep_their_order()
    {
        await using var transport = new InProcessTransport { ConfirmsWhenAcknowledged = true };
        await using var narrow = transport.SubscribeAsync("narrow", new() { Capacity = 1 }, Cancellation).GetAsyncEnumerator(Cancellation);
        await using var all = transport.SubscribeAsync("#", new() { Capacity = 64 }, Cancellation).GetAsyncEnumerator(Cancellation);
        var publications = Enumerable.Range(0, 20).Select(i => Publish(transport, i % 2 == 0 ? "narrow" : "wide", i)).ToList();
        var reading = ReadAsync(narrow, 10);
        Assert.Equal(Enumerable.Range(0, 20).Select(static i => (long)i), await ReadAsync(all, 20));
        Assert.Equal(10, (await reading).Count);
        await Task.WhenAll(publications);
    }

    [Fact]
    public async Task While_it_is_held_nothing_is_sent_and_nothing_done()
    {
        await using var transport = new InProcessTransport { ConfirmsWhenAcknowledged = true };
        await using var subscriber = transport.SubscribeAsync("a", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        var sent = Publish(transport, "a", 0);
        Assert.True(await subscriber.MoveNextAsync());

        var held = transport.Hold();
        Assert.Throws<InvalidOperationException>(transport.Hold);
        subscriber.Current.Acknowledge();
        subscriber.Current.Dispose();
        var next = subscriber.MoveNextAsync();
        var waiting = Publish(transport, "a", 1);
        Assert.False(sent.IsCompleted || waiting.IsCompleted || next.IsCompleted);

        held.Dispose();
        await sent;
        Assert.True(await next);
        subscriber.Current.Acknowledge();
        subscriber.Current.Dispose();
        await waiting;
    }

    /// <summary>Two runs of one process, which is killed at any time: each message is in the sums once.</summary>
    [Theory]
    [InlineData(1, "between")]
    [InlineData(2, "between")]
    [InlineData(3, "sl/run/between")]        // in envelopes, which alone say who sent them
    [InlineData(4, "sl/run/between")]
    public async Task Runs_that_talk_through_it_and_are_killed_together_take_each_message_once(int seed, string between)
    {
        var (random, sender, receiver) = (new Random(seed), new FaultyStorage(), new FaultyStorage());
        var (plant, server) = (new KeepingServer(Messages), new KeepingServer(0));
        for (var kills = 0; server.Published.Count < Messages / 5; kills++)
        {
            var transport = new InProcessTransport { ConfirmsWhenAcknowledged = true };
            var (from, to) = (new Machine(plant, sender), new Machine(server, receiver));
            var held = transport.Hold();
            ITransport link = between[0] == 's' ? new Nameless(transport) : transport;
            await using (var taking = Blocks.Start(
                p => p.Subscribe(link, between, NumberCodec.Default, new() { Capacity = 16 })
                    .Via("add-up", new AddUpOptions(5))
                    .Publish(to, "sums", NumberCodec.Default, new PublicationOptions { WithCheckpoint = true, InFlight = 8 }),
                Keeping(to, CheckpointFiles.Read(to))))
            {
                await using var giving = Blocks.Start(
                    p => p.Subscribe(from, "in", NumberCodec.Default, new() { Capacity = 16 })
                        .Publish(transport, between, NumberCodec.Default, new PublicationOptions { WithCheckpoint = true }),
                    Keeping(from, CheckpointFiles.Read(from)));
                held.Dispose();
                var until = Math.Min(server.Published.Count + random.Next(1 + (kills / 4)), Messages / 5);
                await Eventually.TrueAsync(() => server.Published.Count >= until);
                for (var turns = random.Next(200); turns > 0; turns--) { await Task.Yield(); }
                if (kills % 3 == 0)
                {
                    transport.Hold();
                    await giving.StopAsync();
                    await taking.StopAsync();
                }
                from.Kill();
                to.Kill();
            }
            await transport.DisposeAsync();
        }
        Assert.False(server.HasContradiction);
        Assert.Equal(Messages * (Messages - 1) / 2, server.Published.Sum(static p => int.Parse(p, CultureInfo.InvariantCulture)));
    }

    private static RunOptions Keeping(Machine machine, Checkpoint? from) =>
        new() { Checkpoints = new("memory") { Storage = machine, HoldAtMost = TimeSpan.FromMilliseconds(1) }, StartFrom = from };

    private static Task Publish(InProcessTransport transport, Topic topic, long sequence) =>
        transport.PublishAsync(topic, new ReadOnlySequence<byte>([1]), new(new("test", sequence)), Cancellation).AsTask();

    private static async Task<List<long>> ReadAsync(IAsyncEnumerator<Message> messages, int count)
    {
        List<long> seen = [];
        while (seen.Count < count && await messages.MoveNextAsync())
        {
            seen.Add(messages.Current.Origin.Sequence);
            messages.Current.Acknowledge();
            messages.Current.Dispose();
        }
        return seen;
    }

    /// <summary>Carries bytes and no identities, as MQTT does.</summary>
    private sealed class Nameless(ITransport inner) : ITransport
    {
        public string Name => inner.Name;

        public ValueTask PublishAsync(
            Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken) =>
            inner.PublishAsync(topic, payload, options, cancellationToken);

        public IAsyncEnumerable<Message> SubscribeAsync(Topic filter, SubscribeOptions options, CancellationToken cancellationToken) =>
            inner.SubscribeAsync(filter, options, cancellationToken).Select(static m => m.Opened(m.Payload, new("", 0)));

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
