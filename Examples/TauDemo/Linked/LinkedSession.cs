using System.Threading.Channels;
using StreamLearn.Programs;

namespace TauDemo;

/// <summary>Runs one fleet after another over a server, in real time, with the same nodes.</summary>
internal sealed class LinkedSession : IPageSession
{
    private const int MostWaiting = 64;
    private static readonly TimeSpan ShowEvery = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    private readonly Channel<SessionRequest> _requests = Channel.CreateBounded<SessionRequest>(MostWaiting);
    private readonly CancellationTokenSource _ending = new();
    private readonly TauFleetSettings _settings;
    private readonly LinkedHost _host;
    private readonly SessionBoard _board;

    /// <summary>Claims the name of the fleet and begins the first run.</summary>
    /// <param name="link">The server, and the name of the fleet.</param>
    /// <param name="terms">What it does about nodes, and how long it waits.</param>
    /// <param name="settings">What each run learns; case and delay are those that viewers ask for.</param>
    /// <param name="say">Takes a sentence for people.</param>
    internal LinkedSession(TauLink link, LinkedTerms terms, TauFleetSettings settings, Action<string> say)
    {
        _settings = settings with { TakesAllCases = true };
        Digits = ShownDigits.Of(TauParts.Unseen(settings)).ToJson();
        var delay = settings.AddedDelay.TotalMilliseconds;
        _board = new(new(0, Pace: null, HasEnded: false, (int)settings.Case, delay, First: 0, Rounds: [])
        {
            Over = EdgeServer.NameOf(link.Server),
        });
        _host = new(link, terms, say);
        Ended = Task.Run(() => _host.RunAsync(RunAsync, _ending.Token));
    }

    /// <inheritdoc />
    public ReadOnlyMemory<byte> Digits { get; }

    /// <inheritdoc />
    public bool HasPace => false;

    /// <inheritdoc />
    public Task Ended { get; }

    /// <inheritdoc />
    public (SessionView View, Task Followed) Newest => _board.Newest;

    /// <inheritdoc />
    public bool TryAsk(SessionRequest request) => _requests.Writer.TryWrite(request);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await Ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _host.DisposeAsync().ConfigureAwait(false);
        _ending.Dispose();
    }

    private Task RunAsync(CancellationToken cancellationToken) =>
        FirstDone.OfAsync(cancellationToken, NoticeAsync, RunFleetsAsync);

    private async Task RunFleetsAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            _board.Show(static v => v.Begun(v.Run + 1));
            var fleet = await _host.BeginAsync(_board.View.Of(_settings), cancellationToken).ConfigureAwait(false);
            await using var _ = fleet.ConfigureAwait(false);
            await FirstDone.OfAsync(cancellationToken, over => ShowAsync(fleet, over), over => TakeAsync(fleet, over))
                .ConfigureAwait(false);
        }
    }

    /// <summary>Shows the rounds of a run, and that it has ended.</summary>
    private async Task ShowAsync(TauProcessFleet fleet, CancellationToken cancellationToken)
    {
        await foreach (var reports in fleet.RunAsync(ShowEvery, cancellationToken).ConfigureAwait(false))
        {
            _board.Show(v => reports.Aggregate(v, static (shown, report) => shown.With(report)));
        }

        _host.Rest();
        _board.Show(static v => v with { HasEnded = true });
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Does what viewers ask for, until they ask for another run.</summary>
    private async Task TakeAsync(TauProcessFleet fleet, CancellationToken cancellationToken)
    {
        await foreach (var request in _requests.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            if (request.RunAgain) { return; }
            if (request.Command is not { } command) { continue; }
            _board.Show(v => v.Asked(command));
            if (!_board.View.HasEnded) { await fleet.GiveAsync(command, cancellationToken).ConfigureAwait(false); }
        }
    }

    private async Task NoticeAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(LookEvery, TimeProvider.System);
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            var notice = _host.Notice;
            if (notice != _board.View.Notice) { _board.Show(v => v with { Notice = notice }); }
        }
    }
}
