using System.CommandLine;
using StreamLearn.Simulated;

namespace Quickstart;

internal static class CommandLine
{
    private const string Name = "quickstart";
    private const int BadCommandLine = 2;

    private const string Description = """
        A fleet of sensors learns to distinguish six activities, in one process, without a server.

        Each device runs the same pipeline: it checks its rows, cuts windows of 128 samples of six channels, and trains a small network with
        two exits from a replay buffer. It sends weight deltas to an aggregator pipeline and receives model versions. One device is ten
        times slower than the others, one has a stuck axis, one has a clock that is an hour ahead, one crashes and rejoins. The same fleet
        is trained twice: asynchronously, and with a barrier that waits for all. The report, out/report.html, compares the two.

        Examples:
          dotnet run -c Release --project Examples/Quickstart
          dotnet run -c Release --project Examples/Quickstart -- --data DIR --json result.json
          dotnet run -c Release --project Examples/Quickstart -- --data DIR --scenario Examples/Quickstart/straggler.json --contrast
          dotnet run -c Release --project Examples/Quickstart -- --devices 50 --seed 7 --mode async --seconds 120
          dotnet run -c Release --project Examples/Quickstart -- --graph mermaid

        The tool does the same with your own rows, with several seeds, and saved: streamlearn look, fit and answer, where streamlearn is
        dotnet run -c Release --project Pipelines/Tool --. Over a server it is streamlearn-sensor and streamlearn-aggregator.

        Exit codes: 0 done; 1 a device failed, updates were lost, or the rows do not add up; 2 bad command line; 3 done, but staleness,
        refusals or losses make the result doubtful; 65 data refused; 73 cannot write; 78 bad scenario; 130 interrupted.
        """;

    /// <summary>Runs the command line. A bad one gives one line on standard error and exit code 2.</summary>
    internal static Task<int> RunAsync(string[] arguments)
    {
        var command = new RootCommand(Description);
        var choices = new Choices();
        choices.AddTo(command);
        command.SetAction((result, cancellationToken) =>
        {
            var options = choices.Of(result, Name);
            var known = new PartialResult(options);
            return Task.Run(() => JobRun.RunAsync(known, "interrupted; stopping the fleet",
                () => Job.RunAsync(options, known, cancellationToken), cancellationToken),
                CancellationToken.None);        // the signal handlers are installed
        });
        if (Choices.MovedTo(arguments) is { } moved)
        {
            Console.Error.WriteLine($"{Name}: {moved} (see --help)");
            return Task.FromResult(BadCommandLine);
        }

        var parsed = command.Parse(arguments);
        if (parsed.Errors.Count == 0)
        {
            return parsed.InvokeAsync(new() { ProcessTerminationTimeout = JobRun.MaxStopTime, EnableDefaultExceptionHandler = false });
        }

        foreach (var error in parsed.Errors)
        {
            var text = error.Message.ReplaceLineEndings(" ").Replace("\t", "", StringComparison.Ordinal);
            Console.Error.WriteLine($"{Name}: {text} (see --help)");
        }

        return Task.FromResult(BadCommandLine);
    }
}
