using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>Neurosurgeon: each device takes the cut of least latency or energy.</summary>
/// <remarks> Latency is the device's layers, activations up, and the server's layers times <see cref="NodeView.Load"/>; energy that of the
/// device's layers and of sending. As published, the answer's way back, delays and idle power are ignored unless <see cref="CountsAll"/>.
/// With <see cref="Objective.MinLayers"/> 0 raw rows may be sent; ties take the fewest layers on the device. Cost: layers of the model for
/// each device. Source: Kang et al. (ASPLOS 2017). </remarks>
/// <param name="Goal">What to minimize; default latency.</param>
public sealed record Neurosurgeon(NeurosurgeonGoal Goal = NeurosurgeonGoal.Latency) : Planner
{
    /// <summary>True: also counts the answer's way back, delays and idle power, as <see cref="RouteCost"/> does. Default false.</summary>
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
        if (!double.IsFinite(cost.BatchSeconds)) { return double.PositiveInfinity; }        // infinite time is never chosen
        if (CountsAll) { return Goal == NeurosurgeonGoal.Latency ? cost.BatchSeconds : cost.BatchJoules; }
        var (bits, power) = (8 * cost.BatchBytesUp, device.Power);
        var sending = bits == 0 ? 0 : bits / up!.BitsPerSecond;
        return Goal == NeurosurgeonGoal.Latency
            ? cost.DeviceSeconds + sending + cost.ServerSeconds
            : (power.ComputingWatts * cost.DeviceSeconds) + (power.SendingWatts * sending) + (power.JoulesPerBit * bits);
    }
}
