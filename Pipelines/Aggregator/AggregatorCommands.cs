using System.CommandLine;
using System.Security.Cryptography;
using StreamLearn.Mqtt;

namespace Aggregator;

/// <summary>The commands of the program. A program of your own registers its strategies and planners before it runs them.</summary>
public static class AggregatorCommands
{
    private const string Description = """
        Runs the aggregator of a fleet: it merges the updates of devices into model versions and sends them back.

        Examples:
          streamlearn-aggregator config init > aggregator.yaml
          streamlearn-aggregator config init --model-of sensor.yaml > aggregator.yaml
          streamlearn-aggregator check -c aggregator.yaml --online
          streamlearn-aggregator run -c aggregator.yaml --evaluate har --http 8080
          streamlearn-aggregator run -c aggregator.yaml --set aggregate.strategy.fedbuff.updates=20
          streamlearn-aggregator switch fedavg -c aggregator.yaml
          streamlearn-aggregator models ls -c aggregator.yaml
          streamlearn-aggregator models export --to model.safetensors -c aggregator.yaml
          streamlearn-aggregator status -c aggregator.yaml --watch
          streamlearn-aggregator devices ls -c aggregator.yaml
          streamlearn-aggregator devices forget pump-7 -c aggregator.yaml
          streamlearn-aggregator updates tail -c aggregator.yaml -n 20 --follow
          streamlearn-aggregator replay recorded

        Exit codes: 0 saved after SIGTERM or SIGINT: the same command resumes; 1 a block failed; 2 bad command line; 65 data refused;
        69 the address of --http is in use; for switch, devices forget and models: the server does not answer; for status, devices ls and
        updates: no aggregator is running; 73 state folder in use or not writable; 74 state damaged or of another configuration; 75 not
        saved in time; 77 login refused; 78 bad configuration; 130 interrupted twice.
        """;

    private static readonly TimeSpan Restore = TimeSpan.FromSeconds(2);
    private static readonly ConfigCommands<AggregatorConfig> Commands = new(AggregatorConfig.Read, AggregatorSample.Text);

    /// <summary>Runs a command as streamlearn-aggregator does: the same exit codes, one line per problem, and a drain on SIGTERM.</summary>
    /// <param name="arguments">The command line.</param>
    public static Task<int> RunAsync(string[] arguments) => RunAsync(arguments, CommandRunner.SetPrintableConsole());

    internal static Task<int> RunAsync(string[] arguments, TextWriter help) => CommandRunner.RunAsync(Create(), arguments, help);

    /// <summary>Creates the root command.</summary>
    public static RootCommand Create() => new(Description)
    {
        Run(), Commands.Check(Check, CheckOnlineAsync), Commands.Config(AggregatorInit.Create()), SwitchCommand.Create(Commands),
        KeptModelsCommand.Create(Commands),
        StatusCommand.Create(Commands), DevicesCommand.Create(Commands), UpdatesCommand.Create(Commands),
        ReplayCommand.Create("streamlearn-aggregator", PipelinesOf), VersionCommand.Create("streamlearn-aggregator"),
    };

    /// <summary>Returns the pipeline of a recorded start, for a command that repeats it; null: the recording is of another
    /// program.</summary>
    /// <param name="recording">A file that <c>record</c> has written.</param>
    /// <param name="state">A folder, unused: the pipeline keeps nothing.</param>
    /// <param name="opened">Receives what has to be closed: nothing.</param>
    public static IEnumerable<Pipeline>? PipelinesOf(FileInfo recording, DirectoryInfo state, ICollection<IAsyncDisposable> opened) =>
        AggregatorRun.PipelinesOf(recording);

