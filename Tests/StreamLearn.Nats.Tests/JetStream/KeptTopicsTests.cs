using System.Globalization;

namespace StreamLearn.Nats.Tests;

/// <summary>Topics that a stream keeps, and retained messages, over the real nats-server.</summary>
public sealed class KeptTopicsTests
{
    [Fact]
    public async Task A_message_is_gone_from_the_stream_when_it_was_acknowledged()
    {
        await using var server = await StartAsync();
        await using var transport = Open(server);
        await using var messages = transport.Read("rows/#");
        await PublishAsync(transport, "rows/a", 3);
        var last = 0L;
        for (var i = 0; i < 3; i++)
        {
            using var message = await messages.NextAsync();
            Assert.Equal(i, Number(message));
            Assert.Equal("rows/a", message.Topic.Value);
            Assert.Equal("stream/kept", message.Origin.Source);
            Assert.True(message.Origin.Sequence > last);
            last = message.Origin.Sequence;
            message.Acknowledge();
        }
        await transport.UntilEmptyAsync("kept");
        Assert.Equal(0, transport.Status.Subscriptions[0].Held);
    }

    [Fact]
    public async Task Nothing_is_kept_for_a_subscription_that_is_canceled_beforehand()
    {
        await using var server = await StartAsync();
        await using var transport = Open(server, new() { Reader = "pump" });
        _ = transport.SubscribeAsync("rows/a", new(), new CancellationToken(canceled: true));
        await PublishAsync(transport, "rows/a", 1);
        Assert.Empty(await transport.ConsumersAsync("kept"));
        Assert.Equal(0, (await transport.StreamAsync("kept"))!.State.Messages);
        Assert.Empty(transport.Status.Subscriptions);
    }

    [Fact]
    public async Task A_copy_of_what_nobody_reads_is_taken_as_the_stream_takes_it()
    {
        await using var server = await StartAsync();
        await using var transport = Open(server);
        var options = new PublishOptions(new MessageOrigin("pump", 1));
        for (var time = 0; time < 3; time++)
        {
            await transport.PublishAsync("rows/a", new("x"u8.ToArray()), options, Cancellation).AsTask()
                .WaitAsync(ServerProcess.Patience, TimeProvider.System, Cancellation);
        }
        Assert.Equal(0, transport.Status.Unconfirmed);
    }

    [Fact]
    public async Task A_refused_message_comes_again_and_says_so()
    {
        await using var server = await StartAsync();
        await using var transport = Open(server);
        await using var messages = transport.Read("rows/a");
        await PublishAsync(transport, "rows/a", 1);
        for (var i = 0; i < 4; i++)
        {
            using var message = await messages.NextAsync();
            Assert.Equal(i > 0, message.IsRedelivered);
            if (i == 3) { message.Acknowledge(); }
            else { message.Refuse("not now"); }
        }
        await transport.UntilEmptyAsync("kept");
    }

    [Fact]
    public async Task What_is_worked_on_for_longer_than_the_wait_does_not_go_to_another()
    {
        await using var server = await StartAsync();
        await using var transport = Open(server, keep: new() { AckWait = TimeSpan.FromSeconds(1) });
        var options = new SubscribeOptions { Group = "workers" };
        await using var one = transport.Read("rows/a", options);
        await using var two = transport.Read("rows/a", options);
        await PublishAsync(transport, "rows/a", 1);
        var (first, second) = (one.MoveNextAsync().AsTask(), two.MoveNextAsync().AsTask());
        var (other, message) = await Task.WhenAny(first, second) == first ? (second, one.Current) : (first, two.Current);

        // three seconds by the server's clock: messages that it takes say when
        var since = await NowAsync(transport);
        while (await NowAsync(transport) < since + TimeSpan.FromSeconds(3)) { }
        Assert.False(other.IsCompleted);
        message.Acknowledge();
        message.Dispose();
        await transport.UntilEmptyAsync("kept");
        await PublishAsync(transport, "rows/a", 2, first: 7);
        Assert.True(await other);
    }

