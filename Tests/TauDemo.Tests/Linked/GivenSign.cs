namespace TauDemo.Tests;

/// <summary>An aggregator of which nothing is there but its sign.</summary>
internal sealed class GivenSign : IAsyncDisposable
{
    private readonly CancellationTokenSource _over = new();
    private readonly FleetMeeting _meeting;
    private readonly Task _giving;

    /// <summary>Begins to give it.</summary>
    /// <param name="link">The server, and the name of the fleet.</param>
    /// <param name="sign">The sign.</param>
    internal GivenSign(TauLink link, FleetSign sign)
    {
        _meeting = new(link, static _ => { });
        _meeting.Give(sign);
        _giving = _meeting.RunAsync(_over.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_over.IsCancellationRequested) { return; }
        await _over.CancelAsync();
        await _giving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _meeting.DisposeAsync();
        _over.Dispose();
    }
}
