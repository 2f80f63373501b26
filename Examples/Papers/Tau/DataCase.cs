using System.Collections.Immutable;
using StreamLearn.Simulation;

namespace TauDemo;

/// <summary>Which rows a node has: the four cases of the source.</summary>
/// <remarks>Source: Wang et al., IEEE JSAC 37(6), 2019, section VII.</remarks>
public enum DataCase
{
    /// <summary>Dealt in turn: all nodes have all kinds.</summary>
    Uniform = 1,

    /// <summary>Dealt by kind: each node has kinds of its own.</summary>
    ByLabel = 2,

    /// <summary>All nodes have all rows.</summary>
    Replicated = 3,

    /// <summary>The lower kinds in turn to half of the nodes, the upper ones by kind to the others.</summary>
    Mixed = 4,
}

/// <summary>Deals rows to nodes, by their kinds.</summary>
internal static class DataCases
{
    internal static ImmutableArray<ImmutableArray<int>> Deal(this DataCase dataCase, TauRows rows, int nodes) => dataCase switch
    {
        DataCase.Uniform => Partition.Uniform(rows.Count, nodes),
        DataCase.ByLabel => Partition.ByLabel(rows.Kinds.AsSpan(), nodes),
        DataCase.Replicated => Partition.Replicated(rows.Count, nodes),
        DataCase.Mixed => Partition.Mixed(rows.Kinds.AsSpan(), nodes),
        _ => throw new ArgumentOutOfRangeException(nameof(dataCase), dataCase, "expected a case of 1 to 4"),
    };
}
