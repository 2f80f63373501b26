using System.Collections.Concurrent;
using StreamLearn.Testing;

namespace TauDemo.Tests;

/// <summary>A fleet over a real server, in real time, whose members are all in the process of the test.</summary>
internal sealed class FleetInProcess : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan TakeEvery = TimeSpan.FromMilliseconds(250);       // judging a version takes a while

    /// <summary>What a fleet learns that does not end, in short rounds with some rest between them.</summary>
    internal static TauFleetSettings Endless { get; } = new()
    {
        Case = DataCase.ByLabel,
        Budget = TimeSpan.FromHours(1),
        AddedDelay = TimeSpan.FromMilliseconds(50),
        Settings = new() { MaxSteps = 5 },
    };

    private readonly CancellationTokenSource _over = new();
    private readonly Dictionary<int, (Task Ended, CancellationTokenSource Over)> _members = [];
    private readonly TauLink _link;
    private readonly LinkedHost _host;
    private readonly TimeSpan _patience;

    /// <summary>Begins it; no node is there yet.</summary>
    /// <param name="link">The server, and the name of the fleet.</param>
    /// <param name="settings">What it learns; null: something that does not end.</param>
    /// <param name="patience">How long its members wait; null: as long as the test does.</param>
    internal FleetInProcess(TauLink link, TauFleetSettings? settings = null, TimeSpan? patience = null)
    {
        (_link, _patience) = (link, patience ?? ServerProcess.Patience);
        settings ??= Endless;
        _host = new(link, new(StartsNodes: false, _patience, settings.Nodes), Said.Enqueue);
        Ended = Task.Run(() => _host.RunAsync(over => LearnAsync(settings, over), _over.Token));
    }

    /// <summary>What its aggregator said.</summary>
    internal ConcurrentQueue<string> Said { get; } = new();

    /// <summary>Its rounds.</summary>
    internal ConcurrentQueue<RoundReport> Rounds { get; } = new();

    /// <summary>Its aggregator.</summary>
    internal TauProcessFleet? Aggregator { get; private set; }

    /// <summary>Ends when its aggregator does.</summary>
    internal Task Ended { get; }

    /// <summary>Lets a node come.</summary>
    /// <param name="node">Which.</param>
    /// <param name="terms">What it expects; null: nothing.</param>
    /// <returns>Ends when the node does.</returns>
    internal Task Join(int node, MemberTerms? terms = null)
    {
        var over = CancellationTokenSource.CreateLinkedTokenSource(_over.Token);
        var ended = Task.Run(async () =>
        {
            await using var member = new LinkedMember(_link, node, terms ?? new(null, null, _patience), static _ => { });
            await member.RunAsync(over.Token);
        });
        _members[node] = (ended, over);
        return ended;
    }

    /// <summary>Lets all five nodes come.</summary>
    internal void JoinAll()
    {
        for (var n = 0; n < 5; n++) { Join(n); }
    }

    /// <summary>Takes a node away, without a word to the others.</summary>
    internal async Task LoseAsync(int node)
    {
        var (ended, over) = _members[node];
        await over.CancelAsync();
        await ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        over.Dispose();
        _members.Remove(node);
    }

    /// <summary>Waits until something is so, as long as nobody fails.</summary>
    internal async Task UntilAsync(Func<FleetInProcess, bool> isSo)
    {
        using var patience = new CancellationTokenSource(ServerProcess.Patience, TimeProvider.System);
        while (!isSo(this))
        {
            if (Ended.IsFaulted) { await Ended; }
            if (patience.IsCancellationRequested) { throw new TimeoutException($"{Rounds.Count} rounds\n{string.Join('\n', Said)}"); }
            await Task.Delay(Pause, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits for some more rounds.</summary>
    internal Task GoesOnAsync()
    {
        var before = Rounds.Count;
        return UntilAsync(f => f.Rounds.Count > before + 3);
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await Task.WhenAll(_members.Values.Select(static m => m.Ended).Append(Ended))
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _host.DisposeAsync();
        foreach (var (_, over) in _members.Values) { over.Dispose(); }
        _over.Dispose();
    }

    private async Task LearnAsync(TauFleetSettings settings, CancellationToken over)
    {
        await using var aggregator = await _host.BeginAsync(settings, over);
        Aggregator = aggregator;
        await foreach (var rounds in aggregator.RunAsync(TakeEvery, over))
        {
            foreach (var round in rounds) { Rounds.Enqueue(round); }
        }
    }
}
