using System.CommandLine;
using StreamLearn.Tables;

namespace Tool;

/// <summary>The commands that learn from rows, or look at them, and the part of <c>answer</c> that is about files. The program's name is
/// before each line on standard error.</summary>
internal static class FitCommands
{
    internal static void Fit(Command command, string program)
    {
        var choices = new FitChoices();
        choices.AddTo(command);
        command.SetAction((result, cancellationToken) =>
        {
            var options = choices.Of(result, program);
            var known = new PartialResult(options);
            return Run(known, EndingOf(options), () => Job.RunAsync(options, known, cancellationToken), cancellationToken);
        });
    }

    internal static void Look(Command command, string program)
    {
        var rows = new RowChoices();
        Given.Add(command, rows.ToLearn, OptionRules.OfLook);
        command.SetAction((result, cancellationToken) =>
        {
            var chosen = rows.Of(result);
            return Run(new(new() { Program = program }), "interrupted",
                () => Task.FromResult(LookText.Write(FirstLook.At(chosen.Look), Console.Out, chosen.Window)), cancellationToken);
        });
    }

    internal static void Answer(Command command, string program)
    {
        var choices = new AnswerChoices();
        choices.AddTo(command);
        command.SetAction((result, cancellationToken) =>
        {
            var chosen = choices.Of(result);
            return Run(new(new() { Program = program }), "interrupted", () => AnswerJob.RunAsync(chosen, cancellationToken),
                cancellationToken);
        });
    }

    /// <summary>On another thread, so that signals come through.</summary>
    private static Task<int> Run(PartialResult known, string farewell, Func<Task<int>> work, CancellationToken cancellationToken) =>
        Task.Run(() => JobRun.RunAsync(known, farewell, async () =>
        {
            if (Hardware.Warning is { } slow)
            {
                await Console.Error.WriteLineAsync($"{known.Options.Program}: {slow}").ConfigureAwait(false);
            }

            return await work().ConfigureAwait(false);
        }, cancellationToken), CancellationToken.None);

    private static string EndingOf(JobOptions options) => options.Alone || options.Rows is not null ? "interrupted"
        : $"interrupted; {(options.Checkpoint is null ? "stopping" : "saving")} the fleet";
}
