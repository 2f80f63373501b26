using System.CommandLine;
using System.Globalization;
using StreamLearn;
using StreamLearn.Fleets;

namespace Sensor;

/// <summary>The commands of the sensor program.</summary>
internal static class SensorCommands
{
    private const string Description = """
        Devices of a fleet, from one file: they check their rows, cut windows, learn from them and send what they learned to an aggregator.

        Examples:
          streamlearn-sensor config init > sensor.yaml
          streamlearn-sensor check -c sensor.yaml
          streamlearn-sensor run -c sensor.yaml --set link.url=mqtt://broker
          streamlearn-sensor config show -c sensor.yaml --origin

        Exit codes: 0 all rows are learned from, or saved after SIGTERM or SIGINT: the same command goes on; 1 a block failed; 2 bad command
        line; 65 data refused; 73 state folder in use or not writable; 74 state damaged or of another configuration; 75 not saved in time;
        78 bad configuration; 130 interrupted twice.
        """;

    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);
    private static readonly ConfigCommands<SensorConfig> Commands = new(SensorConfig.Read, SensorSample.Text);

    internal static RootCommand Create() => new(Description) { Run(), Commands.Check(Check), Commands.Config() };

    private static Command Run()
    {
        var slow = new Option<double>("--slow")
        {
            Description = "How many times slower every block works, at least 1.",
            DefaultValueFactory = static _ => 1,
        };
        var drain = ProgramOptions.Drain();
        var ledger = ProgramOptions.Ledger();
        return Commands.Reading("run", "Run the devices until their rows end, or the program is asked to end.",
            (config, result) => RunAsync(
                config.Value, Math.Max(1, result.GetValue(slow)), result.GetValue(drain), result.GetValue(ledger)), slow, drain, ledger);
    }

    private static string Check(SensorConfig config)
    {
        var loop = EdgeLink.Over(new InProcessTransport());
        var devices = SensorDevices.Of(config, epoch: 0);
        foreach (var device in devices) { SensorPipeline.Create(device, loop); }
        return FormattableString.Invariant(
            $"{devices.Count} devices of fleet '{config.Link.Fleet}' at {EdgeServer.NameOf(config.Link.Url)}");
    }

    private static async Task<int> RunAsync(SensorConfig config, double slowdown, bool leaves, FileInfo? ledger)
    {
        using var ending = new Ending();
        var devices = SensorDevices.Of(config, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        var state = config.Link.OpenState();
        var book = ledger is null ? null : new LedgerFile(ledger.FullName);
        List<EdgeLink> links = [];
        List<PipelineRun> runs = [];
        try
        {
            foreach (var device in devices)
            {
                var client = $"sl-{config.Link.Fleet}-{device.Name}";
                links.Add(EdgeLink.Over(EdgeServer.Open(config.Link.Url, client, Kept, config.Link.Login)));
                var rowsEnded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                runs.Add(state.Start(
                    SensorPipeline.Create(device with { Ledger = book, OnRowsEnded = () => rowsEnded.TrySetResult() }, links[^1]),
                    new() { Slowdown = slowdown }));
                _ = DrainAfterAsync(rowsEnded.Task, runs[^1]);
            }

            return await ending.WaitAsync(runs, () => LineOf(runs), leaves).ConfigureAwait(false);
        }
        finally
        {
            foreach (var run in runs) { await run.DisposeAsync().ConfigureAwait(false); }
            foreach (var link in links) { await link.DisposeAsync().ConfigureAwait(false); }
        }
    }

    /// <summary>A heartbeat goes on when rows have ended: the run is brought to its end. How that went, its completion tells.</summary>
    private static async Task DrainAfterAsync(Task rowsEnded, PipelineRun run)
    {
        await rowsEnded.ConfigureAwait(false);
        await Task.WhenAny(run.DrainAsync()).ConfigureAwait(false);
    }

    private static string LineOf(List<PipelineRun> runs) => string.Create(CultureInfo.InvariantCulture,
        $"devices={runs.Count} ended={runs.Count(r => r.Completion.IsCompleted)} rows={runs.Sum(r => r.Metrics["sensor"].RowsIn)} "
            + $"windows={runs.Sum(r => r.Metrics["window"].ItemsOut)} updates={runs.Sum(r => r.Metrics["train"].Counter("updates-sent"))} "
            + $"trained={runs.Sum(r => r.Metrics["train"].Counter("rows-trained"))}");
}
