namespace StreamLearn.Nats.Tests;

/// <summary>What a reader has not acknowledged stays in the stream of a killed server, whatever other readers have done.</summary>
public sealed class JetFloorTests
{
    private const int Messages = 300;
    private const int Few = 20;
    private const int Starts = 30;

    [Fact]
    public async Task A_killed_server_keeps_what_a_slower_reader_needs_when_others_have_acknowledged_nothing_or_all()
    {
        await using var server = await StartAsync();
        await using var writer = Open(server, "");
        await using (var fast = Open(server, "fast"))
        {
            await using var slow = Open(server, "slow");
            await using var idle = Open(server, "idle");
            using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            await using var all = Read(fast, "rows/#", end.Token);
            await using var few = Read(slow, "rows/+", end.Token);
            await using var none = Read(idle, "rows/none", end.Token);
            Task<bool> waiting = none.MoveNextAsync().AsTask(), held = few.MoveNextAsync().AsTask(), first = all.MoveNextAsync().AsTask();
            await HoldAsync(writer, static consumers => consumers.Count == 4
                && consumers.TrueForAll(static c => c is { NumAckPending: 0, NumPending: 0 }));
            for (var i = 0; i < Messages; i++) { await writer.PublishAsync(new("rows/a"), new("x"u8.ToArray()), new(), Cancellation); }

            for (var i = 0; i < Messages; i++) { first = await AcknowledgeAsync(all, first); }
            for (var i = 0; i < Few; i++) { held = await AcknowledgeAsync(few, held); }
            Assert.True(await held);        // and never acknowledged
            await HoldAsync(writer, static consumers => consumers.Exists(static c =>
                    Is(c, "fast") && c is { NumAckPending: 0, NumPending: 0, Delivered.ConsumerSeq: >= Messages })
                && consumers.Exists(static c => Is(c, "slow") && (int)c.NumPending + c.NumAckPending == Messages - Few));
            await server.KillAsync();
            await end.CancelAsync();
            foreach (var reading in (Task<bool>[])[waiting, first]) { Assert.False(await reading); }
        }
        for (var start = 0; start < Starts; start++)
        {
            await server.StartAgainAsync();
            await using var look = Open(server, "");        // one that has been waiting for the server waits for longer each time
            var slow = (await look.ConsumersAsync("kept")).Single(static c => Is(c, "slow"));
            Assert.InRange((int)slow.NumPending + slow.NumAckPending, Messages - Few, Messages);    // what it acknowledged may come again
            await server.KillAsync();
        }
        await server.StartAgainAsync();
    }

    [Theory, InlineData("rows.a", "rows.a"), InlineData("rows.*.x", "rows.%!.x"), InlineData("rows.>", "rows.%!"), InlineData(">", "%!")]
    public void The_message_that_is_to_be_acknowledged_goes_where_its_consumer_reads_and_is_no_topic_where_that_can_be(
        string filter, string subject)
    {
        Assert.Equal(subject, JetAckMark.SubjectOf(filter));
        Assert.Equal(!subject.Contains('%'), NatsTopic.TryToTopic(subject, out _));
    }

    [Fact]
    public async Task The_message_that_is_to_be_acknowledged_is_delivered_to_nobody()
    {
        await using var server = await StartAsync();
        await using var passing = new NatsTransport(new() { Servers = [server.Uri] });
        await using var first = Open(server, "first");
        await using var second = Open(server, "second");
        await using var core = Read(passing, "rows/a", Cancellation);
        await using var one = Read(first, "rows/a", Cancellation);
        Task<bool> ofCore = core.MoveNextAsync().AsTask(), ofOne = one.MoveNextAsync().AsTask();
        await UntilAsync(() => passing.Status.IsConnected && passing.Status.Subscriptions.Length == 1);
        await HoldAsync(first, static consumers => consumers is [{ NumAckPending: 0, AckFloor.StreamSeq: > 0 }]);
        await using var two = Read(second, "rows/a", Cancellation);
        var ofTwo = two.MoveNextAsync().AsTask();
        await HoldAsync(first, static consumers => consumers is [{ AckFloor.StreamSeq: > 0 }, { AckFloor.StreamSeq: > 0 }]);

        await first.PublishAsync(new("rows/a"), new("x"u8.ToArray()), new(), Cancellation);

        foreach (var (reading, messages) in new[] { (ofCore, core), (ofOne, one), (ofTwo, two) })
        {
            Assert.True(await reading);
            using var message = messages.Current;
            Assert.Equal((byte)'x', message.Payload.FirstSpan[0]);
            message.Acknowledge();
        }
    }

    private static bool Is(ConsumerInfo consumer, string reader) => consumer.Name.StartsWith(reader, StringComparison.Ordinal);

    private static async Task<Task<bool>> AcknowledgeAsync(IAsyncEnumerator<Message> messages, Task<bool> next)
    {
        Assert.True(await next);
        using var message = messages.Current;
        message.Acknowledge();
        return messages.MoveNextAsync().AsTask();
    }

    private static IAsyncEnumerator<Message> Read(NatsTransport transport, string filter, CancellationToken end) =>
        transport.SubscribeAsync(new(filter), new() { Capacity = 8 }, end).GetAsyncEnumerator(CancellationToken.None);

    private static NatsTransport Open(RealNats server, string reader) => new(new()
    {
        Servers = [server.Uri],
        Keep = new() { Topics = ["rows/#"], Stream = "kept", Reader = reader },
    });

    private static async Task HoldAsync(NatsTransport transport, Func<List<ConsumerInfo>, bool> hold)
    {
        while (!hold(await transport.ConsumersAsync("kept"))) { Assert.False(Cancellation.IsCancellationRequested); }
    }
}
