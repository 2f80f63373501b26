namespace StreamLearn.Nodes;

/// <summary>The cost model for routes that all planners share.</summary>
/// <remarks> For a device and a server: time W/ξ · (D + C + V/up + V′/down + Θ), energy W/ξ · (P_c · D + P_t · V/up + P_r · V′/down).
/// Longer chains add each node and boundary. Inference has no backward pass and returns only answers. Source: Samikwa, Di Maio, Braun
/// (2022), ARES; idle power, joules per bit, and delays are ours. </remarks>
internal static class RouteCost
{
    public static PlanCost Of(LayerCosts model, ResourceView view, Objective objective, NodeView device, ImmutableArray<LayerRange> ranges)
    {
        Check(model, ranges);
        var (tally, before, isTraining) = (new BatchTally(view, device), device, objective.Work == PlannedWork.Training);
        foreach (var range in ranges)
        {
            var node = range.Node == device.Name ? device : view.Node(range.Node);
            var values = (double)model.ValuesAt(range.First) * objective.BatchRows;
            tally.Up(before, node, values * objective.BytesPerValue);
            if (isTraining && range.First > 0) { tally.Down(node, before, values * objective.BytesPerGradient); }
            tally.Compute(node, SecondsOf(node, model, range, isTraining) * objective.BatchRows * node.Load);
            before = node;
        }

        if (!isTraining)
        {
            tally.Down(before, device, (double)model.ValuesAt(model.Count) * objective.BatchRows * objective.BytesPerGradient);
        }

        return tally.Cost with
        {
            Batches = (double)device.Rows / objective.BatchRows,
            Memory = [.. ranges.Select(range => new NodeMemory(range.Node, MemoryOf(model, objective, range)))],
        };
    }

    /// <summary>Returns the seconds per row, without the load of the node.</summary>
    internal static double SecondsOf(NodeView node, LayerCosts model, LayerRange range, bool isTraining)
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

    internal static long MemoryOf(LayerCosts model, Objective objective, LayerRange range)
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
                throw new ArgumentException($"expected layers from {next}, got {range}", nameof(ranges));
            }

            next = range.End;
        }

        if (next != model.Count) { throw new ArgumentException($"expected all {model.Count} layers, got {next}", nameof(ranges)); }
    }
}
