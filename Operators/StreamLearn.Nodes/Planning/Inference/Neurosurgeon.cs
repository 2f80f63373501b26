using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>Neurosurgeon: each device for itself takes the cut with the least latency, or the least energy, of all cuts.</summary>
/// <remarks>
/// For cut i the latency is the device's layers before i, the activations up, and the server's layers from i on times its load. The energy
/// is that of the device's layers and of sending. The answer's way back, delays and idle power do not count, as published, unless
/// <see cref="CountsAll"/>. The server's load is <see cref="NodeView.Load"/>. With <see cref="Objective.MinLayers"/> 0 the rows themselves
/// may be sent; of equal cuts the one with the fewest layers on the device is taken. Cost: layers of the model for each device. Source:
/// Kang et al. (ASPLOS 2017).
/// </remarks>
/// <param name="Goal">What is made small; default the latency.</param>
public sealed record Neurosurgeon(NeurosurgeonGoal Goal = NeurosurgeonGoal.Latency) : Planner
{
    /// <summary>True: the answer's way back, delays and idle power count too, as in <see cref="RouteCost"/>. Default false.</summary>
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
        if (!double.IsFinite(cost.BatchSeconds)) { return double.PositiveInfinity; }        // no answer, however little it takes
        if (CountsAll) { return Goal == NeurosurgeonGoal.Latency ? cost.BatchSeconds : cost.BatchJoules; }
        var (bits, power) = (8 * cost.BatchBytesUp, device.Power);
        var sending = bits == 0 ? 0 : bits / up!.BitsPerSecond;
        return Goal == NeurosurgeonGoal.Latency
            ? cost.DeviceSeconds + sending + cost.ServerSeconds
            : (power.ComputingWatts * cost.DeviceSeconds) + (power.SendingWatts * sending) + (power.JoulesPerBit * bits);
    }
}
