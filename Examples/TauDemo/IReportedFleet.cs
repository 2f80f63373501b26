using System.Collections.Immutable;

namespace TauDemo;

/// <summary>How a fleet stands, for reports of its rounds.</summary>
internal interface IReportedFleet
{
    /// <summary>Time since the start.</summary>
    TimeSpan Elapsed { get; }

    /// <summary>What adaptive tau goes by.</summary>
    IReadOnlyDictionary<string, double> Gauges { get; }

    /// <summary>How often the estimates have been forgotten, because the data changed.</summary>
    long Restarts { get; }

    /// <summary>By how many seconds versions take longer on their way.</summary>
    double AddedSeconds { get; }

    /// <summary>The case whose rows a node has; 0: it has not said so.</summary>
    /// <param name="node">The node, from 0.</param>
    int CaseOf(int node);

    /// <summary>How many rows of each kind a node has.</summary>
    /// <param name="node">The node, from 0.</param>
    ImmutableArray<int> ClassesOf(int node);
}
