using System.Collections.Immutable;

namespace StreamLearn.Nodes;

/// <summary>What a planner knows: the nodes, the links between them, and the plan that is in force. A value.</summary>
/// <param name="Nodes">The nodes; each name once.</param>
/// <param name="Links">The links.</param>
public sealed record ResourceView(ImmutableArray<NodeView> Nodes, ImmutableArray<LinkView> Links)
{
    /// <summary>The plan in force; null, the default: none yet.</summary>
    public Plan? Current { get; init; }

    /// <summary>The nodes on which rows are born, in order.</summary>
    public IEnumerable<NodeView> Devices => Nodes.Where(static node => node.Rows > 0);

    /// <summary>A node.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="ArgumentException">There is no such node.</exception>
    public NodeView Node(string name)
    {
        foreach (var node in Nodes)
        {
            if (node.Name == name) { return node; }
        }

        var names = string.Join(", ", Nodes.Select(static node => node.Name));
        throw new ArgumentException($"expected one of {names}, got {name}", nameof(name));
    }

    /// <summary>The link between two nodes: the one in this direction, or else the one in the other.</summary>
    /// <param name="from">The node that sends.</param>
    /// <param name="to">The node that receives.</param>
    /// <returns>The link; null if there is none.</returns>
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

    /// <summary>The node that computes for a device: the one without rows at the other end of its first link.</summary>
    /// <param name="device">The name of the device.</param>
    /// <returns>The node; null if there is none, and the device runs all layers itself.</returns>
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
