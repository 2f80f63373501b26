namespace Papers;

/// <summary>Distribution of rows over nodes: the four cases of Wang et al., IEEE JSAC 37(6), 2019, section VII.</summary>
public enum DataCase
{
    /// <summary>Rows are distributed in turn: all nodes have all kinds.</summary>
    Uniform = 1,

    /// <summary>Rows are distributed by kind: each node has different kinds.</summary>
    ByLabel = 2,

    /// <summary>All nodes have all rows.</summary>
    Replicated = 3,

    /// <summary>The lower kinds are distributed in turn to half of the nodes, the upper ones by kind to the others.</summary>
    Mixed = 4,
}

/// <summary>Training rows in memory. Each has one of ten kinds, its digit or cluster, by which rows are distributed to nodes.</summary>
internal sealed record TauRows(ImmutableArray<float> Features, ImmutableArray<int> Kinds)
{
    internal const int KindCount = 10;

    /// <summary>The class of each row for models that learn classes; empty, the default, for others.</summary>
    internal ImmutableArray<int> Labels { get; init; } = [];

    /// <summary>The value of each row for models that learn values; empty, the default, for others.</summary>
    internal ImmutableArray<float> Targets { get; init; } = [];
    internal int Count => Kinds.Length;
    internal int Width => Features.Length / Count;

    internal ReadOnlySpan<float> Row(int index) => Features.AsSpan().Slice(index * Width, Width);

    internal Sample Slice(int from, int count)
    {
        var features = Features.AsSpan().Slice(from * Width, count * Width);
        return Labels.IsEmpty
            ? new(features, count) { Targets = Targets.IsEmpty ? default : Targets.AsSpan().Slice(from, count) }
            : new(features, Labels.AsSpan().Slice(from, count));
    }

    internal ImmutableArray<ImmutableArray<int>> Deal(DataCase dataCase, int nodes) => dataCase switch
    {
        DataCase.Uniform => Partition.Uniform(Count, nodes),
        DataCase.ByLabel => Partition.ByLabel(Kinds.AsSpan(), nodes),
        DataCase.Replicated => Partition.Replicated(Count, nodes),
        _ => Partition.Mixed(Kinds.AsSpan(), nodes),
    };
}
