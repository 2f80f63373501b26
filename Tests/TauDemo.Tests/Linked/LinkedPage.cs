using System.Collections.Concurrent;
using System.Net;
using Aggregator;
using StreamLearn.Testing;

namespace TauDemo.Tests;

/// <summary>The page of a fleet over a real server, at a free port, with the nodes in the process of the test.</summary>
internal sealed class LinkedPage : IAsyncDisposable
{
    private readonly CancellationTokenSource _over = new();
    private readonly DashboardServer _server;

    private LinkedPage(TauLink link, LinkedSession session, DashboardServer server)
    {
        (Session, _server) = (session, server);
        Members = [.. Enumerable.Range(0, 5).Select(n => Task.Run(async () =>
        {
            await using var member = new LinkedMember(link, n, new(null, null, ServerProcess.Patience), static _ => { });
            await member.RunAsync(_over.Token);
        }))];
    }

    /// <summary>What the aggregator said.</summary>
    internal ConcurrentQueue<string> Said { get; private init; } = new();

    internal LinkedSession Session { get; }

    internal Uri Address => _server.Address;

    /// <summary>The nodes; each ends when the node does.</summary>
    internal IReadOnlyList<Task> Members { get; }

    /// <summary>Begins a fleet and its page.</summary>
    /// <param name="link">The server, and the name of the fleet.</param>
    /// <param name="budget">The budget of each run.</param>
    internal static async Task<LinkedPage> OpenAsync(TauLink link, TimeSpan budget)
    {
        var settings = FleetInProcess.Endless with { Case = DataCase.Uniform, Budget = budget };
        var said = new ConcurrentQueue<string>();
        var session = new LinkedSession(link, new(StartsNodes: false, ServerProcess.Patience, settings.Nodes), settings, said.Enqueue);
        return new(link, session, await ServeCommand.StartAsync(new(IPAddress.Loopback, 0), session)) { Said = said };
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await Session.DisposeAsync();
        await _over.CancelAsync();
        await Task.WhenAll(Members).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _over.Dispose();
    }
}