    [Fact]
    public async Task A_reader_with_a_name_finds_what_came_while_it_was_away()
    {
        await using var server = await StartAsync();
        await using var publisher = Open(server);
        await using (var before = Open(server, new() { Reader = "edge" }))
        {
            await using var messages = before.Read("rows/#");
            await PublishAsync(before, "rows/a", 4);
            using var message = await messages.NextAsync();
            message.Acknowledge();
        }
        await PublishAsync(publisher, "rows/b", 3, first: 4);
        await using var after = Open(server, new() { Reader = "edge" });
        await using var again = after.Read("rows/#");
        List<int> read = [];
        while (read.Count < 6)
        {
            using var message = await again.NextAsync();
            read.Add(Number(message));
            message.Acknowledge();
        }
        Assert.Equal([1, 2, 3, 4, 5, 6], read.Order());
        await after.UntilEmptyAsync("kept");
    }

    [Fact]
    public async Task Over_a_kill_of_the_server_nothing_is_lost_and_nothing_is_delivered_twice()
    {
        await using var server = await StartAsync();
        await using var transport = Open(server);
        await using var messages = transport.Read("rows/a", new() { Capacity = 16 });
        var publishing = Task.Run(() => PublishAsync(transport, "rows/a", 500), Cancellation);
        List<int> read = [];
        while (read.Count < 500)
        {
            using var message = await messages.NextAsync();
            read.Add(Number(message));
            if (read.Count == 100)
            {
                await server.KillAsync();
                message.Acknowledge();      // there is no connection
                await server.StartAgainAsync();
                continue;
            }
            message.Acknowledge();
        }
        await publishing;
        Assert.Equal(Enumerable.Range(0, 500), read.Order());
        await transport.UntilEmptyAsync("kept");
    }

    [Fact]
    public async Task A_retained_message_comes_to_who_subscribes_later_until_it_is_taken_away()
    {
        await using var server = await StartAsync();
        await using var transport = Open(server);
        await using var early = transport.Read("names/+");
        await transport.UntilReadAsync("KV_kept", 1);
        await RetainAsync(transport, "names/p7", "old");
        await RetainAsync(transport, "names/p7", "feed pump");
        await RetainAsync(transport, "names/p 8.", "drain");
        Assert.Equal(("names/p7", "old", false), await SaidAsync(early));

        await using var late = transport.Read("names/+");
        await using var skipping = transport.Read("names/+", new() { SkipRetained = true });
        Assert.Equal(("names/p7", "feed pump", true), await SaidAsync(late));
        Assert.Equal(("names/p 8.", "drain", true), await SaidAsync(late));
        await transport.UntilReadAsync("KV_kept", 3);
        await RetainAsync(transport, "names/p7", "");
        Assert.Equal(("names/p7", "", false), await SaidAsync(late));
        Assert.Equal(("names/p7", "", false), await SaidAsync(skipping));

        await using var later = transport.Read("names/+");
        Assert.Equal(("names/p 8.", "drain", true), await SaidAsync(later));
    }

    [Fact]
    public async Task Where_to_begin_is_chosen()
    {
        await using var server = await StartAsync();
        await using var transport = Open(server);
        await transport.CreateStreamAsync(new("history", ["h.>"]));
        await using var reading = new NatsTransport(new()
        {
            Servers = [server.Uri],
            Keep = new() { Stream = "history", Topics = ["h/#"], Bucket = "kept" },
        });
        for (var i = 0; i < 6; i++)
        {
            await reading.PublishAsync($"h/{i % 2}", new(Encoding.ASCII.GetBytes($"{i}")), new(new("test", i)), Cancellation);
        }
        var history = await transport.Streams().GetStreamAsync("history", cancellationToken: Cancellation);
        var third = (await history.GetAsync(new() { Seq = 3 }, Cancellation)).Message.Time;
        foreach (var (from, expected) in new[]
        {
            (StartPosition.All, "0 1 2 3 4 5"), (StartPosition.At(5), "4 5"), (StartPosition.At(third), "2 3 4 5"),
            (StartPosition.LastPerTopic, "4 5"),
        })
        {
            await using var messages = reading.Read("h/#", new() { From = from });
            var text = "";
            while (text.Length < expected.Length)
            {
                using var message = await messages.NextAsync();
                text += (text.Length == 0 ? "" : " ") + Encoding.ASCII.GetString(message.Payload.ToArray());
                message.Acknowledge();
            }
            Assert.Equal(expected, text);
        }
        Assert.Throws<ArgumentException>(() => reading.SubscribeAsync("other", new() { From = StartPosition.All }, Cancellation));
    }

