using System.CommandLine;
using StreamLearn.Learning;
using StreamLearn.OwnData;

namespace Quickstart;

/// <summary>The command line and what its errors cost.</summary>
internal static class CommandLine
{
    private const string Description = """
        A fleet of sensors learns to tell six activities apart, in one process, without a server.

        Each device runs the same pipeline: it checks its rows, cuts windows of 128 samples of six channels, and trains a small network with
        two exits from a replay buffer. It sends weight deltas to an aggregator pipeline and gets model versions back. One device is ten
        times slower than the others, one has a stuck axis, one a clock that is an hour ahead, one crashes and comes back. The same fleet
        is trained twice: without anybody waiting, and with a barrier that waits for all. The report, out/report.html, compares the two.

        Examples:
          dotnet run -c Release --project Examples/Quickstart
          dotnet run -c Release --project Examples/Quickstart -- --data DIR --json result.json
          dotnet run -c Release --project Examples/Quickstart -- --data DIR --scenario Examples/Quickstart/straggler.json --contrast
          dotnet run -c Release --project Examples/Quickstart -- --devices 50 --seed 7 --mode async --seconds 120
          dotnet run -c Release --project Examples/Quickstart -- --seeds 5 --scenario Examples/Quickstart/straggler.json
          dotnet run -c Release --project Examples/Quickstart -- --checkpoint saved --seconds 3000
          dotnet run -c Release --project Examples/Quickstart -- --host dataflow --record run.slrec
          dotnet run -c Release --project Examples/Quickstart -- --replay run.slrec
          dotnet run -c Release --project Examples/Quickstart -- --link mqtt://localhost
          dotnet run -c Release --project Examples/Quickstart -- --link nats://localhost
          dotnet run -c Release --project Examples/Quickstart -- --graph mermaid

        Your own rows: a look at them, a fleet of their devices, one machine with all of them, and answers with what was learned:
          dotnet run -c Release --project Examples/Quickstart -- --csv 'data/*.csv'
          dotnet run -c Release --project Examples/Quickstart -- --csv 'data/*.csv' --label activity --device person --unseen 'p07,p09'
          dotnet run -c Release --project Examples/Quickstart -- --csv 'data/*.csv' --label activity --rate 25 --alone
          dotnet run -c Release --project Examples/Quickstart -- --answer out/model.safetensors --csv live.csv --follow
          dotnet run -c Release --project Examples/Quickstart -- --arrow 'data/*.arrow' --label activity
          dotnet run -c Release --project Examples/Quickstart -- --answer out/model.safetensors --arrow new.arrow --out answers.arrow

        Exit codes: 0 done; 1 a device failed, the server is not there, updates were lost or got no answer, or the rows do not add up; 2 bad
        command line; 3 done, but staleness, refusals, lost connections or a link that is too slow make the result doubtful;
        65 data refused; 73 cannot write; 78 bad scenario; 130 interrupted.
        """;

    /// <summary>How long a run that is interrupted may take to close its connections.</summary>
    private static readonly TimeSpan LongestFarewell = TimeSpan.FromSeconds(10);

    /// <summary>Parses and runs; a bad command line is one line on standard error and exit code 2.</summary>
    internal static Task<int> RunAsync(string[] arguments)
    {
        var parsed = Create().Parse(arguments);
        if (parsed.Errors.Count == 0)
        {
            return parsed.InvokeAsync(new() { ProcessTerminationTimeout = LongestFarewell, EnableDefaultExceptionHandler = false });
        }

        foreach (var error in parsed.Errors)
        {
            Console.Error.WriteLine(
                $"quickstart: {error.Message.ReplaceLineEndings(" ").Replace("\t", "", StringComparison.Ordinal)} "
                    + "(--help shows what there is)");
        }
        return Task.FromResult(ExitCode.BadCommandLine);
    }

    private static RootCommand Create()
    {
        var choices = new Choices();
        var command = new RootCommand(Description);
        choices.AddTo(command);
        command.SetAction((result, cancellationToken) =>
        {
            var options = choices.Of(result);
            return Task.Run(() => RunAsync(options, cancellationToken), CancellationToken.None);        // signals are heard from here on
        });
        return command;
    }

    private static async Task<int> RunAsync(QuickstartOptions options, CancellationToken cancellationToken)
    {
        var known = new KnownSoFar(options);
        using var told = cancellationToken.Register(() => Console.Error.WriteLine(Farewell(options)));
        try
        {
            Check(options);
            if (Hardware.Warning is { } warning) { await Console.Error.WriteLineAsync($"quickstart: {warning}").ConfigureAwait(false); }
            return await Job.RunAsync(options, known, cancellationToken).ConfigureAwait(false);
        }
        catch (ProgramException e)
        {
            await Console.Error.WriteLineAsync($"quickstart: {Printable.Of(e.Message)}").ConfigureAwait(false);
            known.Write(e.Message, e.ExitCode);
            return e.ExitCode;
        }
        catch (OperationCanceledException)
        {
            var written = options.Json is null ? "nothing was written" : $"only {options.Json} was written";
            await Console.Error.WriteLineAsync($"quickstart: interrupted; {Printable.Of(written)}").ConfigureAwait(false);
            known.Write("interrupted", ExitCode.Interrupted);
            return ExitCode.Interrupted;
        }
    }

    /// <summary>What an interrupted program waits for.</summary>
    private static string Farewell(QuickstartOptions options) => options.Link is { } server
        ? FormattableString.Invariant($"quickstart: interrupted; closing the connections to {server.ToString().TrimEnd('/')}, for at most ")
            + FormattableString.Invariant($"{LongestFarewell.TotalSeconds:0} s if it does not answer")
        : options.Answer is not null ? "quickstart: interrupted"
        : options.Alone || options.Rows is not null ? "quickstart: interrupted"
        : $"quickstart: interrupted; {(options.Checkpoint is null ? "stopping" : "saving")} the fleet";

    private static void Check(QuickstartOptions options)
    {
        if (options.Login is { Exists: false })
        {
            throw new ProgramException("--login: expected a file, and --link", ExitCode.BadCommandLine);
        }
    }
}
