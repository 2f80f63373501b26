using System.CommandLine;
using System.Net;
using Aggregator;

namespace TauDemo;

/// <summary>One fleet after another, on a page: in virtual time, or over a server.</summary>
internal static class ServeCommand
{
    private const int Seconds = 60;
    private const int Unavailable = 3;
    private const long MaxBodyBytes = 4 << 10;

    internal static Command Create()
    {
        var (options, link) = (new FleetOptions(Seconds, "seconds, virtual but for a fleet over a server,"), new TauLinkOptions());
        var (wait, patience) = (FleetCommand.CreateWait(), PatienceOption.Create("node"));
        var http = new Option<string>("--http")
        {
            Description = "Where the page is, on this machine: a port, or an address with one; 0 takes a free port, and says which.",
            HelpName = "address",
            DefaultValueFactory = static _ => "127.0.0.1:0",
        };
        var serve = new Command("serve", "Show fleets on a page while they learn, until Ctrl+C.") { http, wait, patience };
        options.AddTo(serve);
        link.AddTo(serve);
        serve.Validators.Add(result =>
        {
            if (link.IsGiven(result)) { return; }
            foreach (var option in link.Others.Append(wait).Append(patience).Where(o => result.GetResult(o) is { Implicit: false }))
            {
                result.AddError($"{option.Name}: expected --link, too");
            }
        });
        serve.SetAction(async (parsed, cancellation) =>
        {
            var (settings, address) = (options.Of(parsed), parsed.GetValue(http)!);
            if (!link.IsGiven(parsed.CommandResult))
            {
                return await ServeAsync(() => new DemoSession(settings), address, cancellation).ConfigureAwait(false);
            }

            var waits = parsed.GetValue(wait);
            var (reached, exit) = await link.ReachAsync(parsed, waits).ConfigureAwait(false);
            if (reached is null) { return exit; }
            var terms = new LinkedTerms(!waits, PatienceOption.Of(parsed, patience), settings.Nodes);
            return await LinkedExit.OfAsync(
                () => ServeAsync(() => new LinkedSession(reached, terms, settings, Say), address, cancellation),
                Say, cancellation).ConfigureAwait(false);
        });
        return serve;
    }

    /// <summary>Begins to serve the page of a session.</summary>
    /// <param name="address">Where, on this machine; port 0: any that is free.</param>
    /// <param name="session">What it shows.</param>
    /// <exception cref="PageUnavailableException">The address is in use, or the system does not give it.</exception>
    internal static Task<DashboardServer> StartAsync(IPEndPoint address, IPageSession session) =>
        DashboardServer.StartAsync(address, ending => new DemoPages(session, ending).AnswerAsync, MaxBodyBytes);

    private static async Task<int> ServeAsync(Func<IPageSession> begin, string http, CancellationToken cancellation)
    {
        try
        {
            var address = HttpAddress.Parse(http);
            await using var session = begin();
            await using var server = await StartAsync(address, session).ConfigureAwait(false);
            await Console.Out.WriteLineAsync($"open {server.Address} (Ctrl+C ends)").ConfigureAwait(false);
            await session.Ended.WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return 0;
        }
        catch (HttpAddressException e)
        {
            await Console.Error.WriteLineAsync($"TauDemo: --http: {e.Message}").ConfigureAwait(false);
            return CommandLine.Wrong;
        }
        catch (PageUnavailableException e)
        {
            await Console.Error.WriteLineAsync($"TauDemo: --http {http}: {e.Message}").ConfigureAwait(false);
            return Unavailable;
        }

        return 0;
    }

    private static void Say(string text) => Console.Error.WriteLine(text);
}
