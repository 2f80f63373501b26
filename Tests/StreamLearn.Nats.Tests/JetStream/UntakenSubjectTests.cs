namespace StreamLearn.Nats.Tests;

/// <summary>A subject that nobody answers for: its stream may have no leader for a while. The clock moves only when the test moves
/// it.</summary>
public sealed class UntakenSubjectTests : IAsyncDisposable
{
    private static readonly string[] Subjects = ["typo", "ty/po"];
    private readonly ManualTimeProvider _time = new();
    private readonly ScriptedNats _server = new();
    private readonly TestLink _link;
    private ScriptedNatsConnection? _connection;
    public UntakenSubjectTests() => _link = new(new() { Servers = [_server.Uri] }, _time);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        if (_connection is not null) { await _connection.DisposeAsync(); }
        await _link.DisposeAsync();
    }

    [Theory]
    [InlineData("""{"total":1,"offset":0,"limit":1024,"streams":["S"]}""")]
    [InlineData("""{"error":{"code":503,"err_code":10008,"description":"JetStream system temporarily unavailable"}}""")]
    [InlineData("""{"error":{"code":400,"description":"no"}}""")]
    [InlineData("""{"streams":null}""")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task While_a_server_does_not_say_that_there_is_no_stream_it_is_waited_for(string answer)
    {
        var (failure, took, asked) = await WaitedAsync(answer);
        Assert.Contains("no stream stores 'typo', or it has no leader", failure.Message, StringComparison.Ordinal);
        Assert.InRange(took, TimeSpan.FromSeconds(29), TimeSpan.FromSeconds(40));
        Assert.InRange(asked, 3, 15);
        Assert.Equal(1, _link.Link.Counters.Untaken);
    }

    [Theory, InlineData("[]"), InlineData("null")]
    public async Task When_it_says_so_two_seconds_later_who_published_hears_it(string streams)
    {
        var (failure, took, asked) = await WaitedAsync($$"""{"total":0,"offset":0,"limit":1024,"streams":{{streams}}}""");
        Assert.Contains("no stream stores 'typo': correct the subject", failure.Message, StringComparison.Ordinal);
        Assert.InRange(took, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4));
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task Of_a_subject_that_a_stream_has_taken_it_is_not_asked()
    {
        var first = PublishAsync();
        _connection = await _server.AcceptAsync(",\"jetstream\":true");
        var (_, reply) = await NextAsync();
        await _connection.SendAsync(reply, "{\"stream\":\"S\",\"seq\":1}");
        await Patiently(first);
        var publishing = PublishAsync();
        var begin = _time.GetUtcNow();
        while (!publishing.IsCompleted) { Assert.False(await ServeAsync(publishing, "{}")); }
        await Assert.ThrowsAsync<TransportException>(() => publishing);
        Assert.InRange(_time.GetUtcNow() - begin, TimeSpan.FromSeconds(29), TimeSpan.FromSeconds(40));
    }

    [Fact]
    public async Task Of_a_server_without_JetStream_it_is_said_at_once()
    {
        var publishing = PublishAsync();
        _connection = await _server.AcceptAsync(",\"jetstream\":false");
        var (_, reply) = await NextAsync();
        await _connection.SendAsync(reply, "", "NATS/1.0 503\r\n\r\n");
        var failure = await Assert.ThrowsAsync<TransportException>(() => Patiently(publishing));
        var without = $"{_link.Link.Name}: the server has no JetStream (nats-server -js)";
        Assert.Equal((without, false), (failure.Message, failure.IsTransient));
        Assert.Equal((0, 1, 0, without),
            (_link.Link.Counters.Untaken, _link.Link.Counters.Published, _link.Publisher.Repeated, _link.LastFault));
    }

    [Fact]
    public async Task A_subject_that_is_written_as_a_topic_is_told_so_and_the_status_says_what_the_error_says()
    {
        var (failure, _, _) = await WaitedAsync("""{"total":0,"offset":0,"limit":1024,"streams":[]}""", "ty/po");
        Assert.Contains("no stream stores 'ty/po': correct the subject, whose levels are separated by '.', not '/', or create a stream",
            failure.Message, StringComparison.Ordinal);
        Assert.Equal(failure.Message, $"{_link.Link.Name}: {_link.LastFault}");
    }

    private async Task<(TransportException Failure, TimeSpan Took, int Asked)> WaitedAsync(string answer, string subject = "typo")
    {
        var publishing = PublishAsync(subject);
        _connection = await _server.AcceptAsync(",\"jetstream\":true");
        var (begin, asked) = (_time.GetUtcNow(), 0);
        while (!publishing.IsCompleted) { asked += await ServeAsync(publishing, answer) ? 1 : 0; }
        return (await Assert.ThrowsAsync<TransportException>(() => publishing), _time.GetUtcNow() - begin, asked);
    }

    private Task PublishAsync(string subject = "typo") => _link.PublishAsync(subject);

    /// <summary>Answers what the client writes next: that nobody is there, or what streams there are.</summary>
    /// <returns>True: it asked for them.</returns>
    private async Task<bool> ServeAsync(Task publishing, string answer)
    {
        var next = NextAsync();
        using var patience = new CancellationTokenSource(ServerProcess.Patience, TimeProvider.System);
        while (!next.IsCompleted && !publishing.IsCompleted)
        {
            patience.Token.ThrowIfCancellationRequested();
            _time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Cancellation);
        }
        if (publishing.IsCompleted) { return false; }
        var (subject, reply) = await next;
        if (subject == "$JS.API.STREAM.NAMES")
        {
            await _connection!.SendAsync(reply, answer);
            return true;
        }
        Assert.Contains(subject, Subjects);
        await _connection!.SendAsync(reply, "", "NATS/1.0 503\r\n\r\n");
        return false;
    }

    /// <summary>The subject of what the client publishes next, and where to answer.</summary>
    private async Task<(string Subject, string Reply)> NextAsync()
    {
        while (true)
        {
            var line = (await _connection!.LineAsync()).Split(' ');
            if (line[0] == "PING") { await _connection.SendAsync("PONG\r\n"); }
            if (line[0] is not ("PUB" or "HPUB")) { continue; }
            while (line[0] == "HPUB" && (await _connection.LineAsync()).Length > 0) { }
            var payload = await _connection.LineAsync();
            Assert.True(Subjects.Contains(line[1])
                || Subjects.Any(s => payload.Contains($"\"subject\":\"{s}\"", StringComparison.Ordinal)), payload);
            return (line[1], line[2]);
        }
    }
}
