using System.Collections.Immutable;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Mqtt;
using StreamLearn.Tables;

namespace Aggregator;

/// <summary>A run, until it is asked to end. <paramref name="Start"/>: for a recording.</summary>
internal sealed record AggregatorRun(AggregatorConfig Config, RecordedStart Start)
{
    internal const string Program = "aggregator";

    private static readonly TimeSpan KeepEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RestoreKnown = TimeSpan.FromSeconds(10);  // if the server has a version, it answers within this time

    /// <summary>Recordings of a test person to evaluate versions on; null: none.</summary>
    internal DirectoryInfo? Evaluate { get; init; }

    internal TimeSpan? Drain { get; init; }

    internal FileInfo? Ledger { get; init; }

    internal MqttBroker? Broker { get; init; }

    internal required StatusDisplayOptions Shown { get; init; }

    private LinkConfig Link => Config.Link;

    /// <summary>Null: the next run is to start, of which this one has finished the last one's drain or lost the lead.</summary>
    internal async Task<int?> RunAsync()
    {
        var unseen = await UnseenAsync().ConfigureAwait(false);
        var model = Config.Model.Create();
        var config = Config with { Split = Config.Split?.Learned(model, TimeProvider.System, Console.Out.WriteLine) };
        var showing = await StatusDisplay.OpenAsync(FactsOf(model.Layers.Length, unseen is not null), model, unseen, Shown,
            StatusDisplayCommand.Complain).ConfigureAwait(false);
        await using var _ = showing.ConfigureAwait(false);
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

        await using var __ = new DisposableGroup(takeover is null ? [] : [takeover]).ConfigureAwait(false);
        var store = KeptModelsCommand.StoreOf(config);
        var link = new EdgeLink(Open("updates"), Open("control"));
        var models = new KeptModels(store, KeepEvery, version => Judge(model, version, unseen), Console.Error.WriteLine);
        await using var ___ = new DisposableGroup([link, models]).ConfigureAwait(false);
        string? saved = null;
        var state = Link.OpenState(lead: takeover?.Lead);
        var mark = takeover is null ? new DrainMark(state) : null;      // another machine would not have the mark at its start
        var options = SlowWork.Measure(() => AggregatorCommands.OptionsOf(config, takeover?.Lead.Epoch ?? Now.ToUnixTimeMilliseconds(),
            round => { showing.Add(round); models.Add(round); }));
        options = Shows(options, showing, text => saved = text) with
        {
            Rules = takeover is { Lead.Newest.HasEnded: false }       // versions are published only after their checkpoint
                ? options.Rules with { Restore = null, RestoreOnceConnected = false }
                : config.OwnBroker is null && state.Has(FleetTopics.Aggregator) ? options.Rules with { Restore = RestoreKnown }
                : options.Rules,
            Models = models,
            Ledger = LedgerFile.Open(Ledger),
        };
        var finishes = mark?.IsSet(FleetTopics.Aggregator) ?? false;
        using var recorder = Record(options, state);
        var run = state.Start(AggregatorPipeline.Create(options, link), new() { Recorder = recorder }, showing.Saved,
            AggregatorPipeline.OfEachStart(options), () => saved);
        await using var ____ = run.ConfigureAwait(false);
        if (finishes) { return await ending.FinishAsync([run], Drain, mark).ConfigureAwait(false); }
        showing.Follow(run, link, Link.Url, FleetTrial.BytesOf(model));
        if (Broker is not null) { showing.Watch(Broker, config.OwnBroker!.MaxConnections); }
        return await UntilEndAsync(run, showing, ending, takeover, mark).ConfigureAwait(false);
    }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private async Task<int?> UntilEndAsync(PipelineRun run, StatusDisplay showing, Ending ending, Takeover? takeover, DrainMark? mark)
    {
        if (showing.Page is { } page) { Console.Out.WriteLine($"page {page}"); }
        Console.Out.WriteLine($"fleet '{Link.Fleet}' at {EdgeServer.NameOf(Link.Url)}: waiting for updates");
        int exit;
        try
        {
            exit = await ending.WaitAsync([run], () =>
            {
                takeover?.Show();
                return showing.Line();
            }, Drain, mark).ConfigureAwait(false);
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

        if (Drain is not null) { showing.SayLost(); }
        return exit;
    }

    private ITransport Open(string part) => Link.Open($"sl-{Link.Fleet}-{FleetTopics.Aggregator}-{part}");

    private async Task<RecordedRows?> UnseenAsync()
    {
        if (Evaluate is null) { return null; }
        var (own, recorded) = (Config.Model, ModelConfig.Default);
        return (own.Channels, own.Samples, own.Classes, own.Kind) == (recorded.Channels, recorded.Samples, recorded.Classes, ModelKind.Conv)
            ? await UnseenWindows.ReadAsync(Evaluate).ConfigureAwait(false)
            : throw new FormatException($"--evaluate: expected the model of the recordings, {recorded}, got {own}");
    }

    private FleetFacts FactsOf(int layers, bool judges)
    {
        var strategies = Config.Others.Append(Config.Strategy).ToList();
        return new(Link.Fleet, EdgeServer.NameOf(Link.Url), Environment.ProcessId, Now, judges, Config.Strategy.Name)
        {
            QuietAfter = Config.Lease,
            ClassNames = Config.Model.Labels,
            Layers = layers,
            WaitsFor = strategies.Where(static s => s.Strategy.IsBarrier)
                .ToImmutableDictionary(static s => s.Name, static s => s.Strategy.Awaited),
            Budgets = strategies.Where(static s => !s.Strategy.Limits.IsEmpty)
                .ToImmutableDictionary(static s => s.Name, static s => s.Strategy.Limits),
        };
    }

    private AggregatorOptions Shows(AggregatorOptions options, StatusDisplay showing, Action<string> onSaved) => options with
    {
        OnPresence = showing.Add,
        OnDeviceLeft = showing.AddLeave,
        OnForget = showing.Forget,
        OnReceipt = showing.Add,
        OnScore = showing.Add,
        OnNews = showing.Add,
        Check = CheckOf(Config) is { } check ? check with { OnOther = showing.AddDifference, OnSaved = onSaved } : null,
        Split = options.Split is { } split
            ? split with { OnPlan = showing.Add, OnSplit = showing.AddSplit, OnMismatch = showing.AddMismatch } : null,
    };

    private static ModelCheck? CheckOf(AggregatorConfig config) => config.Model.Signature is not { } signature ? null
        : new(signature) { SaysEvery = TimeSpan.FromMinutes(1) };

    private static double? Judge(Network model, Weights version, RecordedRows? unseen) => unseen is null ? null
        : Evaluation.Of(model, version, new(unseen.Features.Span, unseen.Labels.Span)).Accuracy;

    private RunRecorder? Record(AggregatorOptions options, StateFolder state)
    {
        if (Config.Record is not { } asked) { return null; }
        if (!state.Has(FleetTopics.Aggregator))
        {
            return Recording.Open(asked, Start with
            {
                Epoch = options.Rules.Epoch ?? 0,
                Own = [Convert.ToBase64String(options.Rules.Secret.AsSpan())],
            }, StatusDisplayCommand.Complain);
        }

        StatusDisplayCommand.Complain("this start is not recorded: it resumes from a checkpoint");
        return null;
    }

    /// <summary>The pipeline of a recorded start, whose blocks are those of <see cref="RunAsync"/>; null: it is of another
    /// program.</summary>
    internal static IEnumerable<Pipeline>? PipelinesOf(FileInfo recording)
    {
        if (Recording.TryRead(recording, Program) is not { Start: { Own: [var secret] } start }) { return null; }
        var config = ConfigTree.Parse(start.Source, start.Configuration).Read(AggregatorConfig.Read).Value;
        var options = AggregatorCommands.OptionsOf(config, start.Epoch, static _ => { });
        InProcessTransport outside = new("outside");
        return [AggregatorPipeline.Create(options with
        {
            Rules = options.Rules with { Secret = [.. Convert.FromBase64String(secret)] },
            OnPresence = static _ => { },
            OnDeviceLeft = static (_, _) => { },
            OnReceipt = static _ => { },
            OnScore = static _ => { },
            OnNews = static _ => { },
            Check = CheckOf(config),
            Models = outside,
            Ledger = start.HasLedger ? outside : null,
        }, new(outside, new InProcessTransport("control")))];
    }
}
