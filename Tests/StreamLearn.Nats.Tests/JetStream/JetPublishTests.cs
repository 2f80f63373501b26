using System.Globalization;

namespace StreamLearn.Nats.Tests;

/// <summary>Messages on their way into a stream.</summary>
public sealed class JetPublishTests
{
    [Fact]
    public async Task Any_number_may_be_under_way_and_they_keep_their_order()
    {
        await using var server = await StartAsync();
        await using var link = await OpenAsync(server);
        const int Count = 2000;
        await Task.WhenAll(Enumerable.Range(0, Count).Select(i => link.PublishAsync($"a.{i % 3}", BitConverter.GetBytes(i))));
        var read = (await link.ReadAsync("A", Count)).Select(static b => BitConverter.ToInt32(b)).ToList();
        Assert.All(read.GroupBy(static i => i % 3), static lane => Assert.Equal(lane.Order(), lane));
        Assert.Equal(Enumerable.Range(0, Count), read.Order());
        Assert.Equal(0, link.Publisher.Open);
    }

    [Fact]
    public async Task After_kills_in_the_middle_each_is_in_the_stream_once_and_in_order()
    {
        await using var server = await StartAsync();
        await using var link = await OpenAsync(server);
        var kills = LongForm.IsAsked ? 10 : 2;
        const int Count = 2000;
        List<Task> sent = [];
        for (var kill = 0; kill < kills; kill++)
        {
            for (var i = 0; i < Count; i++)
            {
                // with bytes enough that some wait in the client's buffer
                sent.Add(link.PublishAsync("a.x", [.. BitConverter.GetBytes(sent.Count), .. new byte[1000]],
                    id: sent.Count % 2 == 0 ? string.Create(CultureInfo.InvariantCulture, $"m{sent.Count}") : null));
            }
            await sent[(kill * Count) + (Count / 3)];
            await server.KillAsync();
            await server.StartAgainAsync();
        }
        await Patiently(Task.WhenAll(sent));
        Assert.Equal(kills, link.Link.Counters.Losses);
        Assert.Equal(Enumerable.Range(0, sent.Count), (await link.ReadAsync("A", sent.Count)).Select(static b => BitConverter.ToInt32(b)));
    }

    [Fact]
    public async Task A_publisher_waits_while_the_stream_is_full()
    {
        await using var server = await StartAsync();
        await using var link = await OpenAsync(server, new("A", ["a.>"]) { MaxMsgs = 2, Discard = StreamConfigDiscard.New });
        for (var i = 0; i < 2; i++) { await link.PublishAsync("a.x"); }
        var waiting = link.PublishAsync("a.x", [3]);
        await UntilAsync(() => link.Publisher.Repeated > 1);
        Assert.False(waiting.IsCompleted);
        Assert.Contains("maximum messages", link.LastFault, StringComparison.Ordinal);
        await PurgeAsync(link);
        await Patiently(waiting);
        Assert.Equal([[3]], await link.ReadAsync("A", 1));
    }

    [Fact]
    public async Task A_publisher_that_gives_up_lets_the_next_go_on_and_a_refusal_is_told()
    {
        await using var server = await StartAsync();
        await using var link = await OpenAsync(
            server, new("A", ["a.>"]) { MaxMsgSize = 200, MaxMsgs = 1, Discard = StreamConfigDiscard.New });
        await link.PublishAsync("a.x");
        using var patience = new CancellationTokenSource();
        var given = link.PublishAsync("a.x", cancellation: patience.Token);
        await UntilAsync(() => link.Publisher.Repeated > 0);
        var next = link.PublishAsync("a.x");

        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        await PurgeAsync(link);
        await Patiently(next);
        var refused = await Assert.ThrowsAsync<TransportException>(() => Patiently(link.PublishAsync("a.y", new byte[500])));
        Assert.Contains("a.y: message size exceeds maximum allowed (400, ", refused.Message, StringComparison.Ordinal);
        Assert.False(refused.IsTransient);
    }

    [Fact]
    public async Task A_subject_that_no_stream_takes_fails_long_before_the_deadline_and_others_go_on()
    {
        await using var server = await StartAsync();
        await using var link = await OpenAsync(server, deadline: TimeSpan.FromHours(1));

        var wrong = Enumerable.Range(0, 50).Select(_ => link.PublishAsync("nobody")).ToList();
        var right = link.PublishAsync("a.x");

        foreach (var publishing in wrong)
        {
            var failure = await Assert.ThrowsAsync<TransportException>(() => Patiently(publishing));
            Assert.True(failure.IsTransient);
            Assert.Contains("no stream stores 'nobody': correct the subject, or create a stream", failure.Message,
                StringComparison.Ordinal);
        }
        await Patiently(right);
        Assert.Equal((50, 0), (link.Link.Counters.Untaken, link.Publisher.Open));
    }

    [Fact]
    public async Task A_stream_that_is_made_a_moment_later_still_takes_what_was_published()
    {
        await using var server = await StartAsync();
        await using var link = await OpenAsync(server);
        var early = link.PublishAsync("b.x", [7]);
        await UntilAsync(() => link.Publisher.Repeated > 0);
        await link.Api.RequireStreamAsync(new("B", ["b.>"]), Cancellation);
        await Patiently(early);
        Assert.Equal([[7]], await link.ReadAsync("B", 1));
    }

    [Theory, InlineData("{\"stream\":\"A\""), InlineData("[]"), InlineData("{}"), InlineData("{\"stream\":\"A\",\"seq\":\"1\"}")]
    [InlineData("{\"stream\":1,\"seq\":1}"), InlineData("{\"stream\":\"A\",\"seq\":-1}"), InlineData("")]
    public async Task An_answer_that_cannot_be_read_fails_its_publisher_and_no_other(string answer)
    {
        await using var server = new ScriptedNats();
        await using var link = new TestLink(new() { Servers = [server.Uri] });
        var wrong = link.PublishAsync("a");
        await using var connection = await server.AcceptAsync();
        await connection.SendAsync(await connection.PublishedAsync(), answer);
        var failure = await Assert.ThrowsAsync<TransportException>(() => Patiently(wrong));
        Assert.Contains("cannot be read", failure.Message, StringComparison.Ordinal);
        var right = link.PublishAsync("a");
        await connection.SendAsync(
            await connection.PublishedAsync(), "{\"domain\":\"hub\",\"stream\":\"A\",\"seq\":7,\"more\":{\"x\":[1]}}");
        await Patiently(right);
    }

    private static async Task PurgeAsync(TestLink link) =>
        await new NatsJSContext(link.Link.Connection).PurgeStreamAsync("A", new(), Cancellation);

    private static async Task<TestLink> OpenAsync(RealNats server, StreamConfig? stream = null, TimeSpan? deadline = null)
    {
        var link = new TestLink(new()
        {
            Servers = [server.Uri],
            ReplyDeadline = deadline ?? TimeSpan.FromSeconds(2),
            InitialReconnectDelay = TimeSpan.FromMilliseconds(20),
        });
        await link.Api.RequireStreamAsync(stream ?? new("A", ["a.>"]), Cancellation);
        return link;
    }
}
