namespace StreamLearn.Compression;

/// <summary>A mask of kept weights; biases, gains and statistics are always kept. On a tie, the first are pruned.</summary>
internal sealed class WeightMask
{
    private readonly Slice[] _slices;

    internal WeightMask(ModelPlan plan)
    {
        _slices = [.. plan.Slices.Where(IsPruned)];
        Kept = new bool[plan.Values];
        Kept.AsSpan().Fill(true);
    }

    internal bool[] Kept { get; }

    internal void KeepLargest(ReadOnlySpan<float> weights, float sparsity, PruneScope scope)
    {
        foreach (var places in Groups(scope))
        {
            Sort(places, weights);
            var zeros = (int)(places.Length * (double)sparsity);
            for (var i = 0; i < places.Length; i++) { Kept[places[i]] = i >= zeros; }
        }
    }

    /// <summary>Weights near the threshold do not change.</summary>
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

    /// <summary>Exchanges the smallest weights for those with the largest gradients, which start at 0.</summary>
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

    /// <summary>Signs and other low-bit weights gain nothing from zeros.</summary>
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
