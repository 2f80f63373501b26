namespace StreamLearn.Tests;

/// <summary>A block whose rows have ended may still await answers on its control input.</summary>
public sealed class SettledTests
{
    [Fact]
    public async Task Complete_is_put_off_until_the_answers_have_come()
    {
        var (awaited, log) = (3, new List<string>());
        var run = Blocks.Start(p => p.Numbers(3).Block("asks", new()
        {
            AwaitingReplies = () => awaited != 0,
            Control = (_, note) =>
            {
                awaited--;
                log.Add($"answer {note.Number}");
            },
            Complete = _ => log.Add("complete"),
        }).ControlledBy(p.Input<Note>("answers")).Discard());
        await Eventually.TrueAsync(() => run.Metrics["asks"].ItemsIn == 3);
        for (var number = 1; number <= 3; number++) { await run.SendAsync("answers", new Note(number)); }

        await run.EndAsync();
        Assert.Equal(["answer 1", "answer 2", "answer 3", "complete"], log);
    }

    [Fact]
    public async Task A_wake_up_may_give_the_answers_up()
    {
        var (settled, log) = (false, new List<string>());
        var run = Blocks.Start(p => p.Numbers(1).Block("asks", Script.Passing((call, _) =>
            call.Context.WakeAt(call.Context.Now + TimeSpan.FromMilliseconds(1))) with
        {
            AwaitingReplies = () => !settled,
            WakeUp = _ =>
            {
                settled = true;
                log.Add("gives up");
            },
            Complete = _ => log.Add("complete"),
        }).ControlledBy(p.Input<Note>("answers")).Discard());
        await run.EndAsync();

        Assert.Equal(["gives up", "complete"], log);
    }

    [Fact]
    public async Task Without_a_control_input_that_could_answer_nothing_is_awaited()
    {
        var completed = 0;
        var run = Blocks.Start(p => p.Numbers(3).Block("asks", new() { AwaitingReplies = static () => true, Complete = _ => completed++ })
            .ControlledBy(p.Input<Note>("answers")).Discard());
        await Eventually.TrueAsync(() => run.Metrics["asks"].ItemsIn == 3);
        Assert.Equal(0, completed);
        run.Complete("answers");
        await run.EndAsync();
        Assert.Equal(1, completed);
    }

    [Fact]
    public async Task After_its_end_a_block_gets_control_messages_until_it_is_settled()
    {
        var (awaited, log, seen) = (2, new List<string>(), new List<int>());
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var run = Blocks.Start(p => p.Numbers(1).Block("asks", new()
        {
            AwaitingReplies = () => ended.Task.IsCompleted && awaited != 0,
            Control = (call, note) =>
            {
                awaited--;
                log.Add($"answer {note.Number}");
                call.Main.Emit(Blocks.Number(call.Context.Pool, note.Number));
            },
            Complete = _ =>
            {
                log.Add("complete");
                ended.SetResult();
            },
        }).ControlledBy(p.Input<Note>("answers")).Collect(seen));
        await ended.Task.WaitAsync(Blocks.Patience);

        for (var number = 1; number <= 2; number++)
        {
            Assert.False(run.Completion.IsCompleted);
            await run.SendAsync("answers", new Note(number));
        }
        await run.EndAsync();
        Assert.Equal(["complete", "answer 1", "answer 2"], log);
        Assert.Equal([0, 1, 2], seen);
    }

    [Fact]
    public async Task After_its_end_a_block_is_woken_though_nothing_can_answer_and_emits_then()
    {
        var (wakeUps, ended, seen) = (3, false, new List<int>());
        await Blocks.RunAsync(p => p.Numbers(1).Block("asks", new()
        {
            AwaitingReplies = () => ended && wakeUps != 0,
            WakeUp = call =>
            {
                call.Main.Emit(Blocks.Number(call.Context.Pool, 100 + --wakeUps));
                if (wakeUps > 0) { call.Context.WakeAt(call.Context.Now); }
            },
            Complete = call =>
            {
                ended = true;
                call.Context.WakeAt(call.Context.Now + TimeSpan.FromMilliseconds(1));
            },
        }).Collect(seen));
        Assert.Equal([0, 102, 101, 100], seen);
    }

    [Fact]
    public async Task A_block_that_is_settled_at_its_end_ends_though_it_has_asked_for_a_wake_up()
    {
        var woken = 0;
        await Blocks.RunAsync(p => p.Numbers(1).Block("asks", new()
        {
            WakeUp = _ => woken++,
            Complete = call => call.Context.WakeAt(call.Context.Now + TimeSpan.FromDays(1)),
        }).ControlledBy(p.Input<Note>("answers")).Discard());
        Assert.Equal(0, woken);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_block_that_waits_after_its_end_ends_with_its_control_input_or_by_a_drain(bool drain)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var run = Blocks.Start(p => p.Numbers(1).Block("asks", new()
        {
            AwaitingReplies = () => ended.Task.IsCompleted,
            Complete = _ => ended.SetResult(),
        }).ControlledBy(p.Input<Note>("answers")).Discard());
        await ended.Task.WaitAsync(Blocks.Patience);
        Assert.False(run.Completion.IsCompleted);
        if (drain) { await run.DrainAsync(Cancellation).WaitAsync(Blocks.Patience); }
        else { run.Complete("answers"); }
        await run.EndAsync();
    }

    [Fact]
    public async Task A_drained_run_waits_five_seconds_for_what_would_open_a_closed_block()
    {
        var (clock, transport, ended) = (new ManualTimeProvider(), new ScriptedTransport(), false);
        var run = Blocks.Start(p => p.Numbers(3).Block("closed", new() { Ready = static () => false, Complete = _ => ended = true })
            .ControlledBy(p.Subscribe(transport, "notes", new AcknowledgementTests.NoteCodec())).Discard(), new() { TimeProvider = clock });
        await Eventually.TrueAsync(() => run.Metrics.Edges.Any(static e => e.Queued == 3));      // else a drain finds nothing made
        var drained = run.DrainAsync(Cancellation);
        clock.Advance(PipelineRun.SteeredFor - TimeSpan.FromMilliseconds(1));
        Assert.False(drained.IsCompleted || ended);
        clock.Advance(TimeSpan.FromMilliseconds(2));
        await drained.WaitAsync(Blocks.Patience);
        Assert.True(ended);
    }
}
