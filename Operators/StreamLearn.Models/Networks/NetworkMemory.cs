namespace StreamLearn.Models;

internal static class NetworkMemory
{
    internal static MemoryPlan Of(Network network, int rows, Optimizer? optimizer, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, 2);
        var batch = rows;
        rows = Math.Min(rows, network.RowsOfTape);
        var (layout, tape, states) = (network.Layout, network.Layout.Step, 4L * (optimizer?.StateValues ?? 0));
        var layers = ImmutableArray.CreateBuilder<LayerMemory>();
        for (var i = 0; i < network.Layers.Length; i++)
        {
            Add($"{i} {network.Layers[i]}", layout.Trunk.Plans[i], tape.LayerValues(i));
            if (layout.ExitAfter(i) is not (>= 0 and var exit)) { continue; }
            var last = i == network.Layers.Length - 1 && tape.Keeps(i + 1) ? network.Boundaries[^1].Size : 0;
            Add($"exit{exit} {network.Exits[exit].Head}", layout.Heads[exit], tape.ExitValues(exit) + last);
        }

        var shared = threads == 2 ? layout.Trunk.SharedScratch(rows, rows) : 0L;
        var scratch = 4 * (Math.Max(tape.ForwardScratch(rows), tape.BackwardScratch(rows)) + shared);
        return new(batch, layers.ToImmutable(), scratch, Workspace.BytesOf(network.InferenceValues(batch)));

        void Add(string name, LayerPlan plan, int values)
        {
            var frozen = plan.Has(SliceKind.Frozen) ? plan.Has(SliceKind.Trained) ? ", partly frozen" : ", frozen" : "";
            layers.Add(new(name + frozen, plan.Output, plan.MultiplyAdds, 4L * plan.Values, 4L * plan.Values, 4L * rows * values,
                states * plan.Values));
        }
    }
}
