using System.CommandLine;
using StreamLearn.Fleets;
using StreamLearn.Tables;

namespace Sensor;

/// <summary>The commands of the program. A custom program registers its codes before it runs them.</summary>
public static class SensorCommands
{
    private const string Description = """
        Runs devices of a fleet from one configuration file. They check rows, cut windows, learn, and send updates to an aggregator.

        Examples:
          streamlearn-sensor config init > sensor.yaml
          streamlearn-sensor config init --csv 'data/*.csv' > sensor.yaml
          streamlearn-sensor config init --mqtt plant/+/rows --url mqtt://broker > sensor.yaml
          streamlearn-sensor check -c sensor.yaml --online
          streamlearn-sensor once -c sensor.yaml --rows 5
          streamlearn-sensor run -c sensor.yaml --set link.url=mqtt://broker
          streamlearn-sensor config show -c sensor.yaml --origin
          streamlearn-sensor forget-aggregator -c sensor.yaml
          streamlearn-sensor replay recorded

        Exit codes: 0 all rows processed, or saved after SIGTERM, SIGINT or --for: the same command resumes; 1 a block failed; 2 bad
        command line; 65 data refused, or none came; 68 no aggregator ever answered, or it refused everything; 69 server not reachable;
        73 state folder in use or not writable; 74 disk error, or state damaged or of another configuration; 75 not saved in time; 77 login
        refused; 78 bad configuration; 130 interrupted twice.
        """;

