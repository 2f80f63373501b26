using System.Collections.Immutable;
using StreamLearn.Models;

namespace StreamLearn.Planning;

/// <summary>What a route costs by a view: the one cost model of all planners.</summary>
/// <remarks>
/// For a device and a server it is W/ξ · (D + C + V/up + V′/down + Θ) in time, and W/ξ · (P_c · D + P_t · V/up + P_r · V′/down) in energy.
/// A chain over more nodes adds what each computes and what each boundary takes. Inference runs no layer backward, and what comes back is
/// the answers. Source: Samikwa, Di Maio, Braun (2022), ARES; power while idle, joules a bit, and delays are ours.
/// </remarks>
public static class RouteCost
{
    /// <summary>The cost of a route.</summary>
    /// <param name="model">What the layers cost.</param>
    /// <param name="view">The nodes and links.</param>
    /// <param name="objective">What a batch is.</param>
    /// <param name="device">The device whose rows take the route.</param>
    /// <param name="ranges">The layers in order, each where it runs; all layers of the model.</param>
    /// <exception cref="ArgumentException">Layers are missing or out of order, or a node or a link is not in the view.</exception>
    public static PlanCost Of(
        LayerCosts model, ResourceView view, Objective objective, NodeView device, ImmutableArray<LayerRange> ranges)
    {
        Check(model, ranges);
        var (cost, before, deviceBusy) = (new PlanCost(), device, 0.0);
        var isTraining = objective.Work == PlannedWork.Training;
        foreach (var range in ranges)
        {
            var node = range.Node == device.Name ? device : view.Node(range.Node);
            var values = (double)model.ValuesAt(range.First) * objective.BatchRows;
            cost = Cross(cost, view, before, node, values * objective.BytesPerValue, isBack: false, device, ref deviceBusy);
            if (isTraining && range.First > 0)
            {
                cost = Cross(cost, view, node, before, values * objective.BytesPerGradient, isBack: true, device, ref deviceBusy);
            }

            var seconds = SecondsOf(node, model, range, isTraining) * objective.BatchRows * node.Load;
            cost = node.Name == device.Name
                ? cost with { DeviceSeconds = cost.DeviceSeconds + seconds }
                : cost with { ServerSeconds = cost.ServerSeconds + seconds };
            cost = cost with { BatchJoules = cost.BatchJoules + Joules(node.Power.ComputingWatts, seconds) };
            before = node;
        }

        if (!isTraining)
        {
            var answers = (double)model.ValuesAt(model.Count) * objective.BatchRows * objective.BytesPerGradient;
            cost = Cross(cost, view, before, device, answers, isBack: true, device, ref deviceBusy);
        }

        cost = cost with { OverheadSeconds = device.OverheadSeconds };
        var idle = cost.BatchSeconds - cost.DeviceSeconds - deviceBusy;
        return cost with
        {
            Batches = (double)device.Rows / objective.BatchRows,
            BatchJoules = cost.BatchJoules + Joules(device.Power.IdleWatts, idle),
            Memory = [.. ranges.Select(range => new NodeMemory(range.Node, MemoryOf(model, objective, range)))],
        };
    }

    /// <summary>Seconds of a row through some layers on a node, without its load.</summary>
    private static double SecondsOf(NodeView node, LayerCosts model, LayerRange range, bool isTraining)
    {
        if (node.Times is { } times)
        {
            if (times.Count != model.Count)
            {
                throw new ArgumentException($"{node.Name}: expected times of {model.Count} layers, got {times.Count}", nameof(node));
            }

            return isTraining ? times.Seconds(range.First, range.End) : times.ForwardSeconds(range.First, range.End);
        }

        var work = model.MultiplyAddsOf(range.First, range.End);
        for (var i = range.First; i < range.End && isTraining; i++) { work += model.Layers[i].BackwardMultiplyAdds; }
        return work / node.MultiplyAddsPerSecond;
    }

    /// <summary>Adds what it costs that bytes go from a node to another.</summary>
    private static PlanCost Cross(
        PlanCost cost, ResourceView view, NodeView from, NodeView to, double bytes, bool isBack, NodeView device, ref double deviceBusy)
    {
        if (from.Name == to.Name || bytes == 0) { return cost; }
        var link = view.Link(from.Name, to.Name)
            ?? throw new ArgumentException($"expected a link between {from.Name} and {to.Name}, got none", nameof(view));
        var (seconds, carrying) = (link.SecondsOf(bytes), 8 * bytes / link.BitsPerSecond);
        if (from.Name == device.Name || to.Name == device.Name) { deviceBusy += carrying; }
        var joules = cost.BatchJoules + Joules(from.Power.SendingWatts, carrying) + Joules(to.Power.ReceivingWatts, carrying)
            + (8 * bytes * (from.Power.JoulesPerBit + to.Power.JoulesPerBit));
        return isBack
            ? cost with { DownSeconds = cost.DownSeconds + seconds, BatchBytesDown = cost.BatchBytesDown + bytes, BatchJoules = joules }
            : cost with { UpSeconds = cost.UpSeconds + seconds, BatchBytesUp = cost.BatchBytesUp + bytes, BatchJoules = joules };
    }

    /// <summary>No power for any time is no energy, also where a link carries nothing and the time is infinite.</summary>
    private static double Joules(double watts, double seconds) => watts == 0 ? 0 : watts * seconds;

    private static long MemoryOf(LayerCosts model, Objective objective, LayerRange range)
    {
        if (objective.Work == PlannedWork.Training)
        {
            return model.TrainingBytes(range.First, range.End, objective.BatchRows, objective.OptimizerValues);
        }

        var widest = 0L;
        for (var i = range.First; i < range.End; i++) { widest = Math.Max(widest, (long)model.ValuesAt(i) + model.ValuesAt(i + 1)); }
        return 4 * (model.ParametersOf(range.First, range.End) + (objective.BatchRows * widest));
    }

    private static void Check(LayerCosts model, ImmutableArray<LayerRange> ranges)
    {
        var next = 0;
        foreach (var range in ranges)
        {
            if (range.First != next || range.End <= range.First)
            {
                throw new ArgumentException($"expected layers from {next} on, got {range}", nameof(ranges));
            }

            next = range.End;
        }

        if (next != model.Count) { throw new ArgumentException($"expected all {model.Count} layers, got {next}", nameof(ranges)); }
    }
}