    private static Command Run()
    {
        var evaluate = new Option<DirectoryInfo?>("--evaluate")
        {
            Description = "Evaluate each version on the test people of these recordings, in the layout of the UCI HAR raw files.",
            HelpName = "folder",
        };
        var (drain, ledger) = (ProgramOptions.Drain(), ProgramOptions.Ledger());
        return Commands.Reading("run", "Run until SIGTERM or SIGINT.",
            (config, result) =>
            {
                if (config.Value.BestNote is { } judges) { StatusDisplayCommand.Complain(judges); }
                return StatusDisplayCommand.RunAsync(result, config.Value,
                    shown => WithBrokerAsync(config.Value, isThere: false, broker => Ending.RepeatAsync(
                        new AggregatorRun(config.Value, ProgramOptions.StartOf(AggregatorRun.Program, config, result))
                        {
                            Shown = shown,
                            Broker = broker,
                            Evaluate = result.GetValue(evaluate),
                            Drain = result.GetValue(drain),
                            Ledger = result.GetValue(ledger),
                        }.RunAsync)));
            },
            evaluate, StatusDisplayCommand.Http, drain, ledger);
    }

    private static string Check(AggregatorConfig config)
    {
        LoginFile.Check(config.Link.Login);
        AggregatorPipeline.Create(OptionsOf(config, 0, static _ => { }), EdgeLink.Over(new InProcessTransport()));
        config.Broker?.Options(config.Link.Topics);
        if (NoBroker(config) is { } note) { StatusDisplayCommand.Complain(note); }
        if (config.BestNote is { } judges) { StatusDisplayCommand.Complain(judges); }
        return $"fleet '{config.Link.Fleet}' at {EdgeServer.NameOf(config.Link.Url)}";
    }

    private static async Task<int> CheckOnlineAsync(AggregatorConfig config)
    {
        StatusFile.Look(config.Link.State);
        return await WithBrokerAsync(config, isThere: true,
            _ => ServerCheck.SayAsync(config.Link, config.Model, [], StatusDisplayCommand.Complain)).ConfigureAwait(false);
    }

    /// <summary>Starts the configured broker if the fleet uses it. <paramref name="isThere"/>: true if a running program may own it
    /// already.
    /// <paramref name="action"/> receives only a broker that was started here.</summary>
    private static async Task<int> WithBrokerAsync(AggregatorConfig config, bool isThere, Func<MqttBroker?, Task<int>> action)
    {
        if (config.OwnBroker is not { } own)
        {
            if (NoBroker(config) is { } note) { Console.Out.WriteLine(note); }
            return await action(null).ConfigureAwait(false);
        }

        try
        {
            var broker = await own.StartAsync(config.Link.Topics).ConfigureAwait(false);
            await using var _ = broker.ConfigureAwait(false);
            return await action(broker).ConfigureAwait(false);
        }
        catch (ServerRefusedException) when (isThere)
        {
            return await action(null).ConfigureAwait(false);
        }
    }

    /// <summary>Returns why the configured broker is not started; null if it is started or there is none.</summary>
    private static string? NoBroker(AggregatorConfig config) => config is { Broker: { } broker, OwnBroker: null }
        ? $"no broker at {broker.Address}: link.url points to {EdgeServer.NameOf(config.Link.Url)}" : null;

    internal static AggregatorOptions OptionsOf(AggregatorConfig config, long epoch, Action<Round> onRound)
    {
        var strategy = config.Strategy.Strategy;
        var model = config.Model.Create();
        return new(config.Link.Topics, model, strategy, config.Window)
        {
            TakesPieces = true,
            Split = config.Split?.Options(model, config.Devices),
            RestHasBytes = config.RestHasBytes,
            Rules = new()
            {
                Others = [.. config.Others, config.Strategy],       // so that it can be switched back by name
                Averaging = config.Average == false ? Averaging.None : Averaging.For(strategy, hasOneClassEach: config.Average == true),
                Steer = config.Best ?? Steer.None,
                Lease = config.Lease,
                RoundTimeout = config.RoundTimeout,
                MaxWeight = config.MaxWeight,
                MaxShare = config.MaxShare,
                OwnerOf = config.OwnBroker?.OwnerOf(),
                Epoch = epoch,
                Restore = Restore,
                RestoreOnceConnected = true,
                Secret = [.. RandomNumberGenerator.GetBytes(32)],
            },
            ResumesFromRetained = true,
            OnForget = static _ => { },
            OnRound = onRound,
        };
    }
}
