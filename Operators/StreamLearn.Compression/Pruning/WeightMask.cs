using StreamLearn.Models;

namespace StreamLearn.Compression;

/// <summary>Which weights of a model are kept. Biases, gains and statistics always are. Of equal weights the first are pruned.</summary>
internal sealed class WeightMask
{
    private readonly Slice[] _slices;

    internal WeightMask(ModelPlan plan)
    {
        _slices = [.. plan.Slices.Where(IsPruned)];
        Kept = new bool[plan.Values];
        Kept.AsSpan().Fill(true);
    }

    /// <summary>[i] tells whether value i is kept.</summary>
    internal bool[] Kept { get; }

    /// <summary>Keeps the largest weights of each group but a share, rounded down.</summary>
    internal void KeepLargest(ReadOnlySpan<float> weights, float sparsity, PruneScope scope)
    {
        foreach (var places in Groups(scope))
        {
            Sort(places, weights);
            var zeros = (int)(places.Length * (double)sparsity);
            for (var i = 0; i < places.Length; i++) { Kept[places[i]] = i >= zeros; }
        }
    }

    /// <summary>Prunes what is below, and brings back what is above the threshold of a sparsity; what lies near stays as it is.</summary>
    internal void Cross(ReadOnlySpan<float> weights, float sparsity, PruneScope scope, float hysteresis)
    {
        foreach (var places in Groups(scope))
        {
            Sort(places, weights);
            var zeros = (int)(places.Length * (double)sparsity);
            var threshold = zeros == 0 ? 0 : MathF.Abs(weights[places[zeros - 1]]);
            foreach (var at in places)
            {
                var size = MathF.Abs(weights[at]);
                if (size <= threshold * (1 - hysteresis)) { Kept[at] = false; }
                else if (size > threshold * (1 + hysteresis)) { Kept[at] = true; }
            }
        }
    }

    /// <summary>Exchanges a share of the kept weights of each layer: the smallest for those of the largest gradient, which begin at
    /// 0.</summary>
    internal void Exchange(Span<float> weights, ReadOnlySpan<float> gradients, double share)
    {
        foreach (var places in Groups(PruneScope.Layer))
        {
            int[] kept = [.. places.Where(at => Kept[at])];
            int[] pruned = [.. places.Where(at => !Kept[at])];
            var count = Math.Min((int)(kept.Length * share), pruned.Length);
            Sort(kept, weights);
            Sort(pruned, gradients);
            foreach (var at in kept.AsSpan(0, count)) { (Kept[at], weights[at]) = (false, 0); }
            foreach (var at in pruned.AsSpan(pruned.Length - count)) { (Kept[at], weights[at]) = (true, 0); }
        }
    }

    /// <summary>Writes zeros where nothing is kept.</summary>
    internal void Apply(Span<float> values)
    {
        foreach (var slice in _slices)
        {
            for (var i = slice.Offset; i < slice.Offset + slice.Length; i++)
            {
                if (!Kept[i]) { values[i] = 0; }
            }
        }
    }

    /// <summary>Signs and other weights of few bits have no zeros to gain by.</summary>
    private static bool IsPruned(Slice slice) => slice.Kind == SliceKind.Trained
        && slice.Name.EndsWith(".weight", StringComparison.Ordinal) && !slice.Name.Contains("low-bit", StringComparison.Ordinal);

    private IEnumerable<int[]> Groups(PruneScope scope) => scope == PruneScope.Layer
        ? _slices.Select(static s => Enumerable.Range(s.Offset, s.Length).ToArray())
        : [[.. _slices.SelectMany(static s => Enumerable.Range(s.Offset, s.Length))]];

    private static void Sort(int[] places, ReadOnlySpan<float> by)
    {
        var keys = new (float Size, int Place)[places.Length];
        for (var i = 0; i < places.Length; i++) { keys[i] = (MathF.Abs(by[places[i]]), places[i]); }
        Array.Sort(keys, places);
    }
}
