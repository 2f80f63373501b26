using System.Text;
using StreamLearn.Testing;

namespace StreamLearn.Nats.Tests;

/// <summary>Reading a consumer that an application has made, over the real nats-server.</summary>
public sealed class ConsumerReadingTests : IAsyncDisposable
{
    private const string Stream = "ORDERS", Consumer = "billing";
    private static readonly NatsConsumer Durable = new() { DurableName = Consumer };
    private RealNats? _server;
    private NatsTransport? _transport;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private NatsJetStream Jet => _transport!.JetStream;

    public async ValueTask DisposeAsync()
    {
        if (_transport is not null) { await _transport.DisposeAsync(); }
        if (_server is not null) { await _server.DisposeAsync(); }
    }

    [Fact]
    public async Task Messages_come_in_order_with_all_that_is_known_of_them_and_those_acknowledged_do_not_come_again()
    {
        await BeginAsync(Durable);
        var made = (await Jet.StreamAsync(Stream, Cancellation))!.Created;
        for (var i = 0; i < 300; i++) { await PublishAsync($"orders.p{i % 3}", $"{i}"); }

        var count = 0;
        await foreach (var message in Jet.ReadAsync(Stream, Consumer, new() { Capacity = 50 }, Cancellation))
        {
            Assert.Equal(($"orders.p{count % 3}", $"{count}", count + 1L), (message.Subject, Text(message), message.Sequence));
            Assert.Equal((1, 299 - count), (message.Deliveries, message.Pending));
            Assert.InRange(message.Time, made, DateTimeOffset.MaxValue);
            Assert.Equal($"orders.p{count % 3}: message {count + 1}, {message.Payload.Length} bytes, delivery 1", message.ToString());
            message.Acknowledge();
            if (++count == 300) { break; }
        }

        await UntilAsync(static there => there is { Unacknowledged: 0, Pending: 0 });
    }

    [Fact]
    public async Task No_more_come_than_there_is_space_for_until_one_is_answered()
    {
        await BeginAsync(Durable);
        for (var i = 0; i < 20; i++) { await PublishAsync("orders.p", $"{i}"); }
        await using var messages = Read(new() { Capacity = 4 });
        var open = new List<NatsStreamMessage>();
        for (var i = 0; i < 4; i++) { open.Add(await NextAsync(messages)); }

        var fifth = messages.MoveNextAsync().AsTask();
        await UntilAsync(static there => there is { Unacknowledged: 4, Waiting: 0 });
        Assert.False(fifth.IsCompleted);
        open[2].Acknowledge();

        Assert.True(await ScriptedNats.Patiently(fifth));
        Assert.Equal("4", Text(messages.Current));
        Assert.Equal(["0", "1", "2", "3"], open.Select(Text));       // the bytes of each are its own
    }

    [Fact]
    public async Task One_that_is_refused_comes_again_at_once_or_after_the_wait_that_was_asked_for()
    {
        await BeginAsync(Durable);
        await PublishAsync("orders.p", "a");
        await using var messages = Read(new());

        (await NextAsync(messages)).Refuse();
        var again = await NextAsync(messages);
        Assert.Equal(("a", 2), (Text(again), again.Deliveries));
        again.Refuse(TimeSpan.FromDays(1));
        again.Acknowledge();        // the first answer counts
        await PublishAsync("orders.p", "b");
        var next = await NextAsync(messages);
        Assert.Equal(("b", 1), (Text(next), next.Deliveries));
        next.Refuse(TimeSpan.Zero);
        Assert.Equal(("b", 2), (Text(await NextAsync(messages)), messages.Current.Deliveries));
        messages.Current.Acknowledge();

        await UntilAsync(static there => there is { Unacknowledged: 1, Pending: 0 });      // until the wait is over
        Assert.Throws<ArgumentOutOfRangeException>(() => again.Refuse(TimeSpan.FromTicks(-1)));
    }

    [Fact]
    public async Task One_that_is_terminated_never_comes_again()
    {
        await BeginAsync(Durable);
        await PublishAsync("orders.p", "a");
        await using var messages = Read(new());

        (await NextAsync(messages)).Terminate();
        await UntilAsync(static there => there is { Unacknowledged: 0, Pending: 0 });
        await PublishAsync("orders.p", "b");

        Assert.Equal("b", Text(await NextAsync(messages)));
    }

