namespace StreamLearn.Nodes;

/// <summary>Assigns blocks of a generating model to nodes: the source, then stage by stage. Immutable.</summary>
/// <remarks>A stage that adopts a plan clears its sequences and reports ready. Source: Zhang et al. (2025), EdgeShard.</remarks>
public sealed record GenerationPlan : ISized, IReplaceable
{
    /// <summary>Maximum number of stages in a plan, including the source.</summary>
    public const int MaxStages = 64;

    /// <summary>The generating node.</summary>
    public required string Source { get; init; }

    /// <summary>Number of the plan; a higher one replaces it. Ignored in plans for the source.</summary>
    public required long Number { get; init; }

    /// <summary>The nodes and their blocks in order, the source first.</summary>
    public required ImmutableArray<LayerRange> Stages { get; init; }

    /// <inheritdoc />
    public long SizeBytes => 64 + (64L * Stages.Length);

    /// <inheritdoc />
    public string ReplacementKey => Source;

    /// <summary>Divides the blocks evenly. The first nodes get the remainder; nodes without a block are omitted. Without nodes, the source
    /// runs all blocks.</summary>
    /// <param name="source">The generating node.</param>
    /// <param name="sourceBlocks">Blocks on the source, at least 1.</param>
    /// <param name="blocks">Blocks in the model.</param>
    /// <param name="nodes">The other nodes, in order.</param>
    /// <exception cref="ArgumentOutOfRangeException">The source has no block, or more blocks than there are.</exception>
    public static GenerationPlan Even(string source, int sourceBlocks, int blocks, IReadOnlyList<string> nodes)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentOutOfRangeException.ThrowIfLessThan(sourceBlocks, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sourceBlocks, blocks);
        var sharing = Math.Min(nodes.Count, blocks - sourceBlocks);
        var stages = ImmutableArray.CreateBuilder<LayerRange>();
        stages.Add(new(0, sharing == 0 ? blocks : sourceBlocks, source));
        for (var i = 0; i < sharing; i++)
        {
            var (rest, first) = (blocks - stages[^1].End, stages[^1].End);
            stages.Add(new(first, first + ((rest + sharing - i - 1) / (sharing - i)), nodes[i]));
        }

        return new() { Source = source, Number = 0, Stages = stages.ToImmutable() };
    }

    /// <inheritdoc />
    public bool Equals(GenerationPlan? other) => other is not null && (Source, Number) == (other.Source, other.Number)
        && Stages.AsSpan().SequenceEqual(other.Stages.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Source, Number, Stages.Length);

    /// <inheritdoc />
    public override string ToString() =>
        $"plan {Number} of {Source}: {string.Join(", ", Stages.Select(static s => $"{s.Node} {s.First} to {s.End}"))}";

    internal bool Fits(int blocks)
    {
        if (Stages.IsDefaultOrEmpty || Stages[0].Node != Source || Stages[^1].End != blocks) { return false; }
        for (var i = 0; i < Stages.Length; i++)
        {
            if (Stages[i].First != (i == 0 ? 0 : Stages[i - 1].End) || Stages[i].End <= Stages[i].First) { return false; }
            if (PlaceOf(Stages[i].Node) != i) { return false; }
        }

        return true;
    }

    internal static GenerationPlan? State(ref StateStream s, GenerationPlan? plan, int blocks)
    {
        plan = s.Optional(plan, NodesCodecs.GenerationPlans);
        return plan?.Fits(blocks) == false ? throw new StateException($"expected a plan of {blocks} blocks, got {plan}") : plan;
    }

    internal int PlaceOf(string node)
    {
        for (var i = 0; i < Stages.Length; i++)
        {
            if (Stages[i].Node == node) { return i; }
        }

        return -1;
    }

    internal static GenerationPlan? Fields(ref FrameFields f, GenerationPlan? p)
    {
        var (source, number, count) = (f.Text(p?.Source), f.Long(p?.Number), f.Byte((byte?)p?.Stages.Length, MaxStages));
        var stages = f.Items(p?.Stages, count, Fields, minBytes: 11);
        return !f.HasRead() ? p : new() { Source = source, Number = number, Stages = stages };
    }

    private static LayerRange Fields(ref FrameFields f, LayerRange stage)
    {
        var node = f.Text(stage.Node);
        return new(f.Int(stage.First), f.Int(stage.End), node);
    }
}
