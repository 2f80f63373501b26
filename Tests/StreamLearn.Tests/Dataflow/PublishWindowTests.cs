namespace StreamLearn.Tests;

/// <summary>Publications that are under way at once.</summary>
public sealed class PublishWindowTests
{
    private static readonly MessageFate Acknowledged = new(1, 0, 1);
    private static readonly MessageFate Refused = new(0, 1, 1);

    [Fact]
    public async Task Messages_are_acknowledged_in_order_whichever_is_confirmed_first()
    {
        var transport = Holding(8);
        var run = Start(transport, 8);
        await Published(transport, 8);
        Assert.Equal(
            Enumerable.Range(0, 8).Select(i => ($"{i}", (long)i)),
            transport.Published.Select(p => (p.Payload, p.Origin.Sequence)));

        foreach (var number in new[] { 7, 2, 1, 5 }) { transport.Confirm(number: number); }
        Assert.DoesNotContain(transport.Fates, f => f.HasEnded);
        transport.Confirm(number: 0);
        await transport.UntilAsync(t => t.Fates.Count(f => f.HasEnded) == 3, Blocks.Patience);
        Assert.Equal([true, true, true, false, false, false, false, false], transport.Fates.Select(f => f.HasEnded));
        foreach (var number in new[] { 6, 4, 3 }) { transport.Confirm(number: number); }

        transport.End("in");
        await run.EndAsync();
        Assert.Empty(transport.Violations);
        Assert.Equal(Enumerable.Range(0, 8), transport.Ended);
        Assert.All(transport.Fates, f => Assert.Equal(Acknowledged, f));
    }