    [Fact]
    public async Task One_that_is_worked_on_for_longer_than_the_wait_for_its_answer_goes_to_nobody_else()
    {
        await BeginAsync(Durable with { AckWait = TimeSpan.FromSeconds(1) });
        await PublishAsync("orders.slow", "a");
        var answers = await AnswersAsync();
        await using var slow = Read(new() { Capacity = 1 });
        var first = await NextAsync(slow);
        await using var other = Read(new() { Capacity = 1 });
        var second = other.MoveNextAsync().AsTask();

        await ScriptedNats.UntilAsync(() => answers.Inbox.Received >= 6);        // of which each second has at least two
        first.Acknowledge();
        await UntilAsync(static there => there.Unacknowledged == 0);
        await PublishAsync("orders.slow", "b");

        Assert.True(await ScriptedNats.Patiently(second));
        Assert.Equal(("b", 1), (Text(other.Current), other.Current.Deliveries));
    }

    [Fact]
    public async Task After_the_reading_progress_can_still_be_reported_and_what_is_not_answered_comes_again()
    {
        await BeginAsync(Durable with { AckWait = TimeSpan.FromSeconds(1) });
        await PublishAsync("orders.p", "a");
        await PublishAsync("orders.p", "b");
        var ended = Read(new() { Capacity = 1 });
        var held = await NextAsync(ended);
        await ended.DisposeAsync();
        await using var messages = Read(new() { Capacity = 1 });
        Assert.Equal("b", Text(await NextAsync(messages)));
        messages.Current.Acknowledge();

        var answers = await AnswersAsync();
        held.ReportProgress();
        await ScriptedNats.UntilAsync(() => answers.Inbox.Received == 1);
        var taken = new NatsMessage[1];
        Assert.Equal(1, answers.Take(taken));
        Assert.Equal("+WPI", Encoding.ASCII.GetString(taken[0].Payload));
        var again = await NextAsync(messages);

        Assert.Equal(("a", 2), (Text(again), again.Deliveries));
    }

    [Fact]
    public async Task What_was_pulled_and_not_given_when_the_reading_ends_goes_to_the_next_reader_at_once()
    {
        await BeginAsync(Durable with { AckWait = TimeSpan.FromMinutes(10) });
        for (var i = 0; i < 60; i++) { await PublishAsync("orders.p", $"{i}"); }
        await foreach (var message in Jet.ReadAsync(Stream, Consumer, new() { Capacity = 60 }, Cancellation))
        {
            message.Acknowledge();
            break;
        }

        var came = new SortedSet<int>();
        await using var messages = Read(new() { Capacity = 60 });
        while (came.Count < 59)
        {
            var message = await NextAsync(messages);
            came.Add(int.Parse(Text(message), System.Globalization.CultureInfo.InvariantCulture));
            message.Acknowledge();
        }

        Assert.Equal(Enumerable.Range(1, 59), came);
    }

    [Fact]
    public async Task Who_reads_on_at_once_gets_what_was_left_at_once_and_with_no_delivery_in_between()
    {
        await BeginAsync(Durable with { AckWait = TimeSpan.FromMinutes(10) });
        for (var round = 0; round < 20; round++)
        {
            for (var i = 0; i < 8; i++) { await PublishAsync("orders.p", $"{i}"); }
            Assert.Equal(["0", "1", "2"], await TakeAsync(3, mostDeliveries: 1));
            Assert.Equal(["3", "4", "5", "6", "7"], (await TakeAsync(5, mostDeliveries: 2)).Order());
        }
    }

    [Fact]
    public async Task A_token_ends_the_sequence_without_an_exception()
    {
        await BeginAsync(Durable);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await using var messages = Jet.ReadAsync(Stream, Consumer, new(), stop.Token).GetAsyncEnumerator(Cancellation);
        var next = messages.MoveNextAsync().AsTask();
        await UntilAsync(static there => there.Waiting == 1);

        await stop.CancelAsync();

        Assert.False(await ScriptedNats.Patiently(next));
        await foreach (var message in Jet.ReadAsync(Stream, Consumer, new(), stop.Token)) { Assert.Fail(message.Subject); }
    }

    [Fact]
    public async Task After_a_kill_of_the_server_it_goes_on_and_gives_nothing_twice()
    {
        await BeginAsync(Durable);
        for (var i = 0; i < 200; i++) { await PublishAsync("orders.p", $"{i}"); }

        var came = new List<string>();
        await foreach (var message in Jet.ReadAsync(Stream, Consumer, new() { Capacity = 16 }, Cancellation))
        {
            came.Add(Text(message));
            if (came.Count == 100)
            {
                await _server!.KillAsync();
                await _server.StartAgainAsync();
            }

            message.Acknowledge();
            if (came.Count == 200) { break; }
        }

        Assert.Equal(Enumerable.Range(0, 200).Select(static i => $"{i}"), came);
        Assert.Equal(1, _transport!.Status.Losses);
    }

