namespace StreamLearn.Nodes;

/// <summary>Routes of all devices. A value that prints as a table.</summary>
/// <param name="Routes">Each device's route, in view order.</param>
public sealed record Plan(ImmutableArray<Route> Routes)
{
    /// <summary>Duration of a round on the slowest device in seconds.</summary>
    public double Seconds => Routes.Length == 0 ? 0 : Routes.Max(static route => route.Cost.Seconds);

    /// <summary>Energy of all devices per round in joules.</summary>
    public double Joules => Routes.Sum(static route => route.Cost.Joules);

    /// <summary>True if each device has a route; otherwise see <see cref="Route.MissingBytes"/>.</summary>
    public bool IsComplete => Routes.All(static route => route.MissingBytes == 0);

    /// <summary>Returns the route of a device; null if it has none.</summary>
    public Route? RouteOf(string device)
    {
        foreach (var route in Routes)
        {
            if (route.Device == device) { return route; }
        }

        return null;
    }

    /// <summary>Returns true if another plan places the layers on the same nodes, at any cost.</summary>
    /// <param name="other">The other plan; null: false.</param>
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

    /// <summary>Returns a table of devices with placement and cost per round.</summary>
    public override string ToString() => PlanTable.Of(this);
}
