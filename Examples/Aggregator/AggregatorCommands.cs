using System.CommandLine;
using StreamLearn;
using StreamLearn.Aggregation;
using StreamLearn.Fleets;

namespace Aggregator;

/// <summary>The commands of the aggregator program.</summary>
internal static class AggregatorCommands
{
    private const string Description = """
        The edge of a fleet, from one file: it makes model versions of what devices have learned, and sends them back.

        Examples:
          streamlearn-aggregator config init > aggregator.yaml
          streamlearn-aggregator config init --model-of sensor.yaml > aggregator.yaml
          streamlearn-aggregator check -c aggregator.yaml
          streamlearn-aggregator run -c aggregator.yaml --evaluate har
          streamlearn-aggregator run -c aggregator.yaml --set aggregate.strategy.fedbuff.updates=20

        Exit codes: 0 drained after SIGTERM or SIGINT; 1 a block failed; 2 bad command line; 65 data refused; 75 not drained in time;
        78 bad configuration; 130 interrupted twice.
        """;

    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);
    private static readonly TimeSpan Restore = TimeSpan.FromSeconds(2);
    private static readonly ConfigCommands<AggregatorConfig> Commands = new(AggregatorConfig.Read, AggregatorSample.Text);

    internal static RootCommand Create() => new(Description) { Run(), Commands.Check(Check), Commands.Config(AggregatorInit.Create()) };

    private static Command Run()
    {
        var evaluate = new Option<DirectoryInfo?>("--evaluate")
        {
            Description = "Judge versions by the test people of these recordings, in the layout of the UCI HAR raw files.",
            HelpName = "folder",
        };
        return Commands.Reading("run", "Run until the program is asked to end.",
            (config, result) => RunAsync(config.Value, result.GetValue(evaluate)), evaluate);
    }

    private static string Check(AggregatorConfig config)
    {
        AggregatorPipeline.Create(OptionsOf(config, 0, static _ => { }), EdgeLink.Over(new InProcessTransport()));
        return $"fleet '{config.Link.Fleet}' at {EdgeServer.NameOf(config.Link.Url)}";
    }

    private static AggregatorOptions OptionsOf(AggregatorConfig config, long epoch, Action<Round> onRound)
    {
        Strategy strategy = config.IsBarrier
            ? new FedAvg(config.Updates)
            : new FedBuff(config.Updates) { Staleness = Staleness.Polynomial((float)config.Staleness) };
        return new(config.Link.Topics, config.Model.Create(), strategy, config.Window)
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
        if (evaluate is not null && config.Model with { Seed = 0 } != ModelConfig.Default with { Seed = 0 })
        {
            throw new FormatException($"--evaluate: expected the model of the recordings, {ModelConfig.Default}, got {config.Model}");
        }

        var unseen = evaluate is null ? null : await UnseenWindows.ReadAsync(evaluate).ConfigureAwait(false);
        var tally = new RoundTally(config.Model.Create(), unseen);
        using var ending = new Ending();
        ITransport Open(string part) =>
            EdgeServer.Open(config.Link.Url, $"sl-{config.Link.Fleet}-{FleetTopics.Aggregator}-{part}", Kept, config.Link.Login);
        var link = new EdgeLink(Open("updates"), Open("control"));
        await using var _ = link.ConfigureAwait(false);
        var epoch = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var pipeline = AggregatorPipeline.Create(OptionsOf(config, epoch, tally.Add), link);
        var run = pipeline.Start();
        await using var __ = run.ConfigureAwait(false);
        Console.Out.WriteLine($"fleet '{config.Link.Fleet}' at {EdgeServer.NameOf(config.Link.Url)}: waiting for updates");
        return await ending.WaitAsync([run], tally.Line).ConfigureAwait(false);
    }
}
