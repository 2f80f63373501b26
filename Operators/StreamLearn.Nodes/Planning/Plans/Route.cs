namespace StreamLearn.Nodes;

/// <summary>The nodes that process the rows of a device.</summary>
/// <param name="Device">Device name.</param>
/// <param name="Ranges">Layers in order, with their nodes; empty if <see cref="MissingBytes"/> is above 0.</param>
/// <param name="Cost">Its cost.</param>
public sealed record Route(string Device, ImmutableArray<LayerRange> Ranges, PlanCost Cost)
{
    /// <summary>Number of bytes of memory that the device lacks for any route; 0 if there is a route.</summary>
    public long MissingBytes { get; init; }

    /// <summary>Layers on the device before the first boundary, from 0 to all.</summary>
    public int Split => Ranges.IsDefaultOrEmpty || Ranges[0].Node != Device ? 0 : Ranges[0].End;

    /// <summary>Returns true if another route places the layers on the same nodes, at any cost.</summary>
    public bool IsPlacedAs(Route other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Device == other.Device && Ranges.AsSpan().SequenceEqual(other.Ranges.AsSpan());
    }

    /// <inheritdoc />
    public bool Equals(Route? other) =>
        other is not null && IsPlacedAs(other) && Cost.Equals(other.Cost) && MissingBytes == other.MissingBytes;

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Device, Split, Cost);

    /// <summary>Returns the device, and the layers of each node.</summary>
    public override string ToString() => MissingBytes > 0
        ? FormattableString.Invariant($"{Device}: {MissingBytes} bytes short")
        : $"{Device}: {string.Join(", ", Ranges)}";
}
