namespace StreamLearn.Nodes;

/// <summary>Neurosurgeon: each device uses the cut with the least latency or energy.</summary>
/// <remarks> Latency is the device's layers, activations up, and the server's layers times <see cref="NodeView.Load"/>; energy that of the
/// device's layers and of sending. As in the paper, the return of the answer, delays and idle power are ignored unless
/// <see cref="CountsAll"/> is true. With <see cref="Objective.MinLayers"/> 0, raw rows may be sent; on a tie, the fewest layers are on the
/// device. Cost: layers of the model for each device. Source: Kang et al. (ASPLOS 2017). </remarks>
/// <param name="SavesEnergy">True: minimizes the energy of the device. False (default): minimizes the time from row to answer.</param>
public sealed record Neurosurgeon(bool SavesEnergy = false) : Planner
{
    /// <summary>True: also counts the return of the answer, delays and idle power, as other planners do. Default false.</summary>
    public bool CountsAll { get; init; }

    /// <inheritdoc />
    /// <exception cref="ArgumentException">The work is not inference.</exception>
    public override Plan Plan(LayerCosts model, ResourceView view, Objective objective)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(objective);
        objective.RequireInference();
        return new([.. SplitRoutes.Of(model, view, objective).Select(routes =>
        {
            var up = view.ServerOf(routes.Device.Name) is { } server ? view.Link(routes.Device.Name, server.Name) : null;
            return routes.Choose(of => of.Splits.MinBy(split => Value(of.Device, up, of[split].Cost)));
        })]);
    }

    private double Value(NodeView device, LinkView? up, PlanCost cost)
    {
        if (!double.IsFinite(cost.BatchSeconds)) { return double.PositiveInfinity; }        // there is no answer, however small the cost
        if (CountsAll) { return SavesEnergy ? cost.BatchJoules : cost.BatchSeconds; }
        var (bits, power) = (8 * cost.BatchBytesUp, device.Power);
        var sending = bits == 0 ? 0 : bits / up!.BitsPerSecond;
        return SavesEnergy
            ? (power.ComputingWatts * cost.DeviceSeconds) + (power.SendingWatts * sending) + (power.JoulesPerBit * bits)
            : cost.DeviceSeconds + sending + cost.ServerSeconds;
    }
}
