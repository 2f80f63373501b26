using System.Globalization;
using StreamLearn.Connections;

namespace StreamLearn.Nats.Tests;

/// <summary>Reading a stream of a server that withholds, repeats and violates. The clock moves only when the test moves it.</summary>
public sealed class JetReaderTests : IAsyncDisposable
{
    private const int Capacity = 8;
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(3);      // that of the reader's timer, at least
    private readonly ManualTimeProvider _time = new();
    private readonly ScriptedNats _server = new();
    private readonly Signal _toDeliver = new();
    private readonly NatsLink _connection;
    private JetReader? _reader;
    private ScriptedJetStream? _stream;
    private bool _isDisposed;
    public JetReaderTests() => _connection = new(new NatsOptions { Servers = [_server.Uri] }, _time);
    private JetReader Reader => _reader!;
    private ScriptedJetStream Stream => _stream!;

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        if (_stream is not null) { await _stream.DisposeAsync(); }
        if (!_isDisposed) { await _connection.DisposeAsync(); }
        if (_reader is null) { return; }
        _reader.End();
        await Patiently(_reader.Running);
    }

    [Fact]
    public async Task A_consumer_that_is_not_created_in_time_is_asked_for_again()
    {
        await BeginAsync();
        await Stream.AnswerStreamAsync();
        await Stream.NextAsync("$JS.API.CONSUMER.CREATE.S");

        await PassAsync(() => Stream.HasRequest);       // the client waits by the system's clock
        Assert.Contains("no answer came in time", _connection.Counters.LastFault, StringComparison.Ordinal);
        Assert.False(Reader.Begun.IsCompleted);
        await Stream.AnswerStreamAsync();
        await Stream.CreateAsync();

        Assert.Equal(Capacity, (await Stream.PullAsync()).Batch);
        await Patiently(Reader.Begun);
        Assert.Equal(0, _connection.Counters.Losses);
    }

    [Theory]
    [InlineData("""{"error":{"code":503,"err_code":10008,"description":"no leader"}}""", true)]
    [InlineData("""{"error":{"code":400,"err_code":10013,"description":"bad consumer"}}""", false)]
    [InlineData("{\"name\":", false)]
    public async Task A_refusal_is_tried_again_only_where_it_may_pass(string answer, bool mayPass)
    {
        await BeginAsync();
        await Stream.AnswerStreamAsync();
        await Stream.AnswerAsync(await Stream.NextAsync("$JS.API.CONSUMER.CREATE.S"), answer);
        await PassAsync(() => Stream.HasRequest || Failure() is not null);
        Assert.Equal(mayPass, Failure() is null);
        await UntilAsync(() => Stream.HasRequest || Reader.Begun.IsCompleted);
        Assert.Equal(!mayPass, Reader.Begun.IsCompleted);
    }

    /// <summary>What a process that stands still has asked for, the server gives it in vain.</summary>
    [Fact]
    public async Task A_pull_ends_after_two_heartbeats_which_is_as_soon_as_servers_take()
    {
        var pull = (await SetUpAsync()).Json;
        Assert.Equal(10_000_000_000, pull.GetProperty("expires").GetInt64());
        Assert.Equal(5_000_000_000, pull.GetProperty("idle_heartbeat").GetInt64());
    }

    [Fact]
    public async Task A_server_that_is_silent_for_two_heartbeats_is_asked_anew_at_another_inbox()
    {
        var first = await SetUpAsync();
        for (var i = 0; i < 10; i++)
        {
            _time.Advance(Reader.Reading.Heartbeat);
            await Stream.SayAsync(first, "100 Idle Heartbeat");
            Assert.Empty(await Stream.AllAsync());
        }
        Assert.Equal(0, Silences());
        var since = _time.GetUtcNow();
        await PassAsync(() => Stream.HasRequest);

        Assert.InRange(_time.GetUtcNow() - since, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(14));
        Assert.Equal(1, Silences());
        await Stream.AnswerStreamAsync();
        await Stream.AnswerConsumerAsync();
        var second = await Stream.PullAsync();
        Assert.NotEqual(first.Reply, second.Reply);
        Assert.Equal(Capacity, second.Batch);
    }

    [Theory]
    [InlineData("404 No Messages", "", 0, Capacity)]
    [InlineData("408 Request Timeout", "", 0, Capacity)]
    [InlineData("408 Request Timeout", "Nats-Pending-Messages: 8\r\nNats-Pending-Bytes: 0\r\n", 0, Capacity)]
    [InlineData("408 Request Timeout", "Nats-Pending-Messages: 3\r\nNats-Pending-Bytes: 0\r\n", 5, 3)]
    [InlineData("408 Request Timeout", "Nats-Pending-Messages: 99\r\n", 5, 3)]
    [InlineData("409 Message Size Exceeds MaxBytes", "Nats-Pending-Messages: 8\r\nNats-Pending-Bytes: 1\r\n", 0, Capacity)]
    [InlineData("409 Message Size Exceeds MaxBytes", "Nats-Pending-Messages: 4\r\nNats-Pending-Bytes: 1\r\n", 4, 4)]
    public async Task A_pull_that_is_over_is_followed_by_another(string status, string more, int before, int expected)
    {
        var pull = await SetUpAsync();
        for (var i = 1; i <= before; i++) { await Stream.DeliverAsync(i, i); }
        await Stream.SayAsync(pull, status, more);
        var next = Assert.Single(await Stream.AllAsync());
        Assert.True(next.IsPull, next.Subject);
        Assert.Equal((pull.Reply, expected), (next.Reply, next.Batch));
    }

    [Theory]
    [InlineData("409 Consumer Deleted")]
    [InlineData("409 Message Size Exceeds MaxBytes")]
    [InlineData("503")]
    [InlineData("777 What is this?")]
    public async Task Of_any_other_end_of_a_pull_the_consumer_is_looked_for_again(string status)
    {
        var pull = await SetUpAsync();
        await Stream.SayAsync(pull, status);
        await Stream.AnswerStreamAsync(last: 7);
        await Stream.AnswerAsync(await Stream.NextAsync("$JS.API.CONSUMER.INFO.S.C1"), """{"error":{"code":404,"err_code":10014}}""");
        var settings = await Stream.CreateAsync();
        Assert.Equal(1, settings.GetProperty("opt_start_seq").GetInt32());      // it was new when the stream was empty
        var next = await Stream.PullAsync();
        Assert.NotEqual(pull.Reply, next.Reply);
        Assert.Equal(status.Length > 4 ? status[4..] : "", _connection.Counters.LastFault);
    }

    [Fact]
    public async Task What_is_said_of_an_earlier_pull_is_not_heard()
    {
        var first = await SetUpAsync();
        await Stream.SayAsync(first, "409 Consumer Deleted");
        await Stream.AnswerStreamAsync();
        await Stream.AnswerConsumerAsync();
        var second = await Stream.PullAsync();

        foreach (var status in new[] { "404 No Messages", "408 Request Timeout", "409 Consumer Deleted", "100 Idle Heartbeat" })
        {
            await Stream.SayAsync(first, status, "Nats-Pending-Messages: 8\r\n");
            await Stream.SayAsync(first, status);
            Assert.Empty(await Stream.AllAsync());
        }
        await Stream.SayAsync(second, "404 No Messages");
        Assert.Equal(second.Reply, Assert.Single(await Stream.AllAsync()).Reply);
    }

    [Theory]
    [InlineData("$JS.ACK")]
    [InlineData("$JS.ACK.S.C1.1.x.1.1700000000000000000.0")]
    [InlineData("$JS.ACK.S.C1.1.1.1.1700000000000000000")]
    [InlineData("$JS.ACK.S.C1.1.1.1.99999999999999999999.0")]
    [InlineData("elsewhere")]
    public async Task A_message_that_does_not_say_what_it_is_is_counted_and_passed_over(string ack)
    {
        await SetUpAsync();
        await Stream.DeliverAsync(ack, "x");
        Assert.Empty(await Stream.AllAsync());
        Assert.Equal((1, 0), (_connection.Counters.Malformed, Reader.Inbox.Received));
        Assert.Empty(Take());
        await Stream.DeliverAsync(1, 1);
        await Stream.SettleAsync();
        Assert.Equal("1", Text(Assert.Single(Take())));
    }

    [Fact]
    public async Task A_message_that_comes_again_is_delivered_once_and_acknowledged_where_it_came_last()
    {
        await SetUpAsync();
        await Stream.DeliverAsync(1, 1);
        await Stream.SettleAsync();
        var message = Assert.Single(Take());
        await Stream.DeliverAsync(1, 2, delivered: 2);
        await Stream.SettleAsync();
        Assert.Empty(Take());

        Reader.Settle(message.Id, Outcome.Acknowledge);
        Reader.Settle(message.Id, Outcome.Release);
        _time.Advance(Moment);
        Assert.Equal(("$JS.ACK.S.C1.2.1.2.1700000000000000000.9", "+ACK"), await AnsweredAsync());
        await Stream.DeliverAsync(1, 3, delivered: 3);
        Assert.Equal(("$JS.ACK.S.C1.3.1.3.1700000000000000000.9", "+ACK"), await AnsweredAsync());
        Assert.Empty(Take());
        Assert.Equal((3, 2), (Reader.Inbox.Received, Reader.Inbox.Again));
    }

    [Fact]
    public async Task A_number_that_a_killed_server_gives_anew_is_another_message()
    {
        await SetUpAsync();
        await Stream.DeliverAsync(1, 1);
        await Stream.DeliverAsync(2, 2);
        await Stream.SettleAsync();
        var first = Take();
        Assert.Equal(["1", "2"], first.Select(Text));
        Reader.Settle(first[0].Id, Outcome.Acknowledge);        // the other one is being worked on
        Reader.Settle(first[0].Id, Outcome.Release);
        Assert.Empty(Take());
        _time.Advance(Moment);
        Assert.Equal("+ACK", (await AnsweredAsync()).Text);

        await Stream.DeliverAsync("$JS.ACK.S.C1.1.1.3.1700000000000000007.0", "new 1");
        await Stream.DeliverAsync("$JS.ACK.S.C1.1.2.4.1700000000000000008.0", "new 2");
        await Stream.SettleAsync();
        Assert.Equal(["new 1", "new 2"], Take().Select(Text));

        Reader.Settle(first[1].Id, Outcome.Acknowledge);        // it would confirm what has its number now
        Assert.DoesNotContain(await Stream.AllAsync(), static r => !r.IsPull);
    }

    [Theory, InlineData(1_000_000_000, 1), InlineData(121_000_000_000, 2)]
    public async Task A_message_that_a_stream_took_twice_is_delivered_once_within_the_time_that_it_remembers_ids(long later, int delivered)
    {
        await SetUpAsync();
        const string headers = "NATS/1.0\r\nNats-Msg-Id: same\r\n\r\n";
        await Stream.DeliverAsync("$JS.ACK.S.C1.1.1.1.1700000000000000000.0", "once", headers);
        var time = 1_700_000_000_000_000_000 + later;
        await Stream.DeliverAsync(FormattableString.Invariant($"$JS.ACK.S.C1.1.2.2.{time}.0"), "once", headers);
        await Stream.SettleAsync();
        Assert.Equal(delivered, Take().Count);
        Assert.Equal(2 - delivered, (await Stream.AllAsync()).Count(static r => r.Text == "+ACK"));
    }

    [Fact]
    public async Task A_message_that_cannot_be_read_does_not_come_again()
    {
        await SetUpAsync();
        await Stream.DeliverAsync("$JS.ACK.S.C1.1.1.1.1700000000000000000.0", "x", "NATS/1.0\r\nwithout a colon\r\n\r\n");
        await Stream.SettleAsync();
        Assert.Equal(("$JS.ACK.S.C1.1.1.1.1700000000000000000.0", "+TERM"), await AnsweredAsync());
        Assert.Equal((1, 0), (_connection.Counters.Malformed, Reader.Inbox.Open));
    }

    [Fact]
    public async Task The_newest_acknowledgement_waits_for_the_next_or_a_moment()
    {
        await SetUpAsync();
        for (var i = 1; i <= 3; i++) { await Stream.DeliverAsync(i, i); }
        await Stream.SettleAsync();
        var messages = Take();

        Acknowledge(messages[1]);
        Assert.DoesNotContain(await Stream.AllAsync(), static r => r.IsAnswer);
        Acknowledge(messages[0]);
        Assert.Equal(("$JS.ACK.S.C1.1.1.1.1700000000000000000.9", "+ACK"), await AnsweredAsync());
        Acknowledge(messages[2]);
        Assert.Equal(("$JS.ACK.S.C1.1.2.2.1700000000000000000.9", "+ACK"), await AnsweredAsync());
        _time.Advance(Moment);
        Assert.Equal(("$JS.ACK.S.C1.1.3.3.1700000000000000000.9", "+ACK"), await AnsweredAsync());
        Assert.Equal(0, Reader.Inbox.Open);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task What_is_held_back_is_told_when_reading_ends_or_the_connection_leaves(bool reader)
    {
        await SetUpAsync();
        await Stream.DeliverAsync(1, 1);
        await Stream.SettleAsync();
        Acknowledge(Take()[0]);
        Assert.DoesNotContain(await Stream.AllAsync(), static r => r.IsAnswer);

        if (reader) { Reader.End(); }
        else
        {
            _isDisposed = true;
            await Patiently(_connection.DisposeAsync().AsTask());
        }
        Assert.Equal(("$JS.ACK.S.C1.1.1.1.1700000000000000000.9", "+ACK"), await NextAnswerAsync());
    }

    [Fact]
    public async Task What_is_acknowledged_around_a_loss_is_told_where_it_comes_again_and_not_before()
    {
        await SetUpAsync();
        await Stream.DeliverAsync(1, 1);
        await Stream.DeliverAsync(2, 2);
        await Stream.SettleAsync();
        var messages = Take();
        Acknowledge(messages[0]);       // it is held back
        await Stream.DisposeAsync();
        await UntilAsync(() => _connection.Counters.Losses == 1);
        Acknowledge(messages[1]);
        await PassAsync(() => _server.HasPending);
        _stream = new(await _server.AcceptAsync(",\"jetstream\":true"), consumers: 1);
        await Stream.AnswerStreamAsync(last: 2);
        await Stream.AnswerConsumerAsync();
        Assert.Equal(Capacity, (await Stream.PullAsync()).Batch);
        _time.Advance(Moment);
        Assert.DoesNotContain((await Stream.AllAsync()).Concat(Stream.Earlier), static r => r.IsAnswer);

        for (var i = 1; i <= 2; i++)
        {
            await Stream.DeliverAsync(i, i + 2, delivered: 2);
            Assert.Equal(($"$JS.ACK.S.C1.2.{i}.{i + 2}.1700000000000000000.9", "+ACK"), await AnsweredAsync());
        }
        Assert.Empty(Take());
    }

    [Fact]
    public async Task What_a_killed_server_has_no_more_or_still_has_is_acknowledged_again()
    {
        var first = await SetUpAsync();
        await Stream.DeliverAsync(18, 1);
        await Stream.SettleAsync();
        Acknowledge(Take()[0]);
        _time.Advance(Moment);
        Assert.Equal("+ACK", (await AnsweredAsync()).Text);

        await Stream.SayAsync(first, "409 Consumer Deleted");
        await Stream.AnswerStreamAsync(last: 19, first: 5);
        await Stream.AnswerConsumerAsync(floor: 10, delivered: 25, unacknowledged: 4);
        Assert.Equal(5, await Stream.AnswerMessageAsync(7));
        Assert.Equal(8, await Stream.AnswerMessageAsync(13));       // somebody works on it
        Assert.Equal(14, await Stream.AnswerMessageAsync(18));
        Assert.Equal(19, await Stream.AnswerMessageAsync(null));
        await Stream.PullAsync();

        var told = (await Stream.AllAsync()).Concat(Stream.Earlier).Where(static r => r.IsAnswer).ToArray();
        Assert.Equal([7, 11, 12, 14, 15, 16, 17, 18, 19],
            told.Select(static r => int.Parse(r.Subject.Split('.')[5], CultureInfo.InvariantCulture)).Order());
        Assert.All(told, static r => Assert.Equal("+ACK", r.Text));
    }

    [Theory]
    [InlineData(10, 25, 0, 1)]      // it waits for nothing, and nothing is there
    [InlineData(10, 25, 4, 3)]      // its servers tell each other
    public async Task Nothing_is_looked_for_where_all_is_in_order(int floor, int delivered, int unacknowledged, int replicas)
    {
        var first = await SetUpAsync();
        await Stream.SayAsync(first, "409 Consumer Deleted");
        await Stream.AnswerStreamAsync(last: 30, first: 11, replicas);
        await Stream.AnswerConsumerAsync(floor, delivered, unacknowledged);
        await Stream.PullAsync();
    }

    [Fact]
    public async Task What_waits_at_the_end_goes_back_once_the_server_has_forgotten_the_pulls_and_so_does_what_it_sends_until_then()
    {
        await SetUpAsync();
        await Stream.DeliverAsync(1, 1);
        await Stream.DeliverAsync(2, 2);
        await Stream.SettleAsync();
        var held = Take(1);

        var refused = Take(1);
        await Stream.DeliverAsync(3, 3);
        await Stream.SettleAsync();
        Stream.HoldPongs();
        Reader.End();
        Reader.Settle(refused[0].Id, Outcome.Refuse);
        Reader.Settle(refused[0].Id, Outcome.Release);
        await Stream.DeliverAsync(4, 4);
        await Stream.DeliverAsync(1, 5, delivered: 2);      // it is being worked on
        await UntilAsync(() => Reader.Inbox.Again == 1);
        await Stream.ReleasePongsAsync();
        await Stream.SettleAsync();
        var asked = await Stream.NextAsync("$JS.API.CONSUMER.INFO.S.C1");
        Assert.Empty(Stream.Earlier);
        Assert.DoesNotContain(await Stream.AllAsync(), static r => r.IsAnswer);
        Assert.False(Reader.Left.IsCompleted);

        await Stream.AnswerAsync(asked, "{}");
        await Patiently(Reader.Left);
        await Stream.NextAsync("$JS.API.CONSUMER.DELETE.S.C1");
        Assert.Equal([(2, "-NAK"), (3, "-NAK"), (4, "-NAK")], Stream.Earlier.Select(static r => (SequenceOf(r), r.Text)));
        Reader.Settle(held[0].Id, Outcome.Acknowledge);
        Assert.Equal(("$JS.ACK.S.C1.2.1.5.1700000000000000000.9", "+ACK"), await AnsweredAsync());
        await Stream.DeliverAsync(5, 6);
        Assert.DoesNotContain(await Stream.AllAsync(), static r => r.IsAnswer);
    }

    [Fact]
    public async Task A_loss_while_the_end_is_under_way_gives_all_back_without_a_word()
    {
        await SetUpAsync();
        await Stream.DeliverAsync(1, 1);
        await Stream.SettleAsync();
        Reader.End();
        await Stream.NextAsync("$JS.API.CONSUMER.INFO.S.C1");
        await Stream.DisposeAsync();
        await Patiently(Reader.Left);
        lock (_connection.Gate) { Assert.Equal((0, 0), (Reader.Inbox.Open, Reader.Inbox.Waiting)); }
    }

    [Fact]
    public async Task Behind_a_gap_a_reader_in_order_goes_on_with_another_consumer()
    {
        await SetUpAsync(inOrder: true);
        await Stream.DeliverAsync(11, 1);
        await Stream.DeliverAsync(13, 3);
        await Stream.DeliverAsync(14, 4);
        Assert.Equal(12, await ReplaceAsync());
        await Stream.DeliverAsync(12, 1);
        await Stream.DeliverAsync(13, 2);
        await Stream.DeliverAsync(13, 3);          // twice
        Assert.Equal(14, await ReplaceAsync());
        await Stream.DeliverAsync(14, 1, pending: 0);
        await Stream.SettleAsync();

        Assert.Equal(["11", "12", "13", "14"], Take().Select(Text));
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4)]
    public async Task No_more_is_pulled_and_held_than_there_is_space_for_whatever_the_order(int seed)
    {
        const int Count = 400;
        var random = new Random(seed);
        var credit = (await SetUpAsync()).Batch;
        var waiting = new Queue<(int Sequence, int Delivered)>(Enumerable.Range(1, Count).Select(static i => (i, 1)));
        HashSet<int> acknowledged = [];
        List<NatsMessage> held = [];
        List<long> toRelease = [];
        for (int delivered = 0, steps = 0; acknowledged.Count < Count; steps++)
        {
            if (steps % Count == 0) { _time.Advance(Moment); }
            Assert.True(steps < 20 * Count, $"it does not go on: {acknowledged.Count} acknowledged, {held.Count} held, {credit} pulled");
            switch (random.Next(6))
            {
                case < 2:
                    for (var i = random.Next(1 + Math.Min(credit, waiting.Count)); i > 0; i--, credit--)
                    {
                        var (sequence, times) = waiting.Dequeue();
                        await Stream.DeliverAsync(sequence, ++delivered, times);
                    }

                    break;
                case 2: held.AddRange(Take(random.Next(1, Capacity))); break;
                case 3 when held.Count > 0:
                    var refused = RemoveAny(held);
                    Reader.Settle(refused.Id, Outcome.Refuse);
                    toRelease.Add(refused.Id);
                    break;
                case 4 when held.Count > 0:
                    var done = RemoveAny(held);
                    if (random.Next(2) == 0) { toRelease.Add(done.Id); }
                    Reader.Settle(done.Id, Outcome.Acknowledge);
                    Reader.Settle(done.Id, Outcome.Acknowledge);
                    if (!toRelease.Contains(done.Id)) { Reader.Settle(done.Id, Outcome.Release); }
                    break;
                default:
                    if (toRelease.Count > 0) { Reader.Settle(RemoveAny(toRelease), Outcome.Release); }
                    break;
            }
            Reader.Take([]);        // it hears what was said

            foreach (var request in await Stream.AllAsync())
            {
                if (request.IsPull) { credit += request.Batch; }
                else
                {
                    var (sequence, times) = (SequenceOf(request), int.Parse(request.Subject.Split('.')[4], CultureInfo.InvariantCulture));
                    if (request.Text == "+ACK") { Assert.True(acknowledged.Add(sequence), $"{sequence} twice"); }
                    else { waiting.Enqueue((sequence, times + 1)); }
                }
            }
            lock (_connection.Gate)
            {
                Assert.InRange(Reader.Inbox.Open + credit, 0, Capacity);
                Assert.Equal(held.Count + Reader.Inbox.Waiting, Reader.Inbox.Open);
            }
        }
        Assert.Empty(waiting);

        T RemoveAny<T>(List<T> list)
        {
            var at = random.Next(list.Count);
            var one = list[at];
            list.RemoveAt(at);
            return one;
        }
    }

    private static int SequenceOf(ScriptedRequest answer) => int.Parse(answer.Subject.Split('.')[5], CultureInfo.InvariantCulture);
    private static string Text(NatsMessage message) => Encoding.ASCII.GetString(message.Payload.Span);

    private async Task BeginAsync(bool inOrder = false)
    {
        var policy = inOrder ? ConsumerConfigAckPolicy.None : ConsumerConfigAckPolicy.Explicit;
        var consumer = new ConsumerConfig { FilterSubject = "s.x", AckPolicy = policy, AckWait = TimeSpan.FromSeconds(30) };
        var reading = new JetReading("S", consumer) { Capacity = Capacity };
        _reader = new(_connection, new(_connection), reading, static _ => Task.CompletedTask, _toDeliver);
        _stream = new(await _server.AcceptAsync(",\"jetstream\":true"));
    }

    private async Task<ScriptedRequest> SetUpAsync(bool inOrder = false)
    {
        await BeginAsync(inOrder);
        await Stream.AnswerStreamAsync();
        await Stream.CreateAsync(inOrder ? 4 : 0);
        return await Stream.PullAsync();
    }

    private void Acknowledge(NatsMessage message)
    {
        Reader.Settle(message.Id, Outcome.Acknowledge);
        Reader.Settle(message.Id, Outcome.Release);
        Reader.Take([]);        // it hears what was said
    }

    /// <summary>The next answer to a message.</summary>
    private async Task<(string Subject, string Text)> NextAnswerAsync()
    {
        while (true)
        {
            var next = await Stream.NextAsync();
            if (next.IsAnswer) { return (next.Subject, next.Text); }
        }
    }

    /// <summary>The one answer to a message.</summary>
    private async Task<(string Subject, string Text)> AnsweredAsync()
    {
        var answer = Assert.Single(await Stream.AllAsync(), static r => r.IsAnswer);
        return (answer.Subject, answer.Text);
    }

    /// <summary>Gives a reader in order another consumer.</summary>
    /// <returns>Where that is to begin.</returns>
    private async Task<int> ReplaceAsync()
    {
        await Stream.AnswerStreamAsync(last: 20);
        await Stream.DeleteAsync();
        var settings = await Stream.CreateAsync(pending: 4);
        await Stream.PullAsync();
        return settings.GetProperty("opt_start_seq").GetInt32();
    }

    private List<NatsMessage> Take(int count = Capacity)
    {
        var into = new NatsMessage[count];
        return [.. into[..Reader.Take(into)]];
    }

    private Exception? Failure() { lock (_connection.Gate) { return Reader.Failure; } }
    private long Silences() { lock (_connection.Gate) { return Reader.Silences; } }

    /// <summary>Lets time pass until a condition holds.</summary>
    private async Task PassAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(ServerProcess.Patience, TimeProvider.System);
        while (!condition())
        {
            Assert.False(patience.IsCancellationRequested, $"waited in vain: {_connection.Counters.LastFault}");
            _time.Advance(TimeSpan.FromMilliseconds(250));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
