using StreamLearn.Simulated;
using System.CommandLine;
using System.Text.Json;
using StreamLearn.Programs;

namespace TauDemo;

/// <summary>One fleet: a line of JSON for each round. The same command line gives the same bytes.</summary>
internal static class RunCommand
{
    private const int Seconds = 15;
    private const int MostSeconds = 600;

    internal static Command Create()
    {
        var dataCase = Numbers.Whole("--case", null, "The case that nodes begin with.", 1, 4, 1);
        var seconds = Numbers.Whole("--seconds", null, "The budget: virtual seconds that learning may take.", 1, MostSeconds, Seconds);
        var seed = Numbers.Whole("--seed", null, "Seed of digits, order and times.", 0, int.MaxValue, 0);
        var delay = Numbers.Whole("--delay", null, "Milliseconds by which versions take longer on their way.", 0, DemoCommand.MostDelay, 0);
        var at = TimedCommandText.CreateOption();
        var run = new Command("run", "Run one fleet and print each round as a line of JSON.") { at, dataCase, seconds, seed, delay };
        run.SetAction((parsed, cancellation) => Task.FromResult(Print(
            new()
            {
                Case = (DataCase)parsed.GetValue(dataCase),
                Budget = TimeSpan.FromSeconds(parsed.GetValue(seconds)),
                Seed = parsed.GetValue(seed),
                AddedDelay = TimeSpan.FromMilliseconds(parsed.GetValue(delay)),
                Commands = [.. parsed.GetValue(at) ?? []],
            },
            parsed.InvocationConfiguration.Output, cancellation)));
        return run;
    }

    /// <summary>Runs a fleet and prints its rounds.</summary>
    internal static int Print(TauFleetSettings settings, TextWriter output, CancellationToken cancellationToken)
    {
        using var fleet = new WatchedFleet(settings);
        try
        {
            foreach (var report in fleet.Run(cancellationToken))
            {
                output.Write(JsonSerializer.Serialize(report, ReportJson.Default.RoundReport));
                output.Write('\n');
                output.Flush();
            }
        }
        catch (OperationCanceledException)
        {
            return CommandLine.Interrupted;
        }
        catch (IOException e) when (StandardOutput.IsClosed(e))
        {
            return 0;
        }

        return 0;
    }
}