    [Fact]
    public async Task Properties_come_along_and_so_does_a_subject_that_belongs_to_no_topic()
    {
        await BeginAsync(Durable);
        await Jet.PublishAsync("orders.a/b%zz", "x"u8.ToArray(), new() { MessageId = "m" }, Cancellation);
        var properties = new MessageProperties { ContentType = "text/plain", User = [new("line", "2")] };
        await _transport!.PublishAsync("orders/p", new("y"u8.ToArray()), new() { Properties = properties }, Cancellation);
        await using var messages = Read(new());

        var first = await NextAsync(messages);
        var second = await NextAsync(messages);

        Assert.Equal(("orders.a/b%zz", null), (first.Subject, first.Properties));
        Assert.Equal(("orders.p", properties), (second.Subject, second.Properties));
    }

    [Fact]
    public async Task A_consumer_that_is_not_there_is_named_and_not_made()
    {
        await BeginAsync(Durable);
        foreach (var (stream, consumer) in new[] { (Stream, "nobody"), ("NONE", Consumer) })
        {
            await using var messages = Jet.ReadAsync(stream, consumer, new(), Cancellation).GetAsyncEnumerator(Cancellation);
            var failure = await Assert.ThrowsAsync<TransportException>(() => ScriptedNats.Patiently(messages.MoveNextAsync().AsTask()));
            Assert.Contains($"a consumer '{consumer}' of a stream '{stream}', there is none", failure.Message, StringComparison.Ordinal);
        }

        Assert.Null(await Jet.ConsumerAsync(Stream, "nobody", Cancellation));
    }

    [Fact]
    public async Task A_consumer_that_is_deleted_ends_the_reading_and_is_not_made_again()
    {
        await BeginAsync(Durable, TimeSpan.FromSeconds(1));
        await using var messages = Read(new());
        var next = messages.MoveNextAsync().AsTask();
        await UntilAsync(static there => there.Waiting == 1);

        await Jet.DeleteConsumerAsync(Stream, Consumer, Cancellation);

        var failure = await Assert.ThrowsAsync<TransportException>(() => ScriptedNats.Patiently(next));
        Assert.Contains("there is none", failure.Message, StringComparison.Ordinal);
        Assert.Null(await Jet.ConsumerAsync(Stream, Consumer, Cancellation));
    }

