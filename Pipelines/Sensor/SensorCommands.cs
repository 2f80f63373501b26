using System.CommandLine;

namespace Sensor;

/// <summary>The commands of the program. A custom program registers its codecs before it runs them.</summary>
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
          streamlearn-sensor node -c sensor.yaml --name pi-1
          streamlearn-sensor forget-aggregator -c sensor.yaml
          streamlearn-sensor replay recorded

        Exit codes: 0 all rows processed, or saved after SIGTERM, SIGINT or --for: the same command resumes; 1 a block failed; 2 bad
        command line; 65 data refused, or none came; 68 no aggregator ever answered, or it refused everything; 69 server not reachable;
        73 state folder in use or not writable; 74 disk error, or state damaged or of another configuration; 75 not saved in time; 77 login
        refused; 78 bad configuration; 130 interrupted twice.
        """;

    private static readonly ConfigCommands<SensorConfig> Commands = new(SensorConfig.Read, SensorSample.Text);
    private static readonly ConfigCommands<SensorConfig> Rows = new(SensorConfig.ReadRows, SensorSample.Text);

    /// <summary>Runs a command as streamlearn-sensor does: the same exit codes, one line per problem, and a drain on SIGTERM.</summary>
    public static Task<int> RunAsync(string[] arguments) => RunAsync(arguments, CommandRunner.SetPrintableConsole());

    internal static Task<int> RunAsync(string[] arguments, TextWriter help) => CommandRunner.RunAsync(Create(), arguments, help);

    /// <summary>Creates the root command.</summary>
    public static RootCommand Create() => new(Description)
    {
        Run(),
        Commands.Check(Check, OnlineCheck.RunAsync),
        Once(),
        NodeCommand.Create(Commands),
        Rows.Status(static config => config.Link.State),
        ForgetAggregator.Create(Rows),
        Replay("streamlearn-sensor"),
        Commands.Config(SensorInit.Create()),
        VersionCommand.Create("streamlearn-sensor"),
    };

    /// <summary>Creates the command that repeats recorded runs.</summary>
    /// <param name="program">The name printed before each line of standard error.</param>
    /// <param name="others">Pipelines of other programs' recordings; null for those of another one.</param>
    public static Command Replay(string program,
        params IReadOnlyList<Func<FileInfo, DirectoryInfo, ICollection<IAsyncDisposable>, IEnumerable<Pipeline>?>> others) =>
        ReplayCommand.Create(program, [SensorRun.PipelinesOf, .. others]);

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
            (config, result) =>
            {
                SensorRunOptions asked = new(SensorRun.StartOf(config, result), Math.Max(1, result.GetValue(slow)), result.GetValue(time),
                    result.GetValue(drain), result.GetValue(ledger));
                return Ending.RepeatAsync(() => SensorRun.RunAsync(config.Value, asked));
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
        return Named(devices.Count, config);
    }

    internal static string Named(int devices, SensorConfig config) => string.Join('\n', Lines(devices, config));

    internal static IEnumerable<string> Lines(int devices, SensorConfig config)
    {
        (string Of, string? Text)[] more = [("rows", config.RateText), ("exits", config.Answers?.ExitsText),
            ("precision", config.Answers?.PrecisionText), ("bound", config.Answers?.BoundText)];
        return more.Where(static line => line.Text is not null).Select(static line => $"{line.Of}: {line.Text}")
            .Prepend(FormattableString.Invariant(
                $"{devices} {(devices == 1 ? "device" : "devices")}{MoreOf(config.Source)} of fleet '{config.Link.Fleet}', ")
                + $"for {EdgeServer.NameOf(config.Link.Url)}");
    }

    private static string MoreOf(SourceConfig source) => source is ServerConfig { AtMost: { } most }
        ? FormattableString.Invariant($", and further ones up to {most},") : "";

    internal static void Say(string text) => Console.Error.WriteLine($"streamlearn-sensor: {text}");
}
