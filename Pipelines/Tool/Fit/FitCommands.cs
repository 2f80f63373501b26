using System.CommandLine;
using StreamLearn;
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
            Func<JobOptions> complete = kind == FitCommand.Replay ? () => choices.WithRecorded(result) : () => options;
            return Task.Run(() => RunAsync(options, complete, cancellationToken), CancellationToken.None); // signal handlers are installed
        });
    }

    private static Task<int> RunAsync(JobOptions options, Func<JobOptions> complete, CancellationToken cancellationToken)
    {
        var known = new KnownSoFar(options);
        return JobRun.RunAsync(known, Farewell(options), async () =>
        {
            known.Options = options = complete();
            Check(options);
            if (Hardware.Warning is { } slow) { await Console.Error.WriteLineAsync($"{options.Program}: {slow}").ConfigureAwait(false); }
            return await Job.RunAsync(options, known, cancellationToken).ConfigureAwait(false);
        }, cancellationToken);
    }

    private static string Farewell(JobOptions options) => options.Link is { } server
        ? FormattableString.Invariant($"interrupted; closing the connections to {server.ToString().TrimEnd('/')}, for at most ")
            + FormattableString.Invariant($"{JobRun.MaxFarewell.TotalSeconds:0} s if it does not answer")
        : options.Answer is not null ? "interrupted"
        : options.Alone || options.Rows is not null ? "interrupted"
        : $"interrupted; {(options.Checkpoint is null ? "stopping" : "saving")} the fleet";

    private static void Check(JobOptions options)
    {
        if (options.Login is { Exists: false })
        {
            throw new ProgramException("--login: expected a file, and --link", ExitCode.BadCommandLine);
        }
    }
}
