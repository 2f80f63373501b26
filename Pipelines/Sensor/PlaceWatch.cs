namespace Sensor;

/// <summary>Warns when the server for answers or alerts is unreachable, and when it is back.</summary>
internal sealed class PlaceWatch(IReadOnlyList<ITransport> transports, Action<string> say)
{
    private bool _saysLost;

    internal bool IsReached => Lost is null;

    private ITransport? Lost => transports.FirstOrDefault(static t => !EdgeServer.IsConnected(t) && EdgeServer.LastFault(t).Length > 0);

    /// <summary>A transport connects with its first message.</summary>
    internal void Look()
    {
        var lost = Lost;
        if (_saysLost == lost is not null) { return; }
        _saysLost = lost is not null;
        say(lost is null ? $"{transports[0].Name} accepts answers again"
            : $"{lost.Name} is not reachable: {EdgeServer.LastFault(lost).ReplaceLineEndings(" ")}; the newest answers and all alerts "
                + $"are kept");
    }
}
