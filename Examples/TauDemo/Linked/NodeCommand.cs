using System.CommandLine;
using System.Globalization;
using StreamLearn;

namespace TauDemo;

/// <summary>One node of a fleet over a server, until the fleet has ended.</summary>
internal static class NodeCommand
{
    /// <summary>The fleet whose name nobody gives.</summary>
    internal const string Fleet = "tau";

    private const string Prefix = "node-";

    internal static Command Create()
    {
        var (link, cases, seed) = (new TauLinkOptions(), FleetOptions.CreateCase(), FleetOptions.CreateSeed());
        var nodes = new TauFleetSettings().Nodes;
        var name = new Option<int>("--name")
        {
            Description = string.Create(CultureInfo.InvariantCulture, $"Which node it is: {Prefix}0 to {Prefix}{nodes - 1}."),
            HelpName = "name",
            Required = true,
            CustomParser = result =>
            {
                var text = result.Tokens is [{ Value: var given }] ? given : "";
                for (var n = 0; n < nodes; n++)
                {
                    if (text == TauParts.NameOf(n)) { return n; }
                }

                result.AddError(string.Create(CultureInfo.InvariantCulture,
                    $"--name: expected {Prefix}0 to {Prefix}{nodes - 1}, got '{text}'"));
                return 0;
            },
        };
        var attached = new Option<bool>("--attached") { Description = "End when standard input ends, too." };
        var node = new Command("node", "Be one node of a fleet over a server. Start the aggregator first: fleet --wait.")
        {
            name, cases, seed, attached,
        };
        link.AddTo(node);
        node.SetAction((parsed, cancellation) => RunAsync(
            link,
            parsed,
            new() { Case = (DataCase)parsed.GetValue(cases), Seed = parsed.GetValue(seed) },
            parsed.GetValue(name),
            parsed.GetValue(attached),
            cancellation));
        return node;
    }

    private static async Task<int> RunAsync(TauLinkOptions options, ParseResult parsed, TauFleetSettings settings, int number,
        bool isAttached, CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (isAttached) { _ = EndWithInputAsync(over); }
        try
        {
            var (link, exit) = await options.ReachAsync(parsed, options.FleetOf(parsed) ?? Fleet).ConfigureAwait(false);
            if (link is null) { return exit; }
            await new LinkedNode(link, settings, number).RunAsync(over.Token).ConfigureAwait(false);
            return 0;
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            return CommandLine.Interrupted;
        }
        catch (Exception e) when (e is BlockFailedException or TransportException)
        {
            await Console.Error.WriteLineAsync($"TauDemo: {TauParts.NameOf(number)}: {e.Message}").ConfigureAwait(false);
            return CommandLine.Failed;
        }
    }

    private static async Task EndWithInputAsync(CancellationTokenSource over)
    {
        var input = Console.OpenStandardInput();
        await using var _ = input.ConfigureAwait(false);
        await Task.Run(() => input.CopyToAsync(Stream.Null, over.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await over.CancelAsync().ConfigureAwait(false);
    }
}
