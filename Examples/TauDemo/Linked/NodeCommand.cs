using System.CommandLine;
using System.Globalization;

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
        var (name, patience) = (CreateName(), PatienceOption.Create("fleet"));
        var attached = new Option<bool>("--attached") { Description = "End when standard input ends, too, and say nothing." };
        cases.Description = "The case that the fleet is expected to have; without it, any.";
        seed.Description = "The seed that the fleet is expected to have; without it, any.";
        var node = new Command("node", "Be one node of a fleet over a server, which fleet --wait begins.")
        {
            name, cases, seed, patience, attached,
        };
        link.AddTo(node);
        node.SetAction((parsed, cancellation) =>
        {
            var isAttached = parsed.GetValue(attached);
            return RunAsync(link, parsed, parsed.GetValue(name), isAttached,
                new(Given(cases), Given(seed), isAttached ? null : PatienceOption.Of(parsed, patience)), cancellation);
            int? Given(Option<int> option) => parsed.GetResult(option) is { Implicit: false } ? parsed.GetValue(option) : null;
        });
        return node;
    }

    private static Option<int> CreateName()
    {
        var nodes = new TauFleetSettings().Nodes;
        return new("--name")
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
    }

    private static async Task<int> RunAsync(TauLinkOptions options, ParseResult parsed, int number, bool isAttached, MemberTerms terms,
        CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (isAttached) { _ = EndWithInputAsync(over); }
        void Say(string text) => Console.Error.WriteLine($"TauDemo: {TauParts.NameOf(number)}: {text}");
        return await LinkedExit.OfAsync(
            async () =>
            {
                var fleet = options.FleetOf(parsed) ?? Fleet;
                var link = isAttached ? options.LinkOf(parsed, fleet) : null;       // the aggregator has looked for the server
                if (link is null)
                {
                    (link, var exit) = await options.ReachAsync(parsed, fleet).ConfigureAwait(false);
                    if (link is null) { return exit; }
                }

                var member = new LinkedMember(link, number, terms, isAttached ? static _ => { } : Say);
                await using var _ = member.ConfigureAwait(false);
                await member.RunAsync(over.Token).ConfigureAwait(false);
                return 0;
            },
            Say, over.Token).ConfigureAwait(false);
    }

    private static async Task EndWithInputAsync(CancellationTokenSource over)
    {
        var input = Console.OpenStandardInput();
        await using var _ = input.ConfigureAwait(false);
        await Task.Run(() => input.CopyToAsync(Stream.Null, over.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await over.CancelAsync().ConfigureAwait(false);
    }
}
