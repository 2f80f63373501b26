using StreamLearn.Testing;

namespace StreamLearn.Nats.Tests;

/// <summary>Streams and consumers of the real nats-server.</summary>
public sealed class JetStreamApiTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Streams_are_created_changed_listed_purged_and_deleted()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = new NatsTransport(new() { Servers = [server.Uri] });
        var jetStream = transport.JetStream;
        var settings = new NatsStream
        {
            Name = "ROWS",
            Subjects = ["rows.>", "other"],
            Retention = NatsRetention.Limits,
            Discard = NatsDiscard.New,
            MaxBytes = 1 << 20,
            MaxMessages = 1000,
            MaxMessagesPerSubject = 10,
            MaxMessageBytes = 1000,
            MaxAge = TimeSpan.FromHours(1),
            DuplicateWindow = TimeSpan.FromSeconds(30),
            AllowRollup = true,
            AllowDirect = true,
            Description = "rows of pumps",
        };
        Assert.Null(await jetStream.StreamAsync("ROWS", Cancellation));

        var made = await jetStream.CreateStreamAsync(settings, Cancellation);
        Assert.Equal(settings with { Subjects = [] }, made.Config with { Subjects = [] });
        Assert.Equal(settings.Subjects, made.Config.Subjects);
        Assert.InRange(made.Created, DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.MaxValue);
        var again = await jetStream.CreateStreamAsync(settings, Cancellation);
        Assert.Equal(made.Created, again.Created);

        var changed = await jetStream.UpdateStreamAsync(settings with { MaxBytes = 2 << 20 }, Cancellation);
        Assert.Equal(2 << 20, changed.Config.MaxBytes);
        var refused = await Assert.ThrowsAsync<JetStreamException>(
            () => jetStream.UpdateStreamAsync(settings with { Storage = NatsStorage.Memory }, Cancellation));
        Assert.Equal((500, false), (refused.Status, refused.IsTransient));
        Assert.Contains("storage", refused.Message, StringComparison.Ordinal);

        for (var i = 0; i < 3; i++) { await jetStream.PublishAsync("rows.a", new byte[] { 1 }, default, Cancellation); }
        var last = await jetStream.PublishAsync("other", new byte[] { 1 }, default, Cancellation);
        Assert.Equal(new("ROWS", 4, false), last);
        var state = (await jetStream.StreamAsync("ROWS", Cancellation))!.State;
        Assert.Equal((4, 1, 4), (state.Messages, state.FirstSequence, state.LastSequence));
        Assert.Equal(3, await jetStream.PurgeStreamAsync("ROWS", "rows.>", Cancellation));
        Assert.Equal(1, await jetStream.PurgeStreamAsync("ROWS", null, Cancellation));

        Assert.True(await jetStream.DeleteStreamAsync("ROWS", Cancellation));
        Assert.False(await jetStream.DeleteStreamAsync("ROWS", Cancellation));
    }

    [Fact]
    public async Task Long_lists_come_in_parts()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = new NatsTransport(new() { Servers = [server.Uri] });
        var jetStream = transport.JetStream;
        const int Count = 300;         // the server gives 256 at once
        for (var i = 0; i < Count; i++)
        {
            await jetStream.CreateStreamAsync(new() { Name = $"S{i:000}", Storage = NatsStorage.Memory }, Cancellation);
            await jetStream.CreateConsumerAsync("S000", new() { DurableName = $"c{i:000}" }, Cancellation);
        }

        Assert.Equal(Enumerable.Range(0, Count).Select(static i => $"S{i:000}"),
            await NamesAsync(jetStream.StreamsAsync(Cancellation), static s => s.Config.Name));
        Assert.Equal(Enumerable.Range(0, Count).Select(static i => $"c{i:000}"),
            await NamesAsync(jetStream.ConsumersAsync("S000", Cancellation), static c => c.Name));
    }

    [Fact]
    public async Task Consumers_are_created_changed_and_deleted()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = new NatsTransport(new() { Servers = [server.Uri] });
        var jetStream = transport.JetStream;
        await jetStream.CreateStreamAsync(new() { Name = "ROWS", Subjects = ["rows.>"], Storage = NatsStorage.Memory }, Cancellation);
        for (var i = 0; i < 5; i++) { await jetStream.PublishAsync($"rows.{i % 2}", default, default, Cancellation); }
        var settings = new NatsConsumer
        {
            DurableName = "reader",
            FilterSubject = "rows.0",
            AckWait = TimeSpan.FromSeconds(3),
            MaxDeliveries = 7,
            MaxUnacknowledged = 11,
            DeliverPolicy = NatsDeliverPolicy.BySequence,
            StartSequence = 2,
            Description = "of pumps",
        };

        var made = await jetStream.CreateConsumerAsync("ROWS", settings, Cancellation);
        Assert.Equal(settings with { Name = "reader" }, made.Config);
        Assert.Equal(("ROWS", "reader", 2L), (made.Stream, made.Name, made.Pending));
        var changed = await jetStream.CreateConsumerAsync("ROWS", settings with { AckWait = TimeSpan.FromSeconds(4) }, Cancellation);
        Assert.Equal(TimeSpan.FromSeconds(4), changed.Config.AckWait);
        var unnamed = await jetStream.CreateConsumerAsync(
            "ROWS",
            new() { InactiveThreshold = TimeSpan.FromSeconds(60), StartTime = made.Created, DeliverPolicy = NatsDeliverPolicy.ByTime },
            Cancellation);
        Assert.NotEmpty(unnamed.Name);
        Assert.Equal(made.Created, unnamed.Config.StartTime);

        Assert.Equal("reader", (await jetStream.ConsumerAsync("ROWS", "reader", Cancellation))!.Name);
        Assert.Null(await jetStream.ConsumerAsync("ROWS", "nobody", Cancellation));
        Assert.Null(await jetStream.ConsumerAsync("NONE", "reader", Cancellation));
        Assert.True(await jetStream.DeleteConsumerAsync("ROWS", "reader", Cancellation));
        Assert.False(await jetStream.DeleteConsumerAsync("ROWS", "reader", Cancellation));
    }

    [Theory]
    [InlineData("a.b")]
    [InlineData("a b")]
    [InlineData("*")]
    [InlineData(">")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("ä")]
    [InlineData("a\r\nPUB x 0")]
    public async Task A_name_that_would_be_another_subject_is_refused(string name)
    {
        await using var transport = new NatsTransport(new());

        await Assert.ThrowsAsync<ArgumentException>(() => transport.JetStream.StreamAsync(name, Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() => transport.JetStream.ConsumerAsync("A", name, Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() => transport.JetStream.CreateStreamAsync(new() { Name = name }, Cancellation));
    }

    [Fact]
    public async Task A_server_without_JetStream_is_named_as_the_cause()
    {
        await using var server = await RealNats.StartAsync();
        await using var transport = new NatsTransport(new() { Servers = [server.Uri], ReplyDeadline = TimeSpan.FromMilliseconds(300) });

        var failure = await Assert.ThrowsAsync<TransportException>(() => transport.JetStream.StreamAsync("A", Cancellation));
        Assert.Contains("no JetStream", failure.Message, StringComparison.Ordinal);
        Assert.False(failure.IsTransient);
        failure = await Assert.ThrowsAsync<TransportException>(
            () => transport.JetStream.PublishAsync("a", default, default, Cancellation).AsTask());
        Assert.Contains("no JetStream", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<List<string>> NamesAsync<T>(IAsyncEnumerable<T> all, Func<T, string> name)
    {
        List<string> names = [];
        await foreach (var one in all) { names.Add(name(one)); }
        return names;
    }
}
