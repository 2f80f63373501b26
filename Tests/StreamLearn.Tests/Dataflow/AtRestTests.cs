using System.Runtime.CompilerServices;

namespace StreamLearn.Tests;

/// <summary>Whether a run waits for others alone.</summary>
public sealed class AtRestTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task A_run_that_waits_for_a_message_is_at_rest_and_one_that_is_within_a_call_is_not()
    {
        var gate = new Gate();
        await using var run = Blocks.Start(p => p.Input<Batch>("in").ForEach("pass", _ => gate.Pass()));
        await Eventually.TrueAsync(() => run.IsAtRest);

        await run.SendAsync("in", Blocks.Number(run.Pool, 1), Cancellation);
        await gate.Reached;
        Assert.False(run.IsAtRest);

        gate.Open();
        await Eventually.TrueAsync(() => run.IsAtRest);
        run.Complete("in");
        await run.EndAsync();
        Assert.True(run.IsAtRest);
    }

    [Fact]
    public async Task A_wake_up_does_not_count_and_a_call_that_is_to_be_repeated_does()
    {
        var time = new ManualTimeProvider();
        await using var woken = Start(static (call, _) => call.Context.WakeAt(call.Context.Now + Hour));
        await using var repeated = Start(static (_, _) => throw new InvalidOperationException("later"));
        await Eventually.TrueAsync(() => time.PendingTimers == 2 && woken.IsAtRest);
        await NeverAtRestAsync(repeated);

        PipelineRun Start(Action<Call, Batch> process) => Blocks.Start(p => p.Numbers(1).Block("work", Script.Passing(process) with
        {
            AwaitingReplies = static () => true,
        }).OnError(ErrorPolicy.Retry(1, delay: ErrorPolicy.LongestDelay)).ControlledBy(p.Input<Note>("notes")).Discard(),
            new() { TimeProvider = time });
    }

    [Fact]
    public async Task A_run_that_is_drained_is_not_while_it_waits_for_answers_of_which_it_tires()
    {
        var time = new ManualTimeProvider();
        await using var run = Blocks.Start(p => p.Numbers(1).Block("asks", new() { AwaitingReplies = static () => true })
            .ControlledBy(p.Subscribe(new ScriptedTransport(), "answers", new AcknowledgementTests.NoteCodec())).Discard(),
            new() { TimeProvider = time });
        await Eventually.TrueAsync(() => run.Metrics["asks"].ItemsOut == 1 && run.IsAtRest);
        var draining = run.DrainAsync(Cancellation);
        await NeverAtRestAsync(run);
        time.Advance(PipelineRun.SteeredFor + TimeSpan.FromSeconds(1));
        await draining.WaitAsync(Blocks.Patience, Cancellation);
    }

    [Fact]
    public async Task A_sequence_that_waits_for_space_is_at_rest()
    {
        await using var run = Blocks.Start(p => p.FromSequence("read", static (pool, _) => Endless(pool))
            .Publish(new ScriptedTransport { HoldPublications = true }, "out", NumberCodec.Default));
        await Eventually.TrueAsync(() => run.IsAtRest);
    }

    [Fact]
    public async Task A_sequence_a_function_and_a_source_of_later_are_not_at_rest()
    {
        await using var sequence = Blocks.Start(p => p.FromSequence("read", static (_, token) => Never(token)).Discard());
        await using var function = Blocks.Start(p => p.Numbers(1).MapAsync("ask", static async (batch, token) =>
        {
            await Task.Delay(Hour, TimeProvider.System, token);
            return batch;
        }, parallelism: 1).Discard());
        await using var source = Blocks.Start(p => p.Numbers(1).Discard(), new() { TimeProvider = new Early(), Pace = Pace.Original });
        await Eventually.TrueAsync(() => function.Metrics["numbers"].ItemsOut == 1 && function.Stages.Exists(static s => s.Closed));
        await NeverAtRestAsync(sequence, function, source);
    }

    [Fact]
    public async Task What_waits_for_a_checkpoint_or_to_be_repeated_is_due_and_what_waits_for_an_answer_is_not()
    {
        await using var refusing = Start(new Refusing(), withCheckpoint: false);
        await using var held = Start(new ScriptedTransport { MaxInFlight = 8 }, withCheckpoint: true);
        await using var unanswered = Start(new ScriptedTransport { HoldPublications = true }, withCheckpoint: false);
        await Eventually.TrueAsync(() => refusing.Metrics["publish out"].Counter("retries") == 1);
        await Eventually.TrueAsync(() => held.Metrics["numbers"].ItemsOut == 1);
        await NeverAtRestAsync(refusing, held);
        await Eventually.TrueAsync(() => unanswered.Metrics["publish out"].ItemsIn == 1 && unanswered.IsAtRest);
    }

    /// <summary>Looks often enough for turns that were under way to end.</summary>
    private static async Task NeverAtRestAsync(params PipelineRun[] runs)
    {
        for (var i = 0; i < 1000; i++)
        {
            Assert.All(runs, static r => Assert.False(r.IsAtRest));
            await Task.Yield();
        }
    }

    private static PipelineRun Start(ITransport transport, bool withCheckpoint) => Blocks.Start(
        p => p.Numbers(1).Publish(transport, "out", NumberCodec.Default, new PublicationOptions { WithCheckpoint = withCheckpoint })
            .OnError(ErrorPolicy.Retry(1, delay: ErrorPolicy.LongestDelay)),
        new() { Checkpoints = new("memory") { Storage = new FaultyStorage(), Every = Timeout.InfiniteTimeSpan, HoldAtMost = Hour } });

    private static async IAsyncEnumerable<Batch> Never([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Delay(Hour, TimeProvider.System, cancellationToken);
        yield break;
    }

    private static async IAsyncEnumerable<Batch> Endless(BatchPool pool)
    {
        await Task.Yield();
        while (true) { yield return Blocks.Number(pool, 1); }
    }

    /// <summary>A clock before the first message of every source. Its timers are the system's: the run goes on.</summary>
    private sealed class Early : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch - Hour;
    }

    private sealed class Refusing : ITransport
    {
        public string Name => "refusing";

        public ValueTask PublishAsync(
            Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken) =>
            throw new TransportException("refused", isTransient: true);

        public IAsyncEnumerable<Message> SubscribeAsync(Topic filter, SubscribeOptions options, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask DisposeAsync() => default;
    }
}
