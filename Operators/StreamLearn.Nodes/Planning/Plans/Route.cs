using System.Collections.Immutable;

namespace StreamLearn.Nodes;

/// <summary>Which nodes the rows of a device go through.</summary>
/// <param name="Device">The name of the device whose rows they are.</param>
/// <param name="Ranges">The layers in order, each where it runs; none if <see cref="MissingBytes"/> is above 0.</param>
/// <param name="Cost">What it costs.</param>
public sealed record Route(string Device, ImmutableArray<LayerRange> Ranges, PlanCost Cost)
{
    /// <summary>Bytes of memory that the device lacks for any route; 0 if there is a route.</summary>
    public long MissingBytes { get; init; }

    /// <summary>Layers that the device runs before the first boundary: 0 none, the model's number of layers all.</summary>
    public int Split => Ranges.IsDefaultOrEmpty || Ranges[0].Node != Device ? 0 : Ranges[0].End;

    /// <summary>Whether another route takes the same layers to the same nodes, whatever they cost.</summary>
    /// <param name="other">The other route.</param>
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

    /// <summary>The device, and the layers of each node.</summary>
    public override string ToString() => MissingBytes > 0
        ? FormattableString.Invariant($"{Device}: {MissingBytes} bytes short")
        : $"{Device}: {string.Join(", ", Ranges)}";
}
