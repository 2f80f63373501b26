using System.Collections.Immutable;

namespace StreamLearn.Nodes;

/// <summary>Where each layer runs, for the rows of each device. A value: it prints as a table, and compares.</summary>
/// <param name="Routes">A route for each device, in the order of the view.</param>
public sealed record Plan(ImmutableArray<Route> Routes)
{
    /// <summary>Seconds of a round: those of the slowest device.</summary>
    public double Seconds => Routes.Length == 0 ? 0 : Routes.Max(static route => route.Cost.Seconds);

    /// <summary>Joules of a round, of all devices.</summary>
    public double Joules => Routes.Sum(static route => route.Cost.Joules);

    /// <summary>True if each device has a route; false if memory is short somewhere: <see cref="Route.MissingBytes"/>.</summary>
    public bool IsComplete => Routes.All(static route => route.MissingBytes == 0);

    /// <summary>The route of a device; null if there is none.</summary>
    /// <param name="device">The name of the device.</param>
    public Route? RouteOf(string device)
    {
        foreach (var route in Routes)
        {
            if (route.Device == device) { return route; }
        }

        return null;
    }

    /// <summary>Whether another plan takes the same layers to the same nodes, whatever they cost.</summary>
    /// <param name="other">The other plan; null: no.</param>
    public bool IsPlacedAs(Plan? other)
    {
        if (other is null || Routes.Length != other.Routes.Length) { return false; }
        for (var i = 0; i < Routes.Length; i++)
        {
            if (!Routes[i].IsPlacedAs(other.Routes[i])) { return false; }
        }

        return true;
    }

    /// <inheritdoc />
    public bool Equals(Plan? other) => other is not null && Routes.AsSpan().SequenceEqual(other.Routes.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Routes.Length, Seconds, Joules);

    /// <summary>A table: for each device where its layers run, and what a round costs.</summary>
    public override string ToString() => PlanTable.Of(this);
}
