using System.Net;
using Aggregator;

namespace TauDemo.Tests;

/// <summary>A session that is served at a free port.</summary>
internal sealed class ShownSession : IAsyncDisposable
{
    private readonly DashboardServer _server;

    private ShownSession(DemoSession session, DashboardServer server) => (Session, _server) = (session, server);

    internal static TauFleetSettings Small { get; } =
        new() { Digits = 1_000, UnseenDigits = 300, Budget = TimeSpan.FromMinutes(10) };

    internal DemoSession Session { get; }

    internal Uri Address => _server.Address;

    internal static async Task<ShownSession> OpenAsync(TauFleetSettings? settings = null, int port = 0)
    {
        var session = new DemoSession(settings ?? Small);
        return new(session, await ServeCommand.StartAsync(new(IPAddress.Loopback, port), session));
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await Session.DisposeAsync();
    }
}
