using StreamLearn.Connections;
using StreamLearn.Testing;

namespace StreamLearn.Nats.Tests;

/// <summary>Messages on their way into a stream.</summary>
public sealed class JetPublishTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_id_is_taken_once()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = await OpenAsync(server);

        var first = await transport.JetStream.PublishAsync("a.x", new byte[] { 1 }, new() { MessageId = "one" }, Cancellation);
        var again = await transport.JetStream.PublishAsync("a.x", new byte[] { 2 }, new() { MessageId = "one" }, Cancellation);

        Assert.Equal((new NatsPublished("A", 1, false), new NatsPublished("A", 1, true)), (first, again));
    }

    [Fact]
    public async Task What_is_expected_of_the_stream_is_required()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = await OpenAsync(server);
        Task<NatsPublished> PublishAsync(NatsPublishOptions options) =>
            transport.JetStream.PublishAsync("a.x", new byte[] { 1 }, options, Cancellation).AsTask();
        await PublishAsync(new() { MessageId = "one" });

        foreach (var wrong in new NatsPublishOptions[]
        {
            new() { ExpectedLastSequence = 5 }, new() { ExpectedLastSubjectSequence = 0 }, new() { ExpectedLastMessageId = "two" },
            new() { ExpectedStream = "B" },
        })
        {
            var refused = await Assert.ThrowsAsync<JetStreamException>(() => PublishAsync(wrong));
            Assert.False(refused.IsTransient, refused.Message);
            Assert.InRange(refused.ErrorCode, 1, int.MaxValue);
        }

        var taken = await PublishAsync(new()
        {
            ExpectedLastSequence = 1,
            ExpectedLastSubjectSequence = 1,
            ExpectedLastMessageId = "one",
            ExpectedStream = "A",
        });
        Assert.Equal(2, taken.Sequence);
    }

    [Fact]
    public async Task Any_number_may_be_under_way_and_they_keep_their_order()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = await OpenAsync(server);
        const int Count = 2000;

        var sent = Enumerable.Range(0, Count)
            .Select(i => transport.JetStream.PublishAsync("a.x", BitConverter.GetBytes(i), default, Cancellation).AsTask()).ToList();

        Assert.Equal(Enumerable.Range(1, Count).Select(static i => (long)i), (await Task.WhenAll(sent)).Select(static p => p.Sequence));
        Assert.Equal(0, transport.Status.Unconfirmed);
    }

    [Fact]
    public async Task After_a_kill_in_the_middle_each_is_in_the_stream_once_and_in_order()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = await OpenAsync(server);
        const int Count = 3000;
        List<Task<NatsPublished>> sent = [];
        for (var i = 0; i < Count; i++)
        {
            var options = new NatsPublishOptions { MessageId = $"m{i}" };
            sent.Add(transport.JetStream.PublishAsync("a.x", BitConverter.GetBytes(i), options, Cancellation).AsTask());
            if (i == Count / 3) { await sent[i / 2]; }
            if (i == Count / 2) { await server.KillAsync(); }
        }

        await server.StartAgainAsync();
        await Task.WhenAll(sent);
        Assert.Equal(1, transport.Status.Losses);
        var read = new List<int>();
        await foreach (var value in ReadAsync(transport, "A", Count)) { read.Add(value); }
        Assert.Equal(Enumerable.Range(0, Count), read);
    }

    [Fact]
    public async Task A_publisher_waits_while_the_stream_is_full()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = await OpenAsync(
            server, new() { Name = "A", Subjects = ["a.>"], MaxMessages = 2, Discard = NatsDiscard.New });
        for (var i = 0; i < 2; i++) { await transport.JetStream.PublishAsync("a.x", default, default, Cancellation); }

        var waiting = transport.JetStream.PublishAsync("a.x", new byte[] { 3 }, default, Cancellation).AsTask();
        await ScriptedNats.UntilAsync(() => transport.Status.Repeated > 1);
        Assert.False(waiting.IsCompleted);
        Assert.Contains("maximum messages", transport.Status.LastFault, StringComparison.Ordinal);
        await transport.JetStream.PurgeStreamAsync("A", null, Cancellation);

        Assert.Equal(3, (await ScriptedNats.Patiently(waiting)).Sequence);
    }

    [Fact]
    public async Task A_publisher_that_gives_up_lets_the_next_go_on()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = await OpenAsync(
            server, new() { Name = "A", Subjects = ["a.>"], MaxMessageBytes = 100, MaxMessages = 1, Discard = NatsDiscard.New });
        await transport.JetStream.PublishAsync("a.x", default, default, Cancellation);
        using var patience = new CancellationTokenSource();
        var given = transport.JetStream.PublishAsync("a.x", default, default, patience.Token).AsTask();
        await ScriptedNats.UntilAsync(() => transport.Status.Repeated > 0);
        var next = transport.JetStream.PublishAsync("a.y", default, default, Cancellation).AsTask();

        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        await transport.JetStream.PurgeStreamAsync("A", null, Cancellation);
        Assert.Equal("A", (await ScriptedNats.Patiently(next)).Stream);
        var refused = await Assert.ThrowsAsync<JetStreamException>(
            () => transport.JetStream.PublishAsync("a.x", new byte[200], default, Cancellation).AsTask());
        Assert.Equal(400, refused.Status);
    }

    [Fact]
    public async Task A_subject_that_no_stream_takes_fails_long_before_the_deadline_and_others_go_on()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = new NatsTransport(new() { Servers = [server.Uri], ReplyDeadline = TimeSpan.FromHours(1) });
        await transport.JetStream.CreateStreamAsync(new() { Name = "A", Subjects = ["a.>"] }, Cancellation);

        var wrong = Enumerable.Range(0, 50)
            .Select(_ => transport.JetStream.PublishAsync("nobody", default, default, Cancellation).AsTask()).ToList();
        var right = transport.JetStream.PublishAsync("a.x", default, default, Cancellation).AsTask();

        foreach (var publishing in wrong)
        {
            var failure = await Assert.ThrowsAsync<TransportException>(() => ScriptedNats.Patiently(publishing));
            Assert.True(failure.IsTransient);
            Assert.Contains("no stream takes 'nobody': correct the subject, or make a stream", failure.Message, StringComparison.Ordinal);
        }

        Assert.Equal(1, (await ScriptedNats.Patiently(right)).Sequence);
        Assert.Equal((50, 0), (transport.Status.Untaken, transport.Status.Unconfirmed));
        Assert.Contains(", 50 untaken", transport.Status.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_that_is_made_a_moment_later_still_takes_what_was_published()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = await OpenAsync(server);
        var early = transport.JetStream.PublishAsync("b.x", default, default, Cancellation).AsTask();
        await ScriptedNats.UntilAsync(() => transport.Status.Repeated > 0);

        await transport.JetStream.CreateStreamAsync(new() { Name = "B", Subjects = ["b.>"] }, Cancellation);

        Assert.Equal(new("B", 1, false), await ScriptedNats.Patiently(early));
    }

    [Theory]
    [InlineData("{\"stream\":\"A\"")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"stream\":\"A\",\"seq\":\"1\"}")]
    [InlineData("{\"stream\":1,\"seq\":1}")]
    [InlineData("{\"stream\":\"A\",\"seq\":-1}")]
    [InlineData("")]
    public async Task An_answer_that_cannot_be_read_fails_its_publisher_and_no_other(string answer)
    {
        await using var server = new ScriptedNats();
        await using var transport = new NatsTransport(new() { Servers = [server.Uri] });
        var wrong = transport.JetStream.PublishAsync("a", default, default, Cancellation).AsTask();
        await using var connection = await server.AcceptAsync();
        var line = await connection.LineAsync();
        Assert.StartsWith("PUB a _INBOX.", line, StringComparison.Ordinal);
        await connection.LineAsync();
        var reply = line.Split(' ')[2];
        await connection.SendAsync($"MSG {reply} 1 {answer.Length}\r\n{answer}\r\n");

        var failure = await Assert.ThrowsAsync<TransportException>(() => wrong);
        Assert.Contains("cannot be read", failure.Message, StringComparison.Ordinal);
        var right = transport.JetStream.PublishAsync("a", default, default, Cancellation).AsTask();
        reply = (await connection.LineAsync()).Split(' ')[2];
        const string Good = "{\"domain\":\"hub\",\"stream\":\"A\",\"seq\":7,\"more\":{\"x\":[1]}}";
        await connection.SendAsync($"MSG {reply} 1 {Good.Length}\r\n{Good}\r\n");
        Assert.Equal(new("A", 7, false), await right);
    }

    private static async Task<NatsTransport> OpenAsync(RealNats server, NatsStream? stream = null)
    {
        var transport = new NatsTransport(new()
        {
            Servers = [server.Uri],
            ReplyDeadline = TimeSpan.FromSeconds(2),
            InitialReconnectDelay = TimeSpan.FromMilliseconds(20),
        });
        await transport.JetStream.CreateStreamAsync(stream ?? new() { Name = "A", Subjects = ["a.>"] }, Cancellation);
        return transport;
    }

    private static async IAsyncEnumerable<int> ReadAsync(NatsTransport transport, string stream, int count)
    {
        var signal = new Connections.Signal();
        var reader = new JetReader(transport.JetStream, new() { Stream = stream, Acknowledges = false, Capacity = 500 },
            static _ => Task.CompletedTask, signal);
        var taken = new JetMessage[100];
        while (count > 0)
        {
            var some = reader.Take(taken);
            for (var i = 0; i < some; i++, count--)
            {
                yield return BitConverter.ToInt32(taken[i].Payload.Span);
                reader.Settle(taken[i].Id, Outcome.Release);
            }

            if (some == 0) { await ScriptedNats.Patiently(signal.WaitAsync().AsTask()); }
        }

        reader.End();
    }
}