    private static readonly KeepSignificantOptions AllChanges = new() { Threshold = SignificanceThreshold.Constant(0) };
    private static readonly CodeUpdatesOptions AllValues = new() { Code = TensorCode.TopK(1) };
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);
    private static readonly ConfigCommands<SensorConfig> Commands = new(SensorConfig.Read, SensorSample.Text);
    private static readonly ConfigCommands<SensorConfig> Rows = new(SensorConfig.ReadRows, SensorSample.Text);

    internal static Task<int> RunAsync(string[] arguments, TextWriter help) => CommandRunner.RunAsync(Create(), arguments, help);

    /// <summary>Creates the root command.</summary>
    public static RootCommand Create() => new(Description)
    {
        Run(),
        Commands.Check(Check, OnlineCheck.RunAsync),
        Once(),
        Rows.Status(static config => config.Link.State),
        ForgetAggregator.Create(Rows),
        Replay("streamlearn-sensor"),
        Commands.Config(SensorInit.Create()),
        VersionCommand.Create("streamlearn-sensor"),
    };

    /// <summary>Creates the command that repeats recorded runs.</summary>
    /// <param name="program">The name before a line of standard error.</param>
    public static Command Replay(string program) => SensorReplay.Create(program);

    private static Command Run()
    {
        var slow = new Option<double>("--slow")
        {
            Description = "Factor by which every block is slowed down, at least 1.",
            DefaultValueFactory = static _ => 1,
        };
        var time = TimeOption.Create("--for", "Stop cleanly after this time: 90s, 10m; default: when the rows end.");
        var (drain, ledger) = (ProgramOptions.Drain(), ProgramOptions.Ledger());
        return Commands.Reading("run", "Run the devices until their rows end, or until SIGTERM or SIGINT.",
            async (config, result) =>
            {
                var (file, book) = (Path.GetFullPath(result.GetValue<string[]>("--config")![0]), result.GetValue(ledger));
                RunRecorder? Record(long epoch) => config.Value.Record is not { } asked ? null
                    : Recording.Open(asked, new(file, config.ToYaml(), epoch, book is not null, SensorDevices.OfThisMachine), Say);
                while (true)
                {
                    var exit = await RunAsync(config.Value, Math.Max(1, result.GetValue(slow)), result.GetValue(time),
                        result.GetValue(drain), book, Record).ConfigureAwait(false);
                    if (exit is { } code) { return code; }
                }
            },
            slow, time, drain, ledger);
    }

    private static Command Once()
    {
        var rows = new Option<int>("--rows")
        {
            Description = "Number of rows to show of each device, at least 1.",
            DefaultValueFactory = static _ => 10,
        };
        var time = TimeOption.Create("--for", "Maximum time to wait for rows; default 30s.");
        return Rows.Reading("once", "Show some rows of each device and their quality; nothing is learned.",
            (config, result) => OnceCommand.RunAsync(config.Value, Math.Max(1, result.GetValue(rows)),
                result.GetValue(time) ?? TimeSpan.FromSeconds(30), Console.Out, Console.Error), rows, time);
    }

    private static string Check(SensorConfig config)
    {
        LoginFile.Check(config.Link.Login);
        LoginFile.Check((config.Source as ServerConfig)?.Login);
        var loop = EdgeLink.Over(new InProcessTransport());
        List<IAsyncDisposable> opened = [];
        // a check measures no layers
        var fixedSplit = config.Learn with { Split = config.Learn.Split is { } split ? split with { Layers = split.Layers ?? 0 } : null };
        var devices = SensorDevices.Of(config with { Learn = fixedSplit }, epoch: 0, opened);
        foreach (var device in devices) { SensorPipeline.Create(device, loop); }
        return Named(devices.Count, config) + (config.Answers?.ExitsText is { } exits ? $"\nexits: {exits}" : "")
            + (config.Answers?.BoundText is { } bound ? $"\nbound: {bound}" : "")
            + (config.Answers?.PrecisionText is { } precision ? $"\nprecision: {precision}" : "");
    }

    private static string Named(int devices, SensorConfig config) => FormattableString.Invariant(
        $"{devices} {(devices == 1 ? "device" : "devices")}{MoreOf(config.Source)} of fleet '{config.Link.Fleet}', ")
        + $"for {EdgeServer.NameOf(config.Link.Url)}";

    private static string MoreOf(SourceConfig source) => source is ServerConfig { AtMost: { } most }
        ? FormattableString.Invariant($", and further ones up to {most},") : "";

    private static async Task<int?> RunAsync(SensorConfig config, double slowdown, TimeSpan? time, TimeSpan? drain, FileInfo? ledger,
        Func<long, RunRecorder?> record)
    {
        StatusFile.Prepare(config.Link.State);
        using var hold = StateHold.Take(config.Link.State);
        using var ending = new Ending();
        ending.EndAfter(time);
        var started = TimeProvider.System.GetUtcNow();
        List<IAsyncDisposable> opened = [];
        var epoch = started.ToUnixTimeMilliseconds();
        using var recording = record(epoch);
        var any = config.Source as ServerConfig is { AtMost: not null } found ? FoundDevices.Open(found, config.Link.State, Say) : null;
        if (any is not null)
        {
            opened.Add(any);
            config = config with { Source = (ServerConfig)config.Source with { Devices = any.Names } };
        }

        var devices = DevicesOf(config, epoch, opened);
        var state = config.Link.OpenState(config.SaveEvery);
        var book = LedgerFile.Open(ledger);
        var score = new OwnScore();
        var refusals = new LabelRefusals(Say);
        var model = new ModelWatch(Say);
        List<EdgeLink> links = [];
        List<PipelineRun> runs = [];
        List<Task> ends = [];
        SensorWatch? watch = null;
        var mark = new DrainMark(state);
        var comparison = DeviceComparison.Start(config, Say);
        if (comparison is not null) { opened.Add(comparison); }
        try
        {
            var left = devices.FindAll(d => mark.IsSet(d.Name));
            if (left.Count > 0)
            {
                foreach (var device in left) { Begin(device); }
                return await ending.FinishAsync(runs, drain, mark).ConfigureAwait(false);
            }

            foreach (var device in devices) { Begin(device); }
            if (devices.Count > 0) { Watch(); }
            Console.Out.WriteLine(Named(devices.Count, config));
            if (config.Answers?.ExitsText is { } exits) { Console.Out.WriteLine($"exits: {exits}"); }
            if (config.Answers?.PrecisionText is { } precision) { Console.Out.WriteLine($"precision: {precision}"); }
            if (config.Answers?.BoundText is { } bound) { Console.Out.WriteLine($"bound: {bound}"); }
            var exit = await ending.WaitAsync(runs, () => watch?.Line() ?? $"no device has appeared{any?.RetainedText}", drain, mark,
                any is null ? null : NextAsync).ConfigureAwait(false);
            if (watch is null)
            {
                Say($"no device has published on {((ServerConfig)config.Source).Topic}");
                exit = exit == ProgramExit.Done ? ProgramExit.DataRefused : exit;
            }

            if (comparison is not null && watch is { HasEnded: true } && await comparison.SettleAsync().ConfigureAwait(false))
            {
                Console.Out.WriteLine(watch.Line());
            }

            exit = watch?.ExitOf(exit, ending.IsAsked) ?? exit;
            if (time is null || exit != ProgramExit.Done || watch!.HasEnded) { return exit; }
            var refusal = await ServerCheck.RefusesAsync(links.SelectMany(static l => l.Transports), config.Link.Url, config.Link.Login)
                .ConfigureAwait(false);
            if (refusal is null && config.Source is ServerConfig source)
            {
                refusal = await ServerCheck.RefusesAsync(opened.OfType<ITransport>(), source.Url, source.Login).ConfigureAwait(false);
            }

            if (refusal is not null) { Say(refusal.Text); }
            return refusal?.ExitCode ?? exit;
        }
        finally
        {
            await new DisposableGroup(runs).DisposeAsync().ConfigureAwait(false);
            await new DisposableGroup([.. links, .. opened]).DisposeAsync().ConfigureAwait(false);
        }

        void Begin(SensorOptions device)
        {
            var client = $"sl-{config.Link.Fleet}-{device.Name}";
            // the key was removed: held changes go with the next update
            var significant = device.Significant ?? (state.HasBlock(device.Name, "keep-significant") ? AllChanges : null);
            var code = device.Code ?? (state.HasBlock(device.Name, "code-updates") ? AllValues : null);
            var transport = EdgeServer.Open(config.Link.Url, client, Kept, config.Link.Login);
            links.Add(EdgeLink.Over(config.Link.Play(transport, device.Name, links.Count)));
            var rowsEnded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            PipelineRun? own = null;
            var recorder = state.Has(device.Name) ? null : recording;
            if (recording is not null && recorder is null) { Say($"{device.Name} is not recorded: it goes on from a checkpoint"); }
            var options = device with
            {
                Ledger = book,
                OnRowsEnded = () => rowsEnded.TrySetResult(),
                OnEvaluation = score.Add,
                HeldUp = recorder is null ? () => Volatile.Read(ref own)?.Metrics.HoldUps ?? [] : null,     // it is measured
                Labels = device.Labels is { } later ? later with { OnRefused = refusals.Add, OnGone = refusals.AddGone } : null,
                Significant = significant,
                Code = code,
                Check = model.Of(device, config.Model),
            };
            var pipeline = SensorPipeline.Create(options, links[^1]);
            var folder = state.Of(device.Name);
            runs.Add(own = state.Start(pipeline, new() { Slowdown = slowdown, Recorder = recorder },
                anew: [.. SensorPipeline.BlocksOfOtherSettings(options, pipeline), .. ForgetAggregator.Blocks(folder)],
                problem: () => model.Saved));
            ends.Add(rowsEnded.Task);
            _ = ForgetAggregator.EndAsync(own, folder);
            _ = DrainAfterAsync(rowsEnded.Task, runs[^1]);
        }

        // a new device restarts the watch for all, which may repeat warnings
        void Watch() =>
            watch = new(config, [.. devices], [.. runs], [.. links], [.. ends], score, comparison, model, started, Console.Error);

        async Task<PipelineRun> NextAsync(CancellationToken cancellationToken)
        {
            var name = await any!.NextAsync(cancellationToken).ConfigureAwait(false);
            var one = config with { Source = (ServerConfig)config.Source with { Devices = [name] } };
            devices.AddRange(DevicesOf(one, epoch, opened));
            Begin(devices[^1]);
            Watch();
            Console.Out.WriteLine($"found {name}");
            return runs[^1];
        }
    }

    private static List<SensorOptions> DevicesOf(SensorConfig config, long epoch, List<IAsyncDisposable> opened) =>
        config.Learn.Split is { Layers: null }
            ? SlowWork.Do("measuring the time of each layer of the model, for the planner", Console.Out.WriteLine, TimeProvider.System,
                () => SensorDevices.Of(config, epoch, opened))
            : SensorDevices.Of(config, epoch, opened);

    private static void Say(string text) => Console.Error.WriteLine($"streamlearn-sensor: {text}");

    /// <summary>Heartbeats outlive the rows, so the run is drained. Its completion reports the result.</summary>
    private static async Task DrainAfterAsync(Task rowsEnded, PipelineRun run)
    {
        await rowsEnded.ConfigureAwait(false);
        await Task.WhenAny(run.DrainAsync()).ConfigureAwait(false);
    }
}
