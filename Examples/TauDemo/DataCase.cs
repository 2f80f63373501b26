using System.Collections.Immutable;
using StreamLearn.Samples;
using StreamLearn.Simulation;

namespace TauDemo;

/// <summary>Which digits a node has: the four cases of the source.</summary>
/// <remarks>Source: Wang et al., IEEE JSAC 37(6), 2019, section VII.</remarks>
public enum DataCase
{
    /// <summary>Dealt in turn: all nodes have all digits.</summary>
    Uniform = 1,

    /// <summary>Dealt by digit: each node has digits of its own.</summary>
    ByLabel = 2,

    /// <summary>All nodes have all rows.</summary>
    Replicated = 3,

    /// <summary>The lower digits in turn to half of the nodes, the upper ones by digit to the others.</summary>
    Mixed = 4,
}

/// <summary>Deals digits to nodes.</summary>
internal static class DataCases
{
    internal static ImmutableArray<ImmutableArray<int>> Deal(this DataCase dataCase, GlyphDigits digits, int nodes) => dataCase switch
    {
        DataCase.Uniform => Partition.Uniform(digits.Count, nodes),
        DataCase.ByLabel => Partition.ByLabel(digits.Labels.AsSpan(), nodes),
        DataCase.Replicated => Partition.Replicated(digits.Count, nodes),
        DataCase.Mixed => Partition.Mixed(digits.Labels.AsSpan(), nodes),
        _ => throw new ArgumentOutOfRangeException(nameof(dataCase), dataCase, "expected a case of 1 to 4"),
    };
}
