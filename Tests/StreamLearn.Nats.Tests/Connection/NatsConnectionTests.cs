using System.Buffers;
using System.Text;
using StreamLearn.Testing;

namespace StreamLearn.Nats.Tests;

/// <summary>A connection against the real nats-server: messages, replies, losses, logins.</summary>
public sealed class NatsConnectionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Messages_come_in_their_order_with_topic_and_bytes()
    {
        await using var server = await RealNats.StartAsync();
        await using var connection = Open(server);
        var subscription = connection.Subscribe("plant.*.rows"u8.ToArray(), [], new(2000, 1 << 20, NatsOverflow.DropNewest));

        for (var i = 0; i < 1000; i++) { await PublishAsync(connection, $"plant.v{i % 7}.rows", $"{i}"); }
        var messages = await TakeAsync(subscription, 1000);

        Assert.Equal(Enumerable.Range(0, 1000).Select(static i => $"plant/v{i % 7}/rows {i}"), messages);
        Assert.Equal((1000, 0), (subscription.Inbox.Received, subscription.Inbox.Dropped));
    }

    [Fact]
    public async Task A_group_shares_its_messages()
    {
        await using var server = await RealNats.StartAsync();
        await using var connection = Open(server);
        var all = Enumerable.Range(0, 3).Select(_ =>
            connection.Subscribe("work"u8.ToArray(), "group"u8.ToArray(), new(1000, 1 << 20, NatsOverflow.DropNewest))).ToArray();

        for (var i = 0; i < 300; i++) { await PublishAsync(connection, "work", $"{i}"); }
        await ScriptedNats.UntilAsync(() => all.Sum(static s => s.Inbox.Received) >= 300);

        Assert.All(all, static s => Assert.InRange(s.Inbox.Received, 1, 299));
        Assert.Equal(300, all.Sum(static s => s.Inbox.Received));
    }

    [Fact]
    public async Task A_request_is_answered_and_one_that_nobody_answers_says_so()
    {
        await using var server = await RealNats.StartAsync();
        await using var connection = Open(server);
        var asked = connection.Subscribe("ask"u8.ToArray(), [], new(10, 1 << 20, NatsOverflow.DropNewest));
        var answering = AnswerAsync(connection, asked, 100);

        for (var i = 0; i < 100; i++) { Assert.Equal($"{i}!", await RequestAsync(connection, "ask", $"{i}")); }
        await answering;
        var failure = await Assert.ThrowsAsync<TransportException>(() => RequestAsync(connection, "nobody", "?"));

        Assert.True(failure.IsTransient);
        Assert.Contains("nobody answers", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_kill_9_it_connects_again_and_subscriptions_go_on()
    {
        await using var server = await RealNats.StartAsync();
        await using var connection = Open(server);
        var subscription = connection.Subscribe("rows.>"u8.ToArray(), [], new(100, 1 << 20, NatsOverflow.DropNewest));
        await PublishAsync(connection, "rows.a", "1");
        Assert.Equal(["rows/a 1"], await TakeAsync(subscription, 1));

        for (var kill = 0; kill < 3; kill++)
        {
            var change = connection.Heard.ReadAsync(Cancellation).GetAsyncEnumerator(Cancellation);
            await server.KillAsync();
            while (await change.MoveNextAsync() && change.Current.IsConnected) { }
            var waiting = PublishAsync(connection, "rows.b", $"{kill}");       // waits for the connection
            Assert.False(waiting.IsCompleted);
            await server.StartAgainAsync();
            await waiting;
            Assert.Equal([$"rows/b {kill}"], await TakeAsync(subscription, 1));
            await change.DisposeAsync();
        }

        Assert.Equal((4, 3), (connection.Counters.Connects, connection.Counters.Losses));
    }

    [Fact]
    public async Task A_request_ends_when_its_connection_does()
    {
        await using var server = await RealNats.StartAsync();
        await using var connection = Open(server);
        var asked = connection.Subscribe("ask"u8.ToArray(), [], new(10, 1 << 20, NatsOverflow.DropNewest));
        var request = RequestAsync(connection, "ask", "?");
        await ScriptedNats.UntilAsync(() => asked.Inbox.Received > 0);

        await server.KillAsync();

        var failure = await Assert.ThrowsAsync<TransportException>(() => request);
        Assert.True(failure.IsTransient);
        Assert.DoesNotContain("in time", failure.Message, StringComparison.Ordinal);        // it did not wait for its deadline
    }

    [Fact]
    public async Task A_reader_that_is_too_slow_loses_the_oldest_or_the_newest_and_each_is_counted()
    {
        await using var server = await RealNats.StartAsync();
        await using var connection = Open(server);
        var oldest = connection.Subscribe("rows"u8.ToArray(), [], new(10, 1 << 20, NatsOverflow.DropOldest));
        var newest = connection.Subscribe("rows"u8.ToArray(), [], new(10, 1 << 20, NatsOverflow.DropNewest));

        for (var i = 0; i < 1000; i++) { await PublishAsync(connection, "rows", $"{i}"); }
        await ScriptedNats.UntilAsync(() => newest.Inbox.Received == 1000 && oldest.Inbox.Received == 1000);

        Assert.Equal((990, 990), (oldest.Inbox.Dropped, newest.Inbox.Dropped));
        Assert.Equal(Enumerable.Range(990, 10).Select(static i => $"rows {i}"), await TakeAsync(oldest, 10));
        Assert.Equal(Enumerable.Range(0, 10).Select(static i => $"rows {i}"), await TakeAsync(newest, 10));
    }

    [Theory]
    [InlineData("right", true)]
    [InlineData("wrong", false)]
    public async Task A_login_is_taken_or_refused_by_name_and_never_printed(string password, bool isTaken)
    {
        await using var server = await RealNats.StartAsync(new() { Login = ("reader", "right") });
        var options = new NatsOptions { Servers = [new($"nats://reader:{password}@127.0.0.1:{server.Port}")] };
        await using var connection = new NatsConnection(options, TimeProvider.System);
        var subscription = connection.Subscribe("rows"u8.ToArray(), [], new(10, 1 << 20, NatsOverflow.DropNewest));
        if (isTaken)
        {
            await PublishAsync(connection, "rows", "1");
            Assert.Equal(["rows 1"], await TakeAsync(subscription, 1));
        }
        else
        {
            var failure = await Assert.ThrowsAsync<TransportException>(() => PublishAsync(connection, "rows", "1"));
            Assert.Contains("the login was refused", failure.Message, StringComparison.Ordinal);
            Assert.False(failure.IsTransient);
        }

        Assert.DoesNotContain(password, $"{options} {connection.Name} {connection.Counters.LastFault}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_is_a_login()
    {
        await using var server = await RealNats.StartAsync(new() { Token = "s3cret" });
        await using var connection = new NatsConnection(
            new() { Servers = [server.Uri], Credentials = static _ => new(new NatsCredentials("", "", "s3cret")) }, TimeProvider.System);
        var subscription = connection.Subscribe("rows"u8.ToArray(), [], new(10, 1 << 20, NatsOverflow.DropNewest));
        await PublishAsync(connection, "rows", "1");
        Assert.Equal(["rows 1"], await TakeAsync(subscription, 1));
    }

    [Fact]
    public async Task A_message_larger_than_the_server_takes_is_refused_before_it_is_sent()
    {
        await using var server = await RealNats.StartAsync(new() { More = ["max_payload: 1000"] });
        await using var connection = Open(server);
        await PublishAsync(connection, "rows", new('x', 1000));

        var failure = await Assert.ThrowsAsync<TransportException>(() => PublishAsync(connection, "rows", new('x', 1001)));

        Assert.False(failure.IsTransient);
        Assert.Equal(1, connection.Counters.Connects);
    }

    [Fact]
    public async Task What_was_published_is_sent_before_the_end()
    {
        await using var server = await RealNats.StartAsync();
        await using var reader = Open(server);
        var subscription = reader.Subscribe("rows"u8.ToArray(), [], new(20_000, 1 << 24, NatsOverflow.DropNewest));
        Assert.Equal("!", await RequestOwnAsync(reader));       // the subscription is there
        await using (var writer = Open(server))
        {
            for (var i = 0; i < 10_000; i++) { await PublishAsync(writer, "rows", $"{i}"); }
        }

        Assert.Equal(Enumerable.Range(0, 10_000).Select(static i => $"rows {i}"), await TakeAsync(subscription, 10_000));
    }

    private static NatsConnection Open(RealNats server) => new(new() { Servers = [server.Uri] }, TimeProvider.System);

    private static Task PublishAsync(NatsConnection connection, string subject, string text) => connection.PublishAsync(
        Encoding.UTF8.GetBytes(subject), default, default, default, new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(text)), Cancellation)
        .AsTask();

    private static async Task<string> RequestAsync(NatsConnection connection, string subject, string text)
    {
        var request = connection.Rent();
        try
        {
            var reply = await connection.RequestAsync(request, Encoding.UTF8.GetBytes(subject), default, default,
                new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(text)), Cancellation);
            return Encoding.UTF8.GetString(reply.Payload);
        }
        finally
        {
            connection.Return(request);
        }
    }

    private static async Task<string> RequestOwnAsync(NatsConnection connection)
    {
        var asked = connection.Subscribe("own"u8.ToArray(), [], new(10, 1 << 20, NatsOverflow.DropNewest));
        var answering = AnswerAsync(connection, asked, 1);
        var answer = await RequestAsync(connection, "own", "");
        await answering;
        return answer;
    }

    private static async Task AnswerAsync(NatsConnection connection, NatsSubscription asked, int count)
    {
        var messages = new NatsMessage[1];
        for (var answered = 0; answered < count;)
        {
            if (asked.Take(messages) == 0)
            {
                await ScriptedNats.Patiently(asked.ToDeliver.WaitAsync().AsTask());
                continue;
            }

            await connection.PublishAsync(messages[0].Reply.ToArray(), default, default, default,
                new([.. messages[0].Payload, (byte)'!']), Cancellation);
            asked.Release(messages[0].Id);
            answered++;
        }
    }

    private static async Task<List<string>> TakeAsync(NatsSubscription subscription, int count)
    {
        List<string> texts = [];
        var messages = new NatsMessage[16];
        while (texts.Count < count)
        {
            var taken = subscription.Take(messages);
            foreach (var message in messages.AsSpan(0, taken))
            {
                texts.Add($"{message.Topic} {Encoding.UTF8.GetString(message.Payload)}");
                subscription.Release(message.Id);
            }

            if (taken == 0) { await ScriptedNats.Patiently(subscription.ToDeliver.WaitAsync().AsTask()); }
        }

        return texts;
    }
}
