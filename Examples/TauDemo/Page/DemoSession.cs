using System.Collections.Concurrent;

namespace TauDemo;

/// <summary>Runs one fleet after another in virtual time, on a task of its own, at the pace that viewers ask for.</summary>
internal sealed class DemoSession : IAsyncDisposable
{
    private const int MostWaiting = 64;
    private const int MostCommands = 1000;      // of a fleet
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan MostSlice = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan PerRound = TimeSpan.FromMilliseconds(200);

    private sealed record Newer(SessionView View, TaskCompletionSource Followed);

    private readonly TauFleetSettings _settings;
    private readonly ConcurrentQueue<SessionRequest> _requests = new();
    private readonly SemaphoreSlim _asked = new(0);
    private readonly CancellationTokenSource _ending = new();
    private Newer _newest;
    private int _commands;
    private bool _isOver;       // the fleet is to make room for another

    /// <summary>Begins the first fleet.</summary>
    /// <param name="settings">What each fleet learns; case and delay are those that viewers ask for.</param>
    internal DemoSession(TauFleetSettings settings)
    {
        _settings = settings with { TakesAllCases = true };
        Digits = ShownDigits.Of(TauParts.Unseen(settings)).ToJson();
        var delay = settings.AddedDelay.TotalMilliseconds;
        _newest = new(new(1, DemoPace.Fast, HasEnded: false, (int)settings.Case, delay, First: 0, Rounds: []), NewSignal());
        Ended = Task.Run(RunAsync);
    }

    /// <summary>The digits whose predictions are shown, as JSON.</summary>
    internal ReadOnlyMemory<byte> Digits { get; }

    /// <summary>Ends when the session does; faulted if a fleet fails.</summary>
    internal Task Ended { get; }

    /// <summary>How it stands, and a task that ends when that is no longer so.</summary>
    internal (SessionView View, Task Followed) Newest
    {
        get
        {
            var newest = Volatile.Read(ref _newest);
            return (newest.View, newest.Followed.Task);
        }
    }

    private SessionView View => Volatile.Read(ref _newest).View;

    /// <summary>Asks for something; it is done soon.</summary>
    /// <param name="request">What.</param>
    /// <returns>False if too much is asked for at once.</returns>
    internal bool TryAsk(SessionRequest request)
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

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task RunAsync()
    {
        try
        {
            for (var run = 1; ; run++)
            {
                (_isOver, _commands) = (false, 0);
                var view = View;
                Show(view with { Run = run, HasEnded = false, First = 0, Rounds = [] });
                await RunFleetAsync(_settings with
                {
                    Case = (DataCase)view.Case,
                    AddedDelay = TimeSpan.FromMilliseconds(view.DelayMs),
                }).ConfigureAwait(false);
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
            foreach (var report in reports) { Show(View.With(report)); }
            if (fleet.HasEnded) { Show(View with { HasEnded = true }); }
            if (View.Pace == DemoPace.Fast && !reports.IsEmpty) { pause = PerRound; }
            if (pause > TimeSpan.Zero) { await _asked.WaitAsync(pause, _ending.Token).ConfigureAwait(false); }
        }
    }

    private void Take(SessionRequest request, WatchedFleet fleet)
    {
        if (request.Pace is { } pace) { Show(View with { Pace = pace }); }
        _isOver |= request.RunAgain;
        if (request.Command is not { } command || _commands++ >= MostCommands) { return; }
        Show(View with
        {
            Case = (int?)command.Case ?? View.Case,
            DelayMs = command.Delay?.TotalMilliseconds ?? View.DelayMs,
        });
        if (!fleet.HasEnded) { fleet.Give(command); }
    }

    private void Show(SessionView view)
    {
        var before = _newest;
        Volatile.Write(ref _newest, new(view, NewSignal()));
        before.Followed.SetResult();
    }
}
