using System.CommandLine;
using StreamLearn.Models;

namespace Tool;

/// <summary>The commands of programs that learn.</summary>
internal static class FitCommands
{
    /// <summary>Adds options and action to a command. <paramref name="program"/>: a prefix of each line on standard error.</summary>
    internal static void Complete(Command command, FitCommand kind, string program)
    {
        var choices = new Choices(kind, program);
        choices.AddTo(command);
        command.SetAction((result, cancellationToken) =>
        {
            var options = choices.Of(result);
            return Task.Run(() => RunAsync(options, cancellationToken), CancellationToken.None);        // so that signals come through
        });
    }

    private static Task<int> RunAsync(JobOptions options, CancellationToken cancellationToken)
    {
        var known = new KnownSoFar(options);
        return JobRun.RunAsync(known, Farewell(options), async () =>
        {
            if (Hardware.Warning is { } slow) { await Console.Error.WriteLineAsync($"{options.Program}: {slow}").ConfigureAwait(false); }
            return await Job.RunAsync(options, known, cancellationToken).ConfigureAwait(false);
        }, cancellationToken);
    }

    private static string Farewell(JobOptions options) => options.Answer is not null || options.Alone || options.Rows is not null
        ? "interrupted"
        : $"interrupted; {(options.Checkpoint is null ? "stopping" : "saving")} the fleet";
}
