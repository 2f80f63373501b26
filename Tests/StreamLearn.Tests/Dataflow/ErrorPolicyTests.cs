using System.Runtime.CompilerServices;

namespace StreamLearn.Tests;

/// <summary>Error policies with time between attempts, of sinks and publications, and dead letters of any size.</summary>
public sealed class ErrorPolicyTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_call_is_repeated_after_a_delay_that_doubles_and_nothing_overtakes_it()
    {
        var (time, attempts, seen) = (new ManualTimeProvider(), 0, new List<int>());
        var run = Blocks.Start(p => p.Numbers(3)
            .Block("block", Script.Throws(batch => Blocks.Number(batch) == 1 && ++attempts <= 2, "not yet"))
            .OnError(ErrorPolicy.Retry(2, delay: Second)).Collect(seen), new() { TimeProvider = time });
        await Eventually.TrueAsync(() => run.Metrics["block"].Counter("retries") == 1 && time.PendingTimers > 0);
        time.Advance(Second / 2);
        Assert.Equal((1, 1L), (attempts, run.Metrics["block"].ItemsOut));
        time.Advance(Second);
        await Eventually.TrueAsync(() => run.Metrics["block"].Counter("retries") == 2 && time.PendingTimers > 0);
        time.Advance(Second);
        Assert.Equal(2, attempts);
        await AdvanceUntil(time, run);

        Assert.Equal([0, 1, 2], seen);
        Assert.Equal(3, attempts);
    }

    [Fact]
    public async Task A_run_that_stops_does_not_wait_for_a_call_to_be_repeated()
    {
        using var stop = new CancellationTokenSource();
        var run = Blocks.Start(p => p.Numbers(3)
            .Block("block", new() { Process = static (_, _) => throw new InvalidOperationException("no") })
            .OnError(ErrorPolicy.Retry(9, delay: ErrorPolicy.LongestDelay)).Discard(), cancellationToken: stop.Token);
        await Eventually.TrueAsync(() => run.Metrics["block"].Counter("retries") == 1);
        await stop.CancelAsync();
        Assert.IsAssignableFrom<OperationCanceledException>(await run.SettleAsync());
    }

    [Theory, InlineData(0, 1), InlineData(1, 2), InlineData(5, 32), InlineData(6, 60), InlineData(999, 60)]
    public void The_delay_doubles_up_to_a_minute(int attempt, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), ErrorPolicy.Retry(1000, delay: Second).DelayBefore(attempt));

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        Assert.Equal("times", Assert.Throws<ArgumentOutOfRangeException>(() => ErrorPolicy.Retry(0)).ParamName);
        Assert.Throws<ArgumentOutOfRangeException>(() => ErrorPolicy.Retry(1, delay: -Second));
        Assert.Throws<ArgumentOutOfRangeException>(() => ErrorPolicy.Retry(1, delay: 61 * Second));
        Assert.Throws<ArgumentOutOfRangeException>(() => Pipeline.Define("p", p => p.Numbers(1).ForEach("each", static _ => { })
            .OnError(new ErrorPolicy(-1, ErrorAction.Skip))));
        Assert.Equal("retry 3 after 0.5 s, then skip", ErrorPolicy.Retry(3, ErrorPolicy.Skip, Second / 2).ToString());
    }

    [Fact]
    public async Task The_end_of_a_flow_takes_a_name_and_a_policy()
    {
        var (transport, seen, letters) = (new ScriptedTransport(), new List<int>(), new List<DeadLetter>());
        await Blocks.RunAsync(p =>
        {
            var numbers = p.Numbers(4);
            numbers.ForEach("each", b =>
            {
                if (Blocks.Number(b) == 2) { throw new InvalidOperationException("two"); }
                seen.Add(Blocks.Number(b));
            }).Named("some").OnError(ErrorPolicy.DeadLetter);
            numbers.Publish(transport, "out", NumberCodec.Default).Named("first");
            numbers.Publish(transport, "out", NumberCodec.Default).Named("second").OnError(ErrorPolicy.Skip);
            numbers.Discard().Named("gone");
            p.DeadLetters.ForEach("letters", letter => letters.Add(letter with { Item = "" }));
        });
        Assert.Equal([0, 1, 3], seen);
        Assert.Equal(("some", "two"), (letters[0].Block, letters[0].Reason));
        Assert.Equal(8, transport.Published.Length);
        Assert.Equal(["test/first", "test/second"], transport.Published.Select(m => m.Origin.Source).Distinct().Order());
    }

    [Theory, InlineData(false, new[] { "0", "2", "3" }, 0), InlineData(true, new[] { "0", "2", "3" }, 1)]
    public async Task A_message_that_cannot_be_encoded_is_skipped_or_set_aside(bool deadLetter, string[] published, int letters)
    {
        var (transport, set) = (new ScriptedTransport { YieldPublications = true }, new List<string>());
        var run = await Blocks.RunAsync(p =>
        {
            p.Numbers(4).Block("spoil", Script.Passing(static (_, batch) =>
            {
                if (Blocks.Number(batch) == 1) { batch.Channels[0].Writable<float>()[0] = -666; }
            })).Publish(transport, "out", NumberCodec.Default).OnError(deadLetter ? ErrorPolicy.DeadLetter : ErrorPolicy.Skip);
            p.DeadLetters.ForEach("letters", l => set.Add($"{l.Block}: {l.Reason}: {Blocks.Number((Batch)l.Item)}"));
        });
        Assert.Equal(published, transport.Published.Select(m => m.Payload));
        Assert.Equal(Enumerable.Repeat("publish out: cannot encode -666: -666", letters), set);
        Assert.Equal(1, run.Metrics["publish out"].Drops[deadLetter ? "dead-letter" : "error"]);
    }

    [Fact]
    public async Task A_publication_repeats_what_may_succeed_later_with_the_same_identity_and_nothing_else()
    {
        var transport = new Refusing(new() { ["1"] = (true, 2), ["2"] = (false, 1), ["3"] = (true, 9) });
        var letters = new List<string>();
        var run = await Blocks.RunAsync(p =>
        {
            p.Numbers(5).Publish(transport, "out", NumberCodec.Default)
                .OnError(ErrorPolicy.Retry(2, ErrorPolicy.DeadLetter, TimeSpan.FromMilliseconds(1)));
            p.DeadLetters.ForEach("letters", l => letters.Add($"{Blocks.Number((Batch)l.Item)}: {l.Reason}"));
        });
        Assert.Equal(["0", "1", "4"], transport.Taken.Select(t => t.Payload));
        Assert.Equal([0, 1, 4], transport.Taken.Select(t => (int)t.Sequence));
        Assert.Equal(["2: refused", "3: refused"], letters.Order());
        Assert.Equal((4, 6), (run.Metrics["publish out"].Counter("retries"), run.Metrics["publish out"].Errors));
    }

    [Fact]
    public async Task A_letter_may_be_as_large_as_what_its_block_may_take()
    {
        var columns = new Schema(Field.Channel("x", Unit.One));
        var letters = 0L;
        var run = Blocks.Start(p =>
        {
            p.EdgeDefaults = new() { CapacityBytes = 1024 };
            p.Input<Batch>("in").Buffer(2, capacityBytes: 64 << 10).ForEach("each", static _ => throw new InvalidOperationException("no"))
                .OnError(ErrorPolicy.DeadLetter);
            p.DeadLetters.ForEach("letters", l => letters += l.SizeBytes);
        });
        await run.SendAsync("in", run.Pool.Rent(columns, 4 << 10));
        run.Complete("in");
        await run.EndAsync();

        Assert.Equal(16 << 10, letters);
    }

    [Fact]
    public void A_recorded_run_cannot_set_publications_aside()
    {
        var pipeline = Pipeline.Define("p", p =>
        {
            p.Numbers(1).Publish(new ScriptedTransport(), "out", NumberCodec.Default).OnError(ErrorPolicy.DeadLetter);
            p.DeadLetters.Discard();
        });
        var failure = Assert.Throws<ArgumentException>(() => pipeline.Start(new() { Recorder = new(new StringWriter()) }));
        Assert.Contains("'publish out'", failure.Message, StringComparison.Ordinal);
    }

    private static async Task AdvanceUntil(ManualTimeProvider time, PipelineRun run)
    {
        while (!run.Completion.IsCompleted)
        {
            time.Advance(Second);
            await Task.Yield();
        }
        await run.EndAsync();
    }

    /// <summary>Refuses messages by their payload: whether it may succeed later, and how often.</summary>
    private sealed class Refusing(Dictionary<string, (bool Transient, int Times)> refusals) : ITransport
    {
        public string Name => "refusing";
        public List<(string Payload, long Sequence)> Taken { get; } = [];

        public async ValueTask PublishAsync(
            Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken)
        {
            await Task.Yield();
            var text = Encoding.UTF8.GetString(payload);
            if (refusals.TryGetValue(text, out var refusal) && refusal.Times > 0)
            {
                refusals[text] = (refusal.Transient, refusal.Times - 1);
                throw new TransportException("refused", refusal.Transient);
            }
            Taken.Add((text, options.Origin.Sequence));
        }

        public async IAsyncEnumerable<Message> SubscribeAsync(
            Topic filter, SubscribeOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.CompletedTask;
            yield break;
        }

        public ValueTask DisposeAsync() => default;
    }
}
