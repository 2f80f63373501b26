using NATS.Client.Core;
using StreamLearn.Nats;
using StreamLearn.Tables;

namespace Aggregator;

/// <summary>Holds leadership among the fleet's aggregators, with its resources.</summary>
internal sealed class Takeover : IAsyncDisposable
{
    private readonly INatsConnection _connection;
    private readonly StateHold _hold;

    private readonly Action<LeadStatus> _show;
    private long _remade;

    private Takeover(Lead lead, INatsConnection connection, StateHold hold, Action<LeadStatus> show) =>
        (Lead, _connection, _hold, _show) = (lead, connection, hold, show);

    internal Lead Lead { get; }

    internal bool IsLost => Lead.Lost.IsCancellationRequested;

    /// <summary>Waits on standby until this aggregator leads.</summary>
    internal static async Task<Takeover?> AwaitAsync(AggregatorConfig config, Action<LeadStatus> show, CancellationToken asked)
    {
        if (config.Takeover is not { } lease) { return null; }
        var link = config.Link;
        var hold = StateHold.Take(StatusDisplayCommand.FolderOf(config));
        var connection = EdgeServer.OpenNatsClient(link.Url, link.Login);
        try
        {
            LeadOptions options = new(link.Fleet, $"{Environment.MachineName}, process {Environment.ProcessId}") { Lease = lease };
            var lead = await Lead.TakeAsync(connection, options, leader => show(new(Leads: false, leader)), time: null, asked)
                .ConfigureAwait(false);
            show(new(Leads: true, lead.Own));
            return new(lead, connection, hold, show);
        }
        catch (Exception e)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            hold.Dispose();
            throw e switch
            {
                TransportException => new ServerRefusedException(new(
                    $"aggregate.takeover: {EdgeServer.NameOf(link.Url)}: {e.Message}", ServerCheck.ExitOf(e))),
                StateException => new StateFolderException(
                    $"aggregate.takeover: the state at {EdgeServer.NameOf(link.Url)} cannot be read: {e.Message}",
                    ProgramExit.DiskFailed, e),
                _ => e,
            };
        }
    }

    /// <summary>Reports a leadership record that the server lost since the last call.</summary>
    internal void Show()
    {
        if (Lead.Remade == _remade) { return; }
        _remade = Lead.Remade;
        _show(new(Leads: true, Lead.Own, _remade));
    }

    public async ValueTask DisposeAsync()
    {
        await Lead.DisposeAsync().ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
        _hold.Dispose();
    }
}
