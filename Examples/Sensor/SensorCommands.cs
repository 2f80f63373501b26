using System.CommandLine;
using System.Globalization;
using StreamLearn;
using StreamLearn.Configuration;
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

        Exit codes: 0 all rows are learned from, or drained after SIGTERM or SIGINT; 1 a block failed; 2 bad command line; 65 data refused;
        75 not drained in time; 78 bad configuration; 130 interrupted twice.
        """;

    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);
    private static readonly TimeSpan TimeToDrain = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LineEvery = TimeSpan.FromSeconds(1);

    internal static RootCommand Create() => new(Description) { Run(), Check(), Config() };

    private static Command Run()
    {
        var (files, overrides) = (ProgramOptions.Files(), ProgramOptions.Overrides());
        var slow = new Option<double>("--slow")
        {
            Description = "How many times slower every block works, at least 1.",
            DefaultValueFactory = static _ => 1,
        };
        var command = new Command("run", "Run the devices until their rows end, or the program is asked to end.")
        {
            files, overrides, slow,
        };
        command.SetAction((result, _) => RunAsync(Read(result, files, overrides).Value, Math.Max(1, result.GetValue(slow))));
        return command;
    }

    private static Command Check()
    {
        var (files, overrides) = (ProgramOptions.Files(), ProgramOptions.Overrides());
        var command = new Command("check", "Check the configuration and the graph; nothing runs.") { files, overrides };
        command.SetAction(result =>
        {
            var config = Read(result, files, overrides).Value;
            var loop = EdgeLink.Over(new InProcessTransport());
            var devices = SensorDevices.Of(config, epoch: 0);
            foreach (var device in devices) { SensorPipeline.Create(device, loop); }
            Console.Out.WriteLine(FormattableString.Invariant(
                $"good: {devices.Count} devices of fleet '{config.Link.Fleet}' at {EdgeServer.NameOf(config.Link.Url)}"));
            return ProgramExit.Done;
        });
        return command;
    }

    private static Command Config()
    {
        var (files, overrides) = (ProgramOptions.Files(), ProgramOptions.Overrides());
        var origin = new Option<bool>("--origin") { Description = "Say where each value comes from." };
        var show = new Command("show", "Print the configuration with all defaults.") { files, overrides, origin };
        show.SetAction(result => Console.Out.Write(Read(result, files, overrides).ToYaml(result.GetValue(origin))));
        var init = new Command("init", "Print a commented configuration that runs as it is.");
        init.SetAction(static _ => Console.Out.Write(SensorSample.Text));
        return new("config", "Print configurations.") { show, init };
    }

    private static ConfigReading<SensorConfig> Read(ParseResult result, Option<string[]> files, Option<string[]> overrides) =>
        ConfigTree.Load(result.GetValue(files)!, result.GetValue(overrides)).Read(SensorConfig.Read);

    private static async Task<int> RunAsync(SensorConfig config, double slowdown)
    {
        using var ending = new Ending();
        var time = TimeProvider.System;
        var devices = SensorDevices.Of(config, time.GetUtcNow().ToUnixTimeMilliseconds());
        List<EdgeLink> links = [];
        List<PipelineRun> runs = [];
        try
        {
            foreach (var device in devices)
            {
                var client = $"sl-{config.Link.Fleet}-{device.Name}";
                links.Add(EdgeLink.Over(EdgeServer.Open(config.Link.Url, client, Kept, config.Link.Login)));
                runs.Add(SensorPipeline.Create(device, links[^1]).Start(new() { Slowdown = slowdown }));
            }

            using var over = new CancellationTokenSource();
            var lines = ShowAsync(runs, time, over.Token);
            var exit = await ending.WaitAsync(runs, TimeToDrain).ConfigureAwait(false);
            await over.CancelAsync().ConfigureAwait(false);
            await lines.ConfigureAwait(false);
            Console.Out.WriteLine(LineOf(runs));
            return exit;
        }
        finally
        {
            foreach (var run in runs) { await run.DisposeAsync().ConfigureAwait(false); }
            foreach (var link in links) { await link.DisposeAsync().ConfigureAwait(false); }
        }
    }

    private static async Task ShowAsync(List<PipelineRun> runs, TimeProvider time, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(LineEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false)) { Console.Out.WriteLine(LineOf(runs)); }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private static string LineOf(List<PipelineRun> runs) => string.Create(CultureInfo.InvariantCulture,
        $"devices={runs.Count} ended={runs.Count(r => r.Completion.IsCompleted)} rows={runs.Sum(r => r.Metrics["sensor"].RowsIn)} "
            + $"windows={runs.Sum(r => r.Metrics["window"].ItemsOut)} updates={runs.Sum(r => r.Metrics["train"].Counter("updates-sent"))} "
            + $"trained={runs.Sum(r => r.Metrics["train"].Counter("rows-trained"))}");
}
