using System.CommandLine;
using System.Text.Json;

namespace TauDemo;

/// <summary>One fleet without a page: a line of JSON for each round. The same command line gives the same bytes.</summary>
internal static class RunCommand
{
    private const int Seconds = 15;

    internal static Command Create()
    {
        var options = new FleetOptions(Seconds);
        var at = FleetOptions.CreateAt("virtual seconds");
        var run = new Command("run", "Run one fleet and print each round as a line of JSON.") { at };
        options.AddTo(run);
        run.SetAction((parsed, cancellation) => Task.FromResult(
            Print(options.Of(parsed) with { Commands = [.. parsed.GetValue(at) ?? []] },
            parsed.InvocationConfiguration.Output, cancellation)));
        return run;
    }

    /// <summary>Runs a fleet and prints its rounds.</summary>
    /// <param name="settings">The fleet.</param>
    /// <param name="output">Where to.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What the program ends with.</returns>
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
        catch (IOException e) when (LineOutput.IsReaderGone(e))
        {
            return 0;
        }

        return 0;
    }
}
