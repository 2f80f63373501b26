using StreamLearn.Programs;

namespace TauDemo;

/// <summary>The aggregator's side of a fleet over a server: it claims the name of the fleet, starts the nodes or waits for them, and
/// watches them and the server.</summary>
internal sealed class LinkedHost : IAsyncDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan TimeToAnswer = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestUnheard = TimeSpan.FromSeconds(1.5);       // of a server that is there: signs go twice a second

    private readonly TauLink _link;
    private readonly LinkedTerms _terms;
    private readonly Action<string> _say;
    private readonly FleetMeeting _meeting;
    private readonly SilenceWatch _server;
    private readonly NodeRoll _roll;
    private readonly TaskCompletionSource _isHeard = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private FleetSign _sign = FleetSign.Of(FleetSignKind.Begins);
    private FleetSign? _other;          // another fleet of the name, which goes before

    /// <summary>Makes it; nothing happens yet.</summary>
    /// <param name="link">The server, and the name of the fleet.</param>
    /// <param name="terms">What it does about nodes, and how long it waits.</param>
    /// <param name="say">Takes a sentence for people.</param>
    internal LinkedHost(TauLink link, LinkedTerms terms, Action<string> say)
    {
        (_link, _terms, _say) = (link, terms, say);
        _meeting = new(link, Hear);
        _server = new(terms.Patience, WordsOf(), say);
        _roll = new(terms.Nodes, terms.Patience, say);
    }

    /// <summary>What is amiss, for people; null: nothing.</summary>
    internal string? Notice => _server.Notice ?? (_meeting.Sign is { Kind: FleetSignKind.Runs } ? _roll.Notice : null);

    /// <summary>Claims the name and lets the nodes come, does something with them, and lets them go.</summary>
    /// <param name="use">What to do.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FleetEndException">The name is another fleet's; or server or nodes are lost.</exception>
    internal async Task RunAsync(Func<CancellationToken, Task> use, CancellationToken cancellationToken)
    {
        try
        {
            await FirstDone.OfAsync(cancellationToken, _meeting.RunAsync, WatchAsync, over => UseAsync(use, over)).ConfigureAwait(false);
        }
        finally
        {
            await _meeting.LeaveAsync(_sign with { Kind = FleetSignKind.Ends }).ConfigureAwait(false);
        }
    }

    /// <summary>Begins a run, and calls the nodes to it.</summary>
    /// <param name="settings">What it learns.</param>
    /// <param name="cancellationToken">Gives up.</param>
    internal async Task<TauProcessFleet> BeginAsync(TauFleetSettings settings, CancellationToken cancellationToken)
    {
        var sign = _sign with
        {
            Kind = FleetSignKind.Runs,
            Run = _sign.Run + 1,
            Case = (int)settings.Case,
            TakesAllCases = settings.TakesAllCases,
            Seed = settings.Seed,
        };
        _roll.Begin();
        var fleet = await TauProcessFleet.StartAsync(_link, new(_link.Fleet, sign.RunName), settings, _roll.Hear, cancellationToken)
            .ConfigureAwait(false);
        Give(sign);
        return fleet;
    }

    /// <summary>Ends a run: nodes wait for the next.</summary>
    internal void Rest() => Give(_sign with { Kind = FleetSignKind.Rests });

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _meeting.DisposeAsync();

    private void Give(FleetSign sign)
    {
        Volatile.Write(ref _sign, sign);
        _meeting.Give(sign);
    }

    private async Task UseAsync(Func<CancellationToken, Task> use, CancellationToken cancellationToken)
    {
        await ClaimAsync(cancellationToken).ConfigureAwait(false);
        if (!_terms.StartsNodes)
        {
            await use(cancellationToken).ConfigureAwait(false);
            return;
        }

        var nodes = new NodeProcesses(_link, _terms.Nodes, _say);
        await using var _ = nodes.ConfigureAwait(false);
        await FirstDone.OfAsync(cancellationToken, use, nodes.WatchAsync).ConfigureAwait(false);
    }

    /// <summary>Says that the fleet begins, and gives another one of the name the time to answer; nobody else has a name that was made
    /// for this fleet.</summary>
    private async Task ClaimAsync(CancellationToken cancellationToken)
    {
        Give(_sign);
        await _isHeard.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (_link.IsShared) { await Task.Delay(TimeToAnswer, TimeProvider.System, cancellationToken).ConfigureAwait(false); }
        ThrowIfTaken();
        Rest();
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(LookEvery, TimeProvider.System);
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            ThrowIfTaken();
            _server.Look();
            if (_meeting.Sign is { Kind: FleetSignKind.Runs }) { _roll.Look(isServerSilent: _server.Length > LongestUnheard); }
        }
    }

    private void ThrowIfTaken()
    {
        if (Volatile.Read(ref _other) is null) { return; }
        throw new FleetEndException($"there is another {_link}: give this one a --fleet of its own", ProgramExit.StateUnusable);
    }

    /// <summary>One that begins gives way to one that is there; of two alike, the later one gives way.</summary>
    private void Hear(FleetSign sign)
    {
        var own = Volatile.Read(ref _sign);
        if (sign.Program == own.Program)
        {
            _server.Hear();
            _isHeard.TrySetResult();
            return;
        }

        var hasBegun = own.Kind != FleetSignKind.Begins;
        switch (sign.Kind)
        {
            case FleetSignKind.Ends:
                break;
            case FleetSignKind.Asks or FleetSignKind.Begins when hasBegun:
                _meeting.GiveAtOnce();
                break;
            case FleetSignKind.Rests or FleetSignKind.Runs when !hasBegun || !own.GoesBefore(sign):
            case FleetSignKind.Begins when !own.GoesBefore(sign):
                Volatile.Write(ref _other, sign);
                break;
        }
    }

    private SilenceWords WordsOf()
    {
        var (server, most) = (EdgeServer.NameOf(_link.Server), $"{_terms.Patience.TotalSeconds} s");
        return new(
            () => (_meeting.IsConnected ? $"{server} does not answer" : $"the connection to {server} is lost: {_meeting.Fault}")
                + $"; the fleet waits for it, for {most} at most",
            () => $"{server} is back",
            () => new($"{server} has been away for {most}: the fleet ends (--patience)", ProgramExit.NoLink));
    }
}

/// <summary>What an aggregator does about its nodes, and how long it waits.</summary>
/// <param name="StartsNodes">True: it starts them; false: it waits for those of others.</param>
/// <param name="Patience">After how long a silence of server or node it gives up.</param>
/// <param name="Nodes">How many there are.</param>
internal sealed record LinkedTerms(bool StartsNodes, TimeSpan Patience, int Nodes);
