namespace StreamLearn.Nodes;

/// <summary>Layers computed jointly, and their nodes.</summary>
public sealed record PartBlock
{
    /// <summary>The first layer, from 0; default 0.</summary>
    public int First { get; init; }

    /// <summary>One past the last layer: at most <see cref="CutBlock.Reach"/> of the first.</summary>
    public required int End { get; init; }

    /// <summary>The nodes that participate, 1 to 64: distinct names of 1 to 256 bytes in UTF-8, and relative speeds above 0 in a common
    /// unit, by which lines are distributed.</summary>
    /// <exception cref="ArgumentException">A name is empty or too long, or a rate is not finite and above 0.</exception>
    public required ImmutableArray<(string Name, double Rate)> Workers
    {
        get;
        init
        {
            foreach (var (name, rate) in value.IsDefault ? [] : value)
            {
                DeviceName.Checked(name, nameof(Workers));
                if (!(rate > 0 && double.IsFinite(rate)))
                {
                    throw new ArgumentOutOfRangeException(nameof(Workers), rate, "expected a rate above 0");
                }
            }

            field = value;
        }
    }

    /// <summary>The dimension to divide; default lines. Channels need a single convolution or dense layer.</summary>
    public PartCut By { get; init; }

    /// <summary>The share of this node, in the unit of the workers' rates, at least 0. Default 0: it computes only as a fallback.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The share is negative or not finite.</exception>
    public double OwnRate
    {
        get;
        init => field = value >= 0 && double.IsFinite(value)
            ? value : throw new ArgumentOutOfRangeException(nameof(OwnRate), value, "expected a rate of at least 0");
    }

    /// <summary>Converts a mesh plan to blocks. The rows of each node become its rate.</summary>
    /// <remarks>Blocks are also split at layers that cannot be divided. Blocks that run only here are omitted, because <c>InferInParts</c>
    /// runs those anyway. The rows of this node come last. Results are gathered here, whatever the heads of the plan.</remarks>
    /// <param name="network">The network given to <see cref="MapLayers.Of"/>.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="here">Name of the distributing node.</param>
    /// <exception cref="ArgumentException">The plan has another number of layers.</exception>
    public static ImmutableArray<PartBlock> Of(Network network, MeshPlan plan, string here)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentException.ThrowIfNullOrEmpty(here);
        var places = MapLayers.PlacesOf(network);
        if (plan.Blocks.Length == 0 || plan.Blocks[^1].End != places.Length)
        {
            throw new ArgumentException($"expected a plan of {places.Length} layers, got\n{plan}", nameof(plan));
        }

        var blocks = ImmutableArray.CreateBuilder<PartBlock>();
        foreach (var block in plan.Blocks)
        {
            ImmutableArray<(string, double)> workers =
                [.. block.Parts.Where(p => p.Node != here).Select(static p => (p.Node, (double)(p.EndRow - p.FirstRow)))];
            if (workers.IsEmpty) { continue; }
            var own = block.Parts.Where(p => p.Node == here).Sum(static p => p.EndRow - p.FirstRow);
            var end = block.End < places.Length ? places[block.End] : network.Layers.Length;
            for (var (first, next) = (places[block.First], 0); first < end; first = Math.Max(first + 1, next))
            {
                next = Math.Min(end, RowPartition.Reach(network, first));
                if (places.Any(p => p >= first && p < next))
                {
                    blocks.Add(new() { First = first, End = next, Workers = workers, OwnRate = own });
                }
            }
        }

        return blocks.ToImmutable();
    }

    /// <inheritdoc />
    public bool Equals(PartBlock? other) => ReferenceEquals(this, other) || (other is not null
        && (First, End, By, OwnRate) == (other.First, other.End, other.By, other.OwnRate)
        && Workers.AsSpan().SequenceEqual(other.Workers.AsSpan()));

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(First, End, By, OwnRate);

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"layers {First} to {End}")
        + (By == PartCut.Channels ? " by channels" : "")
        + $" on {string.Join(", ", Workers.Select(static w => FormattableString.Invariant($"{w.Name} {w.Rate}")))}"
        + (OwnRate > 0 ? FormattableString.Invariant($" and here {OwnRate}") : "");

    internal CutBlock Check(Network network)
    {
        var cut = new CutBlock(network, First, End, By);
        if (Workers.IsDefault || Workers.Length is < 1 or > PartWorkers.Most)
        {
            throw new ArgumentException($"expected 1 to {PartWorkers.Most} workers, got {(Workers.IsDefault ? 0 : Workers.Length)}");
        }

        if (Workers.Select(static w => w.Name).Distinct(StringComparer.Ordinal).Count() < Workers.Length)
        {
            throw new ArgumentException($"expected workers with different names, got "
                + $"{string.Join(", ", Workers.Select(static w => w.Name))}");
        }

        return cut;
    }
}
