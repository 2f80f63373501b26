using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aggregator;

/// <summary>Serves the page on this machine. The empty builder keeps environment variables and local files from opening another
/// address.</summary>
internal sealed class DashboardServer : IAsyncDisposable
{
    private const int MaxConnections = 256;
    private const int MaxHeaderBytes = 16 << 10;
    private static readonly TimeSpan HeaderTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(2);

    private readonly WebApplication _application;
    private readonly CancellationTokenSource _ending;

    private DashboardServer(WebApplication application, CancellationTokenSource ending)
    {
        (_application, _ending) = (application, ending);
        Address = new(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    /// <summary>The address with the assigned port.</summary>
    internal Uri Address { get; }

    internal static async Task<DashboardServer> StartAsync(IPEndPoint address, Func<CancellationToken, RequestDelegate> pages)
    {
        var ending = new CancellationTokenSource();
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = MaxConnections;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
            kestrel.Limits.RequestHeadersTimeout = HeaderTime;
            kestrel.Limits.KeepAliveTimeout = HeaderTime;       // also applies before the first request
            kestrel.Listen(address);
        });
        builder.Services.AddSingleton<IHostLifetime, ProgramLifetime>();
        var application = builder.Build();
        application.Run(pages(ending.Token));
        try
        {
            await application.StartAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            await application.DisposeAsync().ConfigureAwait(false);
            ending.Dispose();
            throw new PageUnavailableException(e is IOException
                ? "another program uses this port; choose another port, or stop that program"
                : $"it cannot be opened: {e.Message}", e);
        }

        return new(application, ending);
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        using (var patience = new CancellationTokenSource(StopTime, TimeProvider.System))
        {
            await _application.StopAsync(patience.Token).ConfigureAwait(false);
        }

        await _application.DisposeAsync().ConfigureAwait(false);
        _ending.Dispose();
    }

    /// <summary>Leaves signal handling to the program.</summary>
    private sealed class ProgramLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
