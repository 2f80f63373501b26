using StreamLearn;
using StreamLearn.Programs;

namespace TauDemo;

/// <summary>A node's side of a fleet over a server: it comes to the runs of the fleet, one after another, until the fleet ends.</summary>
internal sealed class LinkedMember : IAsyncDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    private readonly TauLink _link;
    private readonly int _number;
    private readonly MemberTerms _terms;
    private readonly Action<string> _say;
    private readonly FleetMeeting _meeting;
    private readonly SilenceWatch _watch;
    private readonly FleetSign _own = FleetSign.Of(FleetSignKind.Asks);
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = NewSignal();
    private FleetSign? _sign;       // the newest of the fleet; null: it was not heard

    /// <summary>Makes it; nothing happens yet.</summary>
    /// <param name="link">The server, and the name of the fleet.</param>
    /// <param name="number">Which node it is, from 0.</param>
    /// <param name="terms">What it expects of the fleet.</param>
    /// <param name="say">Takes a sentence for people.</param>
    internal LinkedMember(TauLink link, int number, MemberTerms terms, Action<string> say)
    {
        (_link, _number, _terms, _say) = (link, number, terms, say);
        _meeting = new(link, Hear);
        _watch = new(terms.Patience, WordsOf(), say);
    }

    private FleetSign? Sign => Volatile.Read(ref _sign);

    /// <summary>Learns in the runs of the fleet until it ends.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FleetEndException">Server or fleet are lost, or the fleet is not what was expected.</exception>
    /// <exception cref="BlockFailedException">A block failed.</exception>
    internal Task RunAsync(CancellationToken cancellationToken)
    {
        _meeting.Give(_own);
        return FirstDone.OfAsync(cancellationToken, _meeting.RunAsync, WatchAsync, LearnAsync);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _meeting.DisposeAsync();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task LearnAsync(CancellationToken cancellationToken)
    {
        FleetSign? last = null;
        while (true)
        {
            var sign = await UntilAsync(
                s => s.Kind == FleetSignKind.Ends || (s.Kind == FleetSignKind.Runs && s.RunName != last?.RunName), cancellationToken)
                .ConfigureAwait(false);
            if (sign.Kind == FleetSignKind.Ends) { return; }
            if (sign.Program != last?.Program) { Check(sign); }
            last = sign;
            var settings = new TauFleetSettings { Case = (DataCase)sign.Case, Seed = sign.Seed, TakesAllCases = sign.TakesAllCases };
            var isOver = UntilAsync(s => s.Kind != FleetSignKind.Runs || s.RunName != sign.RunName, cancellationToken);
            using var node = new LinkedNode(_link, new(_link.Fleet, sign.RunName), settings, _number);
            await node.RunAsync(isOver, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Waits for a sign of the fleet.</summary>
    private async Task<FleetSign> UntilAsync(Predicate<FleetSign> isMeant, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (_sign is { } sign && isMeant(sign)) { return sign; }
                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(LookEvery, TimeProvider.System);
        var (begun, hasSaid) = (TimeProvider.System.GetTimestamp(), false);
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            _watch.Look();
            if (hasSaid || Sign is not null || TimeProvider.System.GetElapsedTime(begun) < SilenceWatch.Mentioned) { continue; }
            hasSaid = true;
            _say($"waiting for {_link}, which fleet --wait begins");
        }
    }

    /// <summary>It belongs to the first fleet that it hears, and goes over to another one of the name when that is silent.</summary>
    private void Hear(FleetSign sign)
    {
        if (Sign is not { } known)
        {
            if (sign.Program == _own.Program) { _watch.Hear(); }
            if (!sign.IsOfFleet) { return; }
            _meeting.Give(null);
        }
        else if (sign.Program != known.Program && !(sign.IsOfFleet && _watch.Notice is not null)) { return; }

        _watch.Hear();
        lock (_lock)
        {
            Volatile.Write(ref _sign, sign);
            _changed.SetResult();
            _changed = NewSignal();
        }
    }

    private void Check(FleetSign sign)
    {
        if (_terms.Case is { } expected && expected != sign.Case) { throw Other("case", sign.Case, expected); }
        if (_terms.Seed is { } seed && seed != sign.Seed) { throw Other("seed", sign.Seed, seed); }
    }

    private FleetEndException Other(string what, long got, long expected) => new(
        FormattableString.Invariant($"{_link} has {what} {got}, and --{what} says {expected}: leave it out, and the fleet says which"),
        ProgramExit.BadConfiguration);

    private SilenceWords WordsOf()
    {
        var server = EdgeServer.NameOf(_link.Server);
        var most = _terms.Patience is { } patience ? $"{patience.TotalSeconds} s" : "";
        return new(
            () => (!_meeting.IsConnected ? $"the connection to {server} is lost: {_meeting.Fault}"
                : Sign is null ? $"{server} does not answer"
                : $"nothing is heard of {_link}") + $"; the node waits for it, for {most} at most",
            () => Sign is null ? $"{server} is back" : $"{_link} is heard again",
            () => _meeting.IsConnected && Sign is not null
                ? new($"nothing has been heard of {_link} for {most}: the node ends (--patience)", ProgramExit.NobodyAnswered)
                : new($"{server} has been away for {most}: the node ends (--patience)", ProgramExit.NoLink));
    }
}

/// <summary>What a node expects of its fleet.</summary>
/// <param name="Case">The case; null: any.</param>
/// <param name="Seed">The seed; null: any.</param>
/// <param name="Patience">After how long a silence it gives up; null: never.</param>
internal sealed record MemberTerms(int? Case, int? Seed, TimeSpan? Patience);
