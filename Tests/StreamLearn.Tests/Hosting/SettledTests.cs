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
            Settled = () => awaited == 0,
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
        var run = Blocks.Start(p => p.Numbers(1).Block("asks", new()
        {
            Process = (call, batch) =>
            {
                call.Context.WakeAt(call.Context.Now + TimeSpan.FromMilliseconds(1));
                call.Main.Emit(batch);
            },
            Settled = () => settled,
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
        var run = Blocks.Start(p => p.Numbers(3).Block("asks", new() { Settled = static () => false, Complete = _ => completed++ })
            .ControlledBy(p.Input<Note>("answers")).Discard());
        await Eventually.TrueAsync(() => run.Metrics["asks"].ItemsIn == 3);
        Assert.Equal(0, completed);

        run.Complete("answers");

        await run.EndAsync();
        Assert.Equal(1, completed);
    }
}