    [Fact]
    public async Task The_same_message_published_twice_is_there_once()
    {
        await using var server = await StartAsync();
        await using var transport = Open(server);
        await using var messages = transport.Read("rows/a");
        foreach (var sequence in new[] { 5, 5, 6 })
        {
            await transport.PublishAsync(
                "rows/a", new(Encoding.ASCII.GetBytes($"{sequence}")), new(new("pump/publish", sequence, 3)), Cancellation);
        }
        foreach (var expected in new[] { 5, 6 })
        {
            using var message = await messages.NextAsync();
            Assert.Equal(expected, Number(message));
        }
    }

    [Fact]
    public async Task What_is_published_at_once_at_the_start_keeps_its_order()
    {
        await using var server = await StartAsync();
        await using var reader = Open(server);
        await using var messages = reader.Read("rows/a", new() { Capacity = 300 });
        await PublishAsync(reader, "rows/a", 1);        // there is a subscription
        await using var transport = Open(server);
        var published = Enumerable.Range(1, 200).Select(i => PublishAsync(transport, "rows/a", 1, first: i)).ToList();
        for (var i = 0; i <= 200; i++)
        {
            using var message = await messages.NextAsync();
            Assert.Equal(i, Number(message));
            message.Acknowledge();
        }
        await Task.WhenAll(published);
    }

    [Fact]
    public async Task A_user_property_cannot_speak_to_the_stream()
    {
        await using var server = await StartAsync();
        await using var transport = Open(server);
        await using var messages = transport.Read("rows/a");
        var properties = new MessageProperties
        {
            User = [new("Nats-Rollup", "all"), new("Nats-Expected-Last-Sequence", "77"), new("KV-Operation", "PURGE"), new("Nats-", "x")],
            ContentType = "text/plain",
        };
        await transport.PublishAsync("rows/a", new([1]), new(new("a", 1)) { Properties = properties }, Cancellation);

        using var message = await messages.NextAsync();
        Assert.Equal(properties.User, message.Properties!.User);
        Assert.Equal("text/plain", message.Properties.ContentType);
    }

    [Fact]
    public async Task A_stream_of_that_name_for_other_topics_is_refused_by_name()
    {
        await using var server = await StartAsync();
        await using var transport = Open(server);
        await transport.CreateStreamAsync(new("kept", ["others.>"]));
        var published = await Assert.ThrowsAsync<TransportException>(() => PublishAsync(transport, "rows/a", 1));
        Assert.Contains("keeps", published.Message, StringComparison.Ordinal);
        await using var messages = transport.Read("rows/a");
        var read = await Assert.ThrowsAsync<TransportException>(() => messages.MoveNextAsync().AsTask());
        Assert.Contains("others.>", read.Message, StringComparison.Ordinal);
        Assert.False(read.IsTransient);
    }

    private static NatsTransport Open(RealNats server, NatsKeep? keep = null) => new(new()
    {
        Servers = [server.Uri],
        InitialReconnectDelay = TimeSpan.FromMilliseconds(20),
        Keep = (keep ?? new()) with { Stream = "kept", Topics = ["rows/#", "sl/#"], Bucket = "kept" },
    });

    private static async Task PublishAsync(NatsTransport transport, string topic, int count, int first = 0)
    {
        for (var i = first; i < first + count; i++)
        {
            await transport.PublishAsync(topic, new(Encoding.ASCII.GetBytes($"{i}")), new(new("test", i)), Cancellation);
        }
    }

    private static Task RetainAsync(NatsTransport transport, string topic, string text) => transport.PublishAsync(
        topic, new(Encoding.UTF8.GetBytes(text)), new(default, Retain: true), Cancellation).AsTask();

    private static async Task<(string, string, bool)> SaidAsync(IAsyncEnumerator<Message> messages)
    {
        using var message = await messages.NextAsync();
        message.Acknowledge();
        return (message.Topic.Value, Encoding.UTF8.GetString(message.Payload.ToArray()), message.IsRetained);
    }

    private static int Number(in Message message) =>
        int.Parse(Encoding.ASCII.GetString(message.Payload.ToArray()), CultureInfo.InvariantCulture);

    private static async Task<DateTimeOffset> NowAsync(NatsTransport transport)
    {
        var clock = await transport.Streams().CreateOrUpdateStreamAsync(new("clock", ["clock"]), Cancellation);
        await transport.Streams().PublishAsync<byte[]>("clock", [], cancellationToken: Cancellation);
        return (await clock.GetAsync(new() { LastBySubj = "clock" }, Cancellation)).Message.Time;
    }
}