    [Theory, InlineData(64, 5, 5), InlineData(3, 100, 3), InlineData(1, 100, 1), InlineData(100, 0, 64)]
    public async Task No_more_are_under_way_than_the_settings_and_the_transport_allow(int transports, int settings, int window)
    {
        var transport = Holding(transports);
        var run = Start(transport, 200, settings == 0 ? new() : new() { InFlight = settings });
        for (var i = 0; i < 200; i++)
        {
            await Published(transport, Math.Min(200, i + window));
            transport.Confirm();
        }
        transport.End("in");
        await run.EndAsync();
        Assert.Equal(window, transport.MaxUnderWay);
        Assert.Empty(transport.Violations);
        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"{i}"), transport.Published.Select(p => p.Payload));
        Assert.All(transport.Fates, f => Assert.Equal(Acknowledged, f));
    }

    [Fact]
    public async Task No_more_bytes_are_under_way_than_the_edge_may_hold()
    {
        var size = Blocks.Number(new BatchPool(), 0).SizeBytes;
        var transport = Holding(64);
        var run = Blocks.Start(p => p.Subscribe(transport, "in", NumberCodec.Default).Buffer(16, capacityBytes: (5 * size) + 1)
            .Publish(transport, "out", NumberCodec.Default));
        for (var i = 0; i < 50; i++) { transport.Deliver("in", $"{i}"); }
        for (var i = 0; i < 50; i++)
        {
            await Published(transport, Math.Min(50, i + 5));
            transport.Confirm();
        }
        transport.End("in");
        await run.EndAsync();
        Assert.Equal(5, transport.MaxUnderWay);
    }

    [Fact]
    public async Task A_failure_in_the_middle_ends_the_run_with_those_before_it_acknowledged_and_those_after_it_refused()
    {
        var transport = Holding(8);
        var run = Start(transport, 30);
        await Published(transport, 8);

        transport.Confirm(number: 6);
        transport.Confirm(new TransportException("late", isTransient: false), number: 5);
        transport.Confirm(new TransportException("early", isTransient: false), number: 3);
        Assert.False(run.Completion.IsCompleted);
        foreach (var number in new[] { 4, 1, 0, 2 }) { transport.Confirm(number: number); }

        var failure = await run.FailAsync("publish out");
        Assert.Equal((4, "early"), (failure.Item, failure.InnerException!.Message));
        Assert.Empty(transport.Violations);
        Assert.All(transport.Fates.Take(3), f => Assert.Equal(Acknowledged, f));
        Assert.All(transport.Fates.Skip(3), f => Assert.Equal((0, f.Released), (f.Acknowledged, f.Refused)));
    }

    [Fact]
    public async Task After_a_failure_no_further_message_is_published()
    {
        var transport = Holding(2);
        var run = Start(transport, 30);
        await Published(transport, 2);
        transport.Confirm(new TransportException("no", isTransient: false), number: 1);
        transport.Confirm(number: 0);
        Assert.Equal(2, (await run.FailAsync("publish out")).Item);
        Assert.InRange(transport.Published.Length, 2, 3);      // one may have begun before the failure was seen
    }

    [Fact]
    public async Task A_codec_that_throws_fails_its_message_after_those_before_it()
    {
        var transport = Holding(8);
        var run = Blocks.Start(p => p.Subscribe(transport, "in", NumberCodec.Default).Publish(transport, "out", NumberCodec.Default));
        foreach (var text in new[] { "1", "2", "-666", "3" }) { transport.Deliver("in", text); }
        await Published(transport, 2);
        Assert.False(run.Completion.IsCompleted);
        transport.Confirm();
        transport.Confirm();
        Assert.Equal(3, (await run.FailAsync("publish out")).Item);
        Assert.Equal([Acknowledged, Acknowledged, Refused], transport.Fates.Take(3));
    }

    [Fact]
    public async Task A_drain_waits_for_all_that_is_under_way()
    {
        var transport = Holding(16);
        var run = Start(transport, 12);
        await Published(transport, 12);
        var drained = run.DrainAsync(Cancellation);
        for (var number = 11; number >= 0; number--)
        {
            Assert.False(drained.IsCompleted);
            transport.Confirm(number: number);
        }
        await drained.WaitAsync(Blocks.Patience, Cancellation);
        await run.EndAsync();
        Assert.All(transport.Fates, f => Assert.Equal(Acknowledged, f));
    }

    [Fact]
    public async Task Canceling_acknowledges_what_was_confirmed_up_to_the_first_that_was_not_and_refuses_the_rest()
    {
        var transport = Holding(8);
        using var stop = new CancellationTokenSource();
        var run = Blocks.Start(p => p.Subscribe(transport, "in", NumberCodec.Default).Publish(transport, "out", NumberCodec.Default),
            cancellationToken: stop.Token);
        for (var i = 0; i < 30; i++) { transport.Deliver("in", $"{i}"); }
        await Published(transport, 8);
        foreach (var number in new[] { 0, 1, 4, 5 }) { transport.Confirm(number: number); }
        await Published(transport, 10);

        await stop.CancelAsync();

        Assert.IsAssignableFrom<OperationCanceledException>(await run.SettleAsync());
        Assert.Empty(transport.Violations);
        Assert.All(transport.Fates.Take(2), f => Assert.Equal(Acknowledged, f));
        Assert.All(transport.Fates.Skip(2), f => Assert.Equal((0, f.Released), (f.Acknowledged, f.Refused)));
    }

    [Theory]
    [InlineData(1, 5_000, 1)]
    [InlineData(7, 5_000, 1)]
    [InlineData(64, 5_000, 1)]
    [InlineData(500, 500, 100)]     // no place is used twice: each is made as the one before may be ending
    public async Task Under_many_threads_every_message_is_acknowledged_once_and_in_order(int window, int count, int runs)
    {
        for (var i = 0; i < runs; i++) { await AcknowledgesInOrder(window, count); }
    }

    [Fact]
    public void A_window_is_shown_compared_and_checked()
    {
        static Pipeline With(int window, int transports) => Pipeline.Define("a", p => p.Numbers(1).Publish(
            new ScriptedTransport("field") { MaxInFlight = transports },
            "out", NumberCodec.Default, new PublicationOptions { InFlight = window }));

        Assert.Contains("publish out: Batch →; at most 20 in flight\n", With(20, 100).Explain(), StringComparison.Ordinal);
        Assert.Contains("publish out: Batch →; at most 20 in flight\n", With(100, 20).Explain(), StringComparison.Ordinal);
        Assert.Contains("publish out: Batch →\n", With(100, 1).Explain(), StringComparison.Ordinal);
        Assert.Contains("messages in work 16 MiB", With(2, 2).Explain(), StringComparison.Ordinal);
        Assert.Contains("messages in work 8 MiB", With(1, 2).Explain(), StringComparison.Ordinal);
        Assert.NotEqual(With(20, 1), With(21, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => With(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => With(65_536, 1));
    }

    private static ScriptedTransport Holding(int maxInFlight) => new() { HoldPublications = true, MaxInFlight = maxInFlight };

    private static PipelineRun Start(ScriptedTransport transport, int messages, PublicationOptions? options = null)
    {
        for (var i = 0; i < messages; i++) { transport.Deliver("in", $"{i}"); }
        return Blocks.Start(p => p.Subscribe(transport, "in", NumberCodec.Default).Publish(transport, "out", NumberCodec.Default,
            options ?? new()));
    }

    private static Task Published(ScriptedTransport transport, int count) =>
        transport.UntilAsync(t => t.Published.Length >= count, Blocks.Patience);

    private static async Task AcknowledgesInOrder(int window, int count)
    {
        var transport = new ScriptedTransport { MaxInFlight = window, YieldPublications = true };
        var run = Start(transport, count);
        transport.End("in");
        await run.EndAsync();
        Assert.Empty(transport.Violations);
        Assert.True(transport.MaxUnderWay <= window);
        Assert.Equal(Enumerable.Range(0, count).Select(i => $"{i}"), transport.Published.Select(p => p.Payload));
        Assert.Equal(Enumerable.Range(0, count), transport.Ended);
    }
}
