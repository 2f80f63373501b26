using System.Collections.Immutable;
using System.CommandLine;
using System.Security.Cryptography;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Mqtt;
using StreamLearn.Tables;

namespace Aggregator;

/// <summary>The commands of the program. A custom program registers its strategies and planners before it runs them.</summary>
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

        Exit codes: 0 saved after SIGTERM or SIGINT: the same command resumes; 1 a block failed; 2 bad command line; 65 data refused;
        69 the address of --http is in use; for switch, devices forget and models: the server does not answer; for status, devices ls and
        updates: no aggregator is running; 73 state folder in use or not writable; 74 state damaged or of another configuration; 75 not
        saved in time; 77 login refused; 78 bad configuration; 130 interrupted twice.
        """;

    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);
    private static readonly TimeSpan KeepEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Restore = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RestoreKnown = TimeSpan.FromSeconds(10);  // if the server has a version, it answers within this time
    private static readonly ConfigCommands<AggregatorConfig> Commands = new(AggregatorConfig.Read, AggregatorSample.Text);

    internal static Task<int> RunAsync(string[] arguments, TextWriter help) => CommandRunner.RunAsync(Create(), arguments, help);

    /// <summary>Creates the root command.</summary>
    public static RootCommand Create() => new(Description)
    {
        Run(), Commands.Check(Check, CheckOnlineAsync), Commands.Config(AggregatorInit.Create()), SwitchCommand.Create(Commands),
        KeptModelsCommand.Create(Commands),
        StatusCommand.Create(Commands), DevicesCommand.Create(Commands), UpdatesCommand.Create(Commands),
        VersionCommand.Create("streamlearn-aggregator"),
    };

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
                    shown => WithBrokerAsync(config.Value, isThere: false, async broker =>
                {
                    while (true)
                    {
                        var exit = await RunAsync(config.Value, broker, result.GetValue(evaluate), shown, result.GetValue(drain),
                            result.GetValue(ledger)).ConfigureAwait(false);
                        if (exit is { } code) { return code; }
                    }
                }));
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

    /// <summary>Starts the configured broker if the fleet uses it; <paramref name="isThere"/>: a running program may own it already.
    /// <paramref name="action"/> receives only a broker started here.</summary>
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

    /// <summary>Why the configured broker is not started; null: started or none.</summary>
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
                Averaging = config.Average ?? !strategy.IsBarrier ? Averaging.Polynomial() : Averaging.None,
                Steer = config.Best ?? Steer.None,
                Lease = config.Lease,
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

    private static async Task<int?> RunAsync(
        AggregatorConfig config, MqttBroker? broker, DirectoryInfo? evaluate, StatusDisplayOptions shown, TimeSpan? drain, FileInfo? ledger)
    {
        if (evaluate is not null && (config.Model.Channels, config.Model.Samples, config.Model.Classes, config.Model.Kind)
            != (ModelConfig.Default.Channels, ModelConfig.Default.Samples, ModelConfig.Default.Classes, ModelKind.Conv))
        {
            throw new FormatException($"--evaluate: expected the model of the recordings, {ModelConfig.Default}, got {config.Model}");
        }

        var unseen = evaluate is null ? null : await UnseenWindows.ReadAsync(evaluate).ConfigureAwait(false);
        var model = config.Model.Create();
        config = config with { Split = config.Split?.Learned(model, TimeProvider.System, Console.Out.WriteLine) };
        var facts = new FleetFacts(config.Link.Fleet, EdgeServer.NameOf(config.Link.Url), Environment.ProcessId,
            TimeProvider.System.GetUtcNow(), unseen is not null, config.Strategy.Name)
        {
            QuietAfter = config.Lease,
            ClassNames = config.Model.Labels,
            Layers = model.Layers.Length,
            WaitsFor = config.Others.Append(config.Strategy).Where(static s => s.Strategy.IsBarrier)
                .ToImmutableDictionary(static s => s.Name, static s => s.Strategy.Awaited),
            Budgets = config.Others.Append(config.Strategy).Where(static s => !s.Strategy.Limits.IsEmpty)
                .ToImmutableDictionary(static s => s.Name, static s => s.Strategy.Limits),
        };
        var showing = await StatusDisplay.OpenAsync(facts, model, unseen, shown, StatusDisplayCommand.Complain).ConfigureAwait(false);
        await using var ___ = showing.ConfigureAwait(false);
        using var ending = new Ending();
        Takeover? takeover;
        try
        {
            takeover = await Takeover.AwaitAsync(config, showing.Add, ending.Asked).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ending.IsAsked)
        {
            return ProgramExit.Done;
        }

        await using var ____ = new DisposableGroup(takeover is null ? [] : [takeover]).ConfigureAwait(false);
        ITransport Open(string part) =>
            EdgeServer.Open(config.Link.Url, $"sl-{config.Link.Fleet}-{FleetTopics.Aggregator}-{part}", Kept, config.Link.Login);
        var store = KeptModelsCommand.StoreOf(config);
        var link = new EdgeLink(Open("updates"), Open("control"));
        var epoch = takeover?.Lead.Epoch ?? TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var models = new KeptModels(store, KeepEvery, version => Judge(model, version, unseen), Console.Error.WriteLine);
        await using var _ = new DisposableGroup([link, models]).ConfigureAwait(false);
        void OnRound(Round round)
        {
            showing.Add(round);
            models.Add(round);
        }

        string? saved = null;
        var state = config.Link.OpenState(lead: takeover?.Lead);
        var mark = takeover is null ? new DrainMark(state) : null;      // another machine would not see it at its start
        var options = SlowWork.Do("measuring the time of each layer of the model, for the planner", Console.Out.WriteLine,
            TimeProvider.System, () => OptionsOf(config, epoch, OnRound));
        options = options with
        {
            Rules = takeover is { Lead.Newest.HasEnded: false }       // versions are published only after their checkpoint
                ? options.Rules with { Restore = null, RestoreOnceConnected = false }
                : options.Rules with { Restore = config.OwnBroker is null && state.Has(FleetTopics.Aggregator) ? RestoreKnown : Restore },
            Models = models,
            OnPresence = showing.Add,
            OnDeviceLeft = showing.AddLeave,
            OnForget = showing.Forget,
            OnReceipt = showing.Add,
            OnScore = showing.Add,
            Check = config.Model.Signature is not { } signature ? null
                : new(signature)
                {
                    SaysEvery = TimeSpan.FromMinutes(1),
                    OnOther = showing.AddDifference,
                    OnSaved = text => saved = text,
                },
            Ledger = LedgerFile.Open(ledger),
            Split = options.Split is { } split
                ? split with { OnPlan = showing.Add, OnSplit = showing.AddSplit, OnMismatch = showing.AddMismatch } : null,
        };
        var finishes = mark?.IsSet(FleetTopics.Aggregator) ?? false;
        var run = state.Start(AggregatorPipeline.Create(options, link), new(), showing.Saved,
            AggregatorPipeline.OfEachStart(options), () => saved);
        await using var __ = run.ConfigureAwait(false);
        if (finishes) { return await ending.FinishAsync([run], drain, mark).ConfigureAwait(false); }
        showing.Follow(run, link, config.Link.Url, FleetTrial.BytesOf(model));
        if (broker is not null) { showing.Watch(broker, config.OwnBroker!.MaxConnections); }
        if (showing.Page is { } page) { Console.Out.WriteLine($"page {page}"); }
        Console.Out.WriteLine($"fleet '{config.Link.Fleet}' at {EdgeServer.NameOf(config.Link.Url)}: waiting for updates");
        int exit;
        try
        {
            exit = await ending.WaitAsync([run], () =>
            {
                takeover?.Show();
                return showing.Line();
            }, drain, mark).ConfigureAwait(false);
        }
        catch (StateFolderException) when (takeover is { IsLost: true })
        {
            exit = ProgramExit.Done;        // another aggregator has the state
        }

        if (takeover is { IsLost: true })
        {
            StatusDisplayCommand.Complain("another aggregator of this fleet has taken over; this one is on standby");
            return ending.IsAsked ? exit : null;
        }

        if (drain is not null) { showing.SayLost(); }
        return exit;
    }

    private static double? Judge(Network model, Weights version, RecordedRows? unseen) => unseen is null ? null
        : Evaluation.Of(model, version, new(unseen.Features.Span, unseen.Labels.Span)).Accuracy;
}
