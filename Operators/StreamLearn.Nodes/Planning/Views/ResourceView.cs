namespace StreamLearn.Nodes;

/// <summary>What a planner knows: nodes, links and the current plan. A value.</summary>
/// <param name="Nodes">The nodes, with distinct names.</param>
/// <param name="Links">The links.</param>
public sealed record ResourceView(ImmutableArray<NodeView> Nodes, ImmutableArray<LinkView> Links)
{
    /// <summary>The current plan; null (default): none.</summary>
    public Plan? Current { get; init; }

    /// <summary>Nodes that produce rows, in order.</summary>
    public IEnumerable<NodeView> Devices => Nodes.Where(static node => node.Rows > 0);

    /// <summary>Returns a node.</summary>
    /// <exception cref="ArgumentException">The node is unknown.</exception>
    public NodeView Node(string name)
    {
        foreach (var node in Nodes)
        {
            if (node.Name == name) { return node; }
        }

        var names = string.Join(", ", Nodes.Select(static node => node.Name));
        throw new ArgumentException($"expected one of {names}, got {name}", nameof(name));
    }

    /// <summary>Returns the link in this direction, or that in the other direction.</summary>
    /// <returns>The link; null: none.</returns>
    public LinkView? Link(string from, string to)
    {
        LinkView? back = null;
        foreach (var link in Links)
        {
            if (link.From == from && link.To == to) { return link; }
            if (link.From == to && link.To == from) { back = link; }
        }

        return back;
    }

    /// <summary>Returns the server of a device: the node without rows on its first link.</summary>
    /// <returns>The node; null if the device runs all layers itself.</returns>
    public NodeView? ServerOf(string device)
    {
        foreach (var link in Links)
        {
            var other = link.From == device ? link.To : link.To == device ? link.From : null;
            if (other is not null && Node(other) is { Rows: 0 } server) { return server; }
        }

        return null;
    }

    /// <inheritdoc />
    public bool Equals(ResourceView? other) =>
        other is not null && Nodes.AsSpan().SequenceEqual(other.Nodes.AsSpan()) && Links.AsSpan().SequenceEqual(other.Links.AsSpan())
        && Current == other.Current;

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Nodes.Length, Links.Length, Current);
}
