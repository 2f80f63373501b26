using System.Collections.Concurrent;

namespace TauDemo;

/// <summary>Runs one fleet after another in virtual time, on a task of its own, at the pace that viewers ask for.</summary>
internal sealed class DemoSession : IPageSession
{
    private const int MostWaiting = 64;
    private const int MostCommands = 1000;      // of a fleet
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan MostSlice = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan PerRound = TimeSpan.FromMilliseconds(200);

    private readonly TauFleetSettings _settings;
    private readonly ConcurrentQueue<SessionRequest> _requests = new();
    private readonly SemaphoreSlim _asked = new(0);
    private readonly CancellationTokenSource _ending = new();
    private readonly SessionBoard _board;
    private int _commands;
    private bool _isOver;       // the fleet is to make room for another

    /// <summary>Begins the first fleet.</summary>
    /// <param name="settings">What each fleet learns; case and delay are those that viewers ask for.</param>
    internal DemoSession(TauFleetSettings settings)
    {
        _settings = settings with { TakesAllCases = true };
        Digits = ShownDigits.Of(TauParts.Unseen(settings)).ToJson();
        var delay = settings.AddedDelay.TotalMilliseconds;
        _board = new(new(1, DemoPace.Fast, HasEnded: false, (int)settings.Case, delay, First: 0, Rounds: []));
        Ended = Task.Run(RunAsync);
    }

    /// <inheritdoc />
    public ReadOnlyMemory<byte> Digits { get; }

    /// <inheritdoc />
    public bool HasPace => true;

    /// <inheritdoc />
    public Task Ended { get; }

    /// <inheritdoc />
    public (SessionView View, Task Followed) Newest => _board.Newest;

    private SessionView View => _board.View;

    /// <inheritdoc />
    public bool TryAsk(SessionRequest request)
    {
        if (_requests.Count >= MostWaiting) { return false; }
        _requests.Enqueue(request);
        _asked.Release();
        return true;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await Ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ending.Dispose();
        _asked.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            for (var run = 1; ; run++)
            {
                (_isOver, _commands) = (false, 0);
                _board.Show(v => v.Begun(run));
                await RunFleetAsync(View.Of(_settings)).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
        }
    }

    private async Task RunFleetAsync(TauFleetSettings settings)
    {
        using var fleet = new WatchedFleet(settings);
        var due = TimeProvider.System.GetTimestamp();       // of the next round, or since when slow time has not been used
        while (true)
        {
            while (_requests.TryDequeue(out var request)) { Take(request, fleet); }
            if (_isOver) { return; }
            if (fleet.HasEnded || View.Pace == DemoPace.Pause)
            {
                await _asked.WaitAsync(_ending.Token).ConfigureAwait(false);
                due = TimeProvider.System.GetTimestamp();
                continue;
            }

            var passed = TimeProvider.System.GetElapsedTime(due);
            var (span, pause) = View.Pace == DemoPace.Slow
                ? (passed < MostSlice ? passed : MostSlice, Slice)
                : (Slice, TimeSpan.Zero);
            if (View.Pace == DemoPace.Slow) { due = TimeProvider.System.GetTimestamp(); }
            var reports = fleet.RunFor(span, _ending.Token);
            foreach (var report in reports) { _board.Show(v => v.With(report)); }
            if (fleet.HasEnded) { _board.Show(static v => v with { HasEnded = true }); }
            if (View.Pace == DemoPace.Fast && !reports.IsEmpty) { pause = PerRound; }
            if (pause > TimeSpan.Zero) { await _asked.WaitAsync(pause, _ending.Token).ConfigureAwait(false); }
        }
    }

    private void Take(SessionRequest request, WatchedFleet fleet)
    {
        if (request.Pace is { } pace) { _board.Show(v => v with { Pace = pace }); }
        _isOver |= request.RunAgain;
        if (request.Command is not { } command || _commands++ >= MostCommands) { return; }
        _board.Show(v => v.Asked(command));
        if (!fleet.HasEnded) { fleet.Give(command); }
    }
}
