using System.CommandLine;
using StreamLearn;
using StreamLearn.Models;
using StreamLearn.Tables;

namespace Tool;

/// <summary>The commands of programs that learn.</summary>
public static class FitCommands
{
    /// <summary>Maximum time an interrupted command takes to close its connections.</summary>
    public static TimeSpan MaxFarewell { get; } = TimeSpan.FromSeconds(10);

    /// <summary>Adds options and action to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="kind">Its task.</param>
    /// <param name="program">The program's name, a prefix of each line on standard error.</param>
    public static void Complete(Command command, FitCommand kind, string program)
    {
        ArgumentNullException.ThrowIfNull(command);
        var choices = new Choices(kind, program);
        choices.AddTo(command);
        command.SetAction((result, cancellationToken) =>
        {
            var options = choices.Of(result);
            Func<JobOptions> complete = kind == FitCommand.Replay ? () => choices.WithRecorded(result) : () => options;
            return Task.Run(() => RunAsync(options, complete, cancellationToken), CancellationToken.None); // signals are heard now
        });
    }

    private static async Task<int> RunAsync(JobOptions options, Func<JobOptions> complete, CancellationToken cancellationToken)
    {
        var known = new KnownSoFar(options);
        using var told = cancellationToken.Register(() => Console.Error.WriteLine(Farewell(options)));
        try
        {
            known.Options = options = complete();
            Check(options);
            if (Hardware.Warning is { } slow) { await Console.Error.WriteLineAsync($"{options.Program}: {slow}").ConfigureAwait(false); }
            return await Job.RunAsync(options, known, cancellationToken).ConfigureAwait(false);
        }
        catch (ProgramException e)
        {
            await Console.Error.WriteLineAsync($"{options.Program}: {PrintableText.Of(e.Message)}").ConfigureAwait(false);
            known.Write(e.Message, e.ExitCode);
            return e.ExitCode;
        }
        catch (OperationCanceledException)
        {
            var written = options.Json is null ? "nothing was written" : $"only {options.Json} was written";
            await Console.Error.WriteLineAsync($"{options.Program}: interrupted; {PrintableText.Of(written)}").ConfigureAwait(false);
            known.Write("interrupted", ExitCode.Interrupted);
            return ExitCode.Interrupted;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)        // a full disk; a stream that is closed
        {
            await Console.Error.WriteLineAsync($"{options.Program}: the output cannot be written: {e.Message}").ConfigureAwait(false);
            return ExitCode.CannotWrite;
        }
    }

    private static string Farewell(JobOptions options) => $"{options.Program}: " + (options.Link is { } server
        ? FormattableString.Invariant($"interrupted; closing the connections to {server.ToString().TrimEnd('/')}, for at most ")
            + FormattableString.Invariant($"{MaxFarewell.TotalSeconds:0} s if it does not answer")
        : options.Answer is not null ? "interrupted"
        : options.Alone || options.Rows is not null ? "interrupted"
        : $"interrupted; {(options.Checkpoint is null ? "stopping" : "saving")} the fleet");

    private static void Check(JobOptions options)
    {
        if (options.Login is { Exists: false })
        {
            throw new ProgramException("--login: expected a file, and --link", ExitCode.BadCommandLine);
        }
    }
}