    [Fact]
    public async Task A_consumer_that_is_deleted_ends_the_reading_also_while_all_that_it_has_space_for_is_unanswered()
    {
        await BeginAsync(Durable, TimeSpan.FromSeconds(1));
        for (var i = 0; i < 8; i++) { await PublishAsync("orders.p", $"{i}"); }
        await using var messages = Read(new() { Capacity = 4, Heartbeat = TimeSpan.FromSeconds(0.5) });
        for (var i = 0; i < 4; i++) { Assert.Equal($"{i}", Text(await NextAsync(messages))); }
        var next = messages.MoveNextAsync().AsTask();
        await UntilAsync(static there => there is { Unacknowledged: 4, Waiting: 0 });

        await Jet.DeleteConsumerAsync(Stream, Consumer, Cancellation);

        var failure = await Assert.ThrowsAsync<TransportException>(() => ScriptedNats.Patiently(next));
        Assert.Contains("there is none", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"ack_policy":"none"}""", "one with NatsAckPolicy.Explicit, it has NatsAckPolicy.None")]
    [InlineData("""{"ack_policy":"all"}""", "one with NatsAckPolicy.Explicit, it has NatsAckPolicy.All")]
    [InlineData("""{"ack_policy":"explicit","deliver_subject":"push.here"}""", "it sends to 'push.here'")]
    [InlineData("""{"ack_policy":"explicit","max_expires":1000000000}""", "pulls of 00:00:30, it takes them for 00:00:01")]
    [InlineData("""{"ack_policy":"explicit","max_bytes":1000}""", "without a bound of the bytes of a pull")]
    public async Task A_consumer_that_cannot_be_read_so_is_refused_at_once_with_the_reason(string settings, string expected)
    {
        await BeginAsync(null);
        await MakeAsync(settings);
        await using var messages = Read(new());

        var failure = await Assert.ThrowsAsync<TransportException>(() => ScriptedNats.Patiently(messages.MoveNextAsync().AsTask()));

        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_consumer_that_bounds_its_pulls_is_pulled_from_within_that_bound()
    {
        await BeginAsync(null);
        await MakeAsync("""{"ack_policy":"explicit","max_batch":5}""");
        for (var i = 0; i < 20; i++) { await PublishAsync("orders.p", $"{i}"); }

        var count = 0;
        await foreach (var message in Jet.ReadAsync(Stream, Consumer, new(), Cancellation))
        {
            message.Acknowledge();
            if (++count == 20) { break; }
        }

        Assert.Equal("", _transport!.Status.LastFault);
    }

    [Fact]
    public async Task Settings_out_of_range_are_refused_by_the_call()
    {
        await using var transport = new NatsTransport(new());
        var jet = transport.JetStream;
        Assert.Throws<ArgumentOutOfRangeException>(() => jet.ReadAsync("S", "C", new() { Capacity = 0 }, Cancellation));
        Assert.Throws<ArgumentOutOfRangeException>(() => jet.ReadAsync("S", "C", new() { Capacity = 65536 }, Cancellation));
        Assert.Throws<ArgumentOutOfRangeException>(() => jet.ReadAsync("S", "C", new() { MaxBytes = 0 }, Cancellation));
        Assert.Throws<ArgumentOutOfRangeException>(() => jet.ReadAsync("S", "C", new() { Heartbeat = TimeSpan.Zero }, Cancellation));
        Assert.Throws<ArgumentException>(() => jet.ReadAsync("a.b", "C", new(), Cancellation));
        Assert.Throws<ArgumentException>(() => jet.ReadAsync("S", "*", new(), Cancellation));
    }

    /// <summary>Reads some messages, acknowledges them, and reads no more.</summary>
    private async Task<List<string>> TakeAsync(int count, int mostDeliveries)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(ServerProcess.Patience);
        List<string> came = [];
        await foreach (var message in Jet.ReadAsync(Stream, Consumer, cancellationToken: patience.Token))
        {
            Assert.InRange(message.Deliveries, 1, mostDeliveries);
            message.Acknowledge();
            came.Add(Text(message));
            if (came.Count == count) { break; }
        }

        return came;
    }

    private static string Text(NatsStreamMessage message) => Encoding.UTF8.GetString(message.Payload.Span);

    private static async Task<NatsStreamMessage> NextAsync(IAsyncEnumerator<NatsStreamMessage> messages)
    {
        Assert.True(await ScriptedNats.Patiently(messages.MoveNextAsync().AsTask()));
        return messages.Current;
    }

    private IAsyncEnumerator<NatsStreamMessage> Read(NatsReadOptions options) =>
        Jet.ReadAsync(Stream, Consumer, options, Cancellation).GetAsyncEnumerator(Cancellation);

    private async Task PublishAsync(string subject, string text) =>
        await Jet.PublishAsync(subject, Encoding.UTF8.GetBytes(text), default, Cancellation);

    private async Task BeginAsync(NatsConsumer? consumer, TimeSpan? deadline = null)
    {
        _server = await RealNats.StartAsync(new() { JetStream = true });
        _transport = new(new()
        {
            Servers = [_server.Uri],
            ReplyDeadline = deadline ?? TimeSpan.FromSeconds(10),
            InitialReconnectDelay = TimeSpan.FromMilliseconds(20),
            Keep = new() { Stream = Stream, Topics = ["orders/#"] },
        });
        await Jet.CreateStreamAsync(new() { Name = Stream, Subjects = ["orders.>"] }, Cancellation);
        if (consumer is not null) { await Jet.CreateConsumerAsync(Stream, consumer, Cancellation); }
    }

    /// <summary>Makes the consumer with settings that another tool may give it.</summary>
    private async Task MakeAsync(string settings)
    {
        var body = $$"""{"stream_name":"{{Stream}}","config":{"durable_name":"{{Consumer}}",{{settings[1..]}}}""";
        var pending = Jet.Connection.Rent();
        var reply = await Jet.Connection.RequestAsync(
            pending, Encoding.ASCII.GetBytes($"$JS.API.CONSUMER.DURABLE.CREATE.{Stream}.{Consumer}"), default, default,
            new(Encoding.ASCII.GetBytes(body)), Cancellation);
        Assert.DoesNotContain("error", Encoding.UTF8.GetString(reply.Payload), StringComparison.Ordinal);
        Jet.Connection.Return(pending);
    }

    /// <summary>What the consumer is told.</summary>
    private async Task<NatsSubscription> AnswersAsync()
    {
        var answers = Jet.Connection.Subscribe(Encoding.ASCII.GetBytes($"$JS.ACK.{Stream}.{Consumer}.>"), [],
            new(100, 1 << 20, NatsOverflow.DropOldest));
        Assert.NotNull(await Jet.StreamAsync(Stream, Cancellation));        // the server has read what was written before
        return answers;
    }

    /// <summary>Waits until the consumer is so.</summary>
    private async Task UntilAsync(Func<NatsConsumerStatus, bool> condition)
    {
        using var patience = new CancellationTokenSource(ServerProcess.Patience, TimeProvider.System);
        while (!condition((await Jet.ConsumerAsync(Stream, Consumer, patience.Token))!)) { }
    }
}
