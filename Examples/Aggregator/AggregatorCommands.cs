using System.Collections.Concurrent;
using System.CommandLine;
using System.Globalization;
using StreamLearn;
using StreamLearn.Aggregation;
using StreamLearn.Configuration;
using StreamLearn.Fleets;
using StreamLearn.Learning;
using StreamLearn.Samples;

namespace Aggregator;

/// <summary>The commands of the aggregator program.</summary>
internal static class AggregatorCommands
{
    private const string Description = """
        The edge of a fleet, from one file: it makes model versions of what devices have learned, and sends them back.

        Examples:
          streamlearn-aggregator config init > aggregator.yaml
          streamlearn-aggregator check -c aggregator.yaml
          streamlearn-aggregator run -c aggregator.yaml --evaluate har
          streamlearn-aggregator run -c aggregator.yaml --set aggregate.strategy.fedbuff.updates=20

        Exit codes: 0 drained after SIGTERM or SIGINT; 1 a block failed; 2 bad command line; 65 data refused; 75 not drained in time;
        78 bad configuration; 130 interrupted twice.
        """;

    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);
    private static readonly TimeSpan TimeToDrain = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LineEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Restore = TimeSpan.FromSeconds(2);

    internal static RootCommand Create() => new(Description) { Run(), Check(), Config() };

    private static Command Run()
    {
        var (files, overrides) = (ProgramOptions.Files(), ProgramOptions.Overrides());
        var evaluate = new Option<DirectoryInfo?>("--evaluate")
        {
            Description = "Judge versions by the test people of these recordings, in the layout of the UCI HAR raw files.",
            HelpName = "folder",
        };
        var command = new Command("run", "Run until the program is asked to end.") { files, overrides, evaluate };
        command.SetAction((result, _) => RunAsync(Read(result, files, overrides).Value, result.GetValue(evaluate)));
        return command;
    }

    private static Command Check()
    {
        var (files, overrides) = (ProgramOptions.Files(), ProgramOptions.Overrides());
        var command = new Command("check", "Check the configuration and the graph; nothing runs.") { files, overrides };
        command.SetAction(result =>
        {
            var config = Read(result, files, overrides).Value;
            AggregatorPipeline.Create(OptionsOf(config, 0, static _ => { }), EdgeLink.Over(new InProcessTransport()));
            Console.Out.WriteLine($"good: fleet '{config.Link.Fleet}' at {EdgeServer.NameOf(config.Link.Url)}");
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
        init.SetAction(static _ => Console.Out.Write(AggregatorSample.Text));
        return new("config", "Print configurations.") { show, init };
    }

    private static ConfigReading<AggregatorConfig> Read(ParseResult result, Option<string[]> files, Option<string[]> overrides) =>
        ConfigTree.Load(result.GetValue(files)!, result.GetValue(overrides)).Read(AggregatorConfig.Read);

    private static AggregatorOptions OptionsOf(AggregatorConfig config, long epoch, Action<Round> onRound)
    {
        Strategy strategy = config.IsBarrier
            ? new FedAvg(config.Updates)
            : new FedBuff(config.Updates) { Staleness = Staleness.Polynomial((float)config.Staleness) };
        return new(config.Link.Topics, HarNetwork.Create(42), strategy, config.Window)
        {
            Rules = new()
            {
                Averaging = config.IsBarrier ? Averaging.None : Averaging.Polynomial(),
                Lease = config.Lease,
                Epoch = epoch,
                Restore = Restore,
            },
            TakesUpNewest = true,
            OnRound = onRound,
        };
    }

    private static async Task<int> RunAsync(AggregatorConfig config, DirectoryInfo? evaluate)
    {
        var time = TimeProvider.System;
        var unseen = evaluate is null ? null : await UnseenWindows.ReadAsync(evaluate).ConfigureAwait(false);
        var tally = new RoundTally(HarNetwork.Create(42), unseen);
        using var ending = new Ending();
        ITransport Open(string part) =>
            EdgeServer.Open(config.Link.Url, $"sl-{config.Link.Fleet}-{FleetTopics.Aggregator}-{part}", Kept, config.Link.Login);
        var link = new EdgeLink(Open("updates"), Open("control"));
        await using var _ = link.ConfigureAwait(false);
        var pipeline = AggregatorPipeline.Create(OptionsOf(config, time.GetUtcNow().ToUnixTimeMilliseconds(), tally.Add), link);
        var run = pipeline.Start();
        await using var __ = run.ConfigureAwait(false);
        Console.Out.WriteLine($"fleet '{config.Link.Fleet}' at {EdgeServer.NameOf(config.Link.Url)}: waiting for updates");
        using var over = new CancellationTokenSource();
        var lines = ShowAsync(tally, time, over.Token);
        var exit = await ending.WaitAsync([run], TimeToDrain).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        await lines.ConfigureAwait(false);
        Console.Out.WriteLine(tally.Line());
        return exit;
    }

    private static async Task ShowAsync(RoundTally tally, TimeProvider time, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(LineEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false)) { Console.Out.WriteLine(tally.Line()); }
        }
        catch (OperationCanceledException)
        {
        }
    }
}

/// <summary>What the rounds of a run have come to.</summary>
internal sealed class RoundTally(IModel model, RecordedRows? unseen)
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, long> _devices = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _refused = new(StringComparer.Ordinal);
    private Round? _newest;
    private long _applied;
    private (long Version, double Accuracy)? _judged;

    /// <summary>Takes in a round, on the thread of its block.</summary>
    internal void Add(Round round)
    {
        lock (_gate)
        {
            _newest = round;
            _applied += round.Contributions.Length;
            foreach (var contribution in round.Contributions) { _devices.AddOrUpdate(contribution.Device, 1, static (_, n) => n + 1); }
            foreach (var refusal in round.Refusals)
            {
                var reason = refusal.Reason;
                _refused[reason] = _refused.GetValueOrDefault(reason) + 1;
            }
        }
    }

    /// <summary>One line; the newest version is judged for it, if that has not been done.</summary>
    internal string Line()
    {
        Round? newest;
        long applied;
        string refused;
        lock (_gate)
        {
            (newest, applied) = (_newest, _applied);
            refused = string.Concat(_refused.Select(r => FormattableString.Invariant($" refused.{r.Key}={r.Value}")));
        }

        if (newest is null) { return "version=0 updates=0"; }
        if (unseen is not null && _judged?.Version != newest.Version)
        {
            _judged = (newest.Version, Evaluation.Of(model, newest.Averaged, new(unseen.Features.Span, unseen.Labels.Span)).Accuracy);
        }

        var accuracy = _judged is { } judged ? string.Create(CultureInfo.InvariantCulture, $" accuracy={judged.Accuracy:0.000}") : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"version={newest.Version} updates={applied} devices={_devices.Count}{accuracy}{refused}");
    }
}
