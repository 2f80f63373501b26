using System.CommandLine;
using System.Text;
using StreamLearn;
using StreamLearn.Aggregation;
using StreamLearn.Fleets;

namespace Aggregator;

/// <summary><c>switch</c>: tells a running aggregator to go on with another of its strategies.</summary>
internal static class SwitchCommand
{
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    internal static Command Create(ConfigCommands<AggregatorConfig> commands)
    {
        var name = new Argument<string>("strategy") { Description = "The strategy, as the configuration names it: fedavg." };
        var command = commands.Reading("switch", "Let the running aggregator go on with another strategy of its configuration.",
            (config, result) => TellAsync(config.Value, result.GetRequiredValue(name)));
        command.Add(name);
        return command;
    }

    private static async Task<int> TellAsync(AggregatorConfig config, string name)
    {
        if (config.Others.Append(config.Strategy).All(s => s.Name != name))
        {
            var known = string.Join(", ", config.Others.Append(config.Strategy).Select(static s => s.Name));
            Console.Error.WriteLine(
                $"streamlearn-aggregator: expected strategy or one of switchable in the configuration, {known}, got '{name}'");
            return ProgramExit.BadCommandLine;
        }

        var link = config.Link;
        var transport = EdgeServer.Open(link.Url, client: null, Kept, link.Login);
        await using var _ = transport.ConfigureAwait(false);
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        var epoch = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        try
        {
            await transport.PublishAsync(link.Topics.Choices, new(Encoding.UTF8.GetBytes(name)),
                new(new("console", Sequence: 1, epoch)) { Codec = StrategyChoice.Codec.Name }, patience.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or TransportException)
        {
            Console.Error.WriteLine($"streamlearn-aggregator: {EdgeServer.NameOf(link.Url)} cannot be reached: "
                + Why(e, EdgeServer.LastFault(transport)).ReplaceLineEndings(" "));
            return ProgramExit.NoLink;
        }

        Console.Out.WriteLine($"sent to {EdgeServer.NameOf(link.Url)}: fleet '{link.Fleet}' changes to {name} as soon as its aggregator "
            + "receives it");
        return ProgramExit.Done;
    }

    private static string Why(Exception e, string fault) => e is TransportException ? e.Message
        : fault.Length > 0 ? fault : FormattableString.Invariant($"no answer within {Patience.TotalSeconds} s");
}
