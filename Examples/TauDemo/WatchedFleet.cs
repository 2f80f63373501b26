using System.Collections.Immutable;

namespace TauDemo;

/// <summary>A fleet that gives a report of each round.</summary>
public sealed class WatchedFleet : IDisposable
{
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(50);

    private readonly TauFleet _fleet;
    private readonly RoundReporter _reporter;

    /// <summary>Makes the fleet; nothing runs yet.</summary>
    /// <param name="settings">What it learns, and what it may use.</param>
    /// <exception cref="ArgumentException">It does not tell even digits from odd ones.</exception>
    public WatchedFleet(TauFleetSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        RoundReporter? made = null;
        _fleet = new(settings, fleet => made = new(settings, fleet));
        _reporter = made!;
    }

    /// <summary>Virtual time since the start.</summary>
    public TimeSpan Elapsed => _fleet.Elapsed;

    /// <summary>True if the budget is spent.</summary>
    public bool HasEnded => _fleet.HasEnded;

    /// <summary>Gives a command to all when the fleet runs on; of several of a kind, the last one counts.</summary>
    /// <param name="command">The command.</param>
    /// <exception cref="ArgumentException">The fleet has not made ready for that case.</exception>
    public void Give(DemoCommand command) => _fleet.Give(command);

    /// <summary>Runs for a length of virtual time.</summary>
    /// <param name="span">How long, 0 or more.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The rounds that have ended, in order.</returns>
    /// <exception cref="InvalidOperationException">It does not end.</exception>
    public ImmutableArray<RoundReport> RunFor(TimeSpan span, CancellationToken cancellationToken = default)
    {
        _fleet.RunFor(span, cancellationToken);
        return [.. _reporter.Take()];
    }

    /// <summary>Runs until the budget is spent.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Each round when it has ended.</returns>
    public IEnumerable<RoundReport> Run(CancellationToken cancellationToken = default)
    {
        while (!HasEnded)
        {
            foreach (var report in RunFor(Slice, cancellationToken)) { yield return report; }
        }
    }

    /// <inheritdoc />
    public void Dispose() => _fleet.Dispose();
}
