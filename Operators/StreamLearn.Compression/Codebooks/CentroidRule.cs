namespace StreamLearn.Compression;

/// <summary>Moves equal weights together, by the sum of their gradients; zeros stay zero.</summary>
internal sealed class CentroidRule : StepRule
{
    private readonly int[] _groups;         // [i]: the group of value i; 0: none; −1: a zero that stays
    private readonly float[] _sums;

    internal CentroidRule(ModelPlan plan, ReadOnlySpan<float> weights, Func<Slice, int> centroidsOf)
    {
        _groups = new int[plan.Values];
        var count = 1;
        foreach (var slice in plan.Slices)
        {
            if (centroidsOf(slice) == 0) { continue; }
            var known = new Dictionary<float, int>();
            for (var i = slice.Offset; i < slice.Offset + slice.Length; i++)
            {
                if (weights[i] == 0) { _groups[i] = -1; }
                else if (known.TryGetValue(weights[i], out var group)) { _groups[i] = group; }
                else { known[weights[i]] = _groups[i] = count++; }
            }
        }

        _sums = new float[count];
    }

    internal override void Change(Span<float> gradients)
    {
        Array.Clear(_sums);
        for (var i = 0; i < gradients.Length; i++)
        {
            if (_groups[i] > 0) { _sums[_groups[i]] += gradients[i]; }
        }

        for (var i = 0; i < gradients.Length; i++)
        {
            if (_groups[i] != 0) { gradients[i] = _groups[i] < 0 ? 0 : _sums[_groups[i]]; }
        }
    }
}
