namespace StreamLearn.Nodes;

/// <summary>FedAdapt's candidate splits of a model, addressed by share of work.</summary>
/// <remarks> A share selects the nearest split by multiply-adds, the last on a tie, so that a pool stays with its convolution. Splits
/// within the final dense layers, found by name, or leaving the server under half a percent of the work mean all layers. VGG-5's points are
/// after each pool, after the last convolution, and all layers. Source: Wu et al. (2022), FedAdapt, and its code; the half percent is ours.
/// </remarks>
internal sealed class OffloadPoints
{
    private const double MinOffloaded = 0.005;

    private readonly ImmutableArray<(double Share, int Split)> _marks;         // ascending; several may mean all layers

    private OffloadPoints(ImmutableArray<(double Share, int Split)> marks) => _marks = marks;

    /// <summary>Layers on the device, ascending; the last is all layers.</summary>
    public ImmutableArray<int> Splits => [.. _marks.Select(static mark => mark.Split).Distinct()];

    public static OffloadPoints Of(LayerCosts model)
    {
        var (marks, dense) = (ImmutableArray.CreateBuilder<(double Share, int Split)>(), FirstDense(model));
        for (var split = 1; split <= model.Count; split++)
        {
            var share = ShareOf(model, split);
            if (marks.Count > 0 && marks[^1].Share == share) { marks.RemoveAt(marks.Count - 1); }
            marks.Add((share, split > dense || share > 1 - MinOffloaded ? model.Count : split));
        }

        return new(marks.ToImmutable());
    }

    /// <summary>Returns the split nearest to a share of multiply-adds; on a tie, the later one.</summary>
    public int SplitOf(double share)
    {
        var best = 0;
        for (var i = 1; i < _marks.Length; i++)
        {
            if (Math.Abs(_marks[i].Share - share) <= Math.Abs(_marks[best].Share - share)) { best = i; }
        }

        return _marks[best].Split;
    }

    public static double ShareOf(LayerCosts model, int split) => (double)model.MultiplyAddsOf(0, split) / model.MultiplyAdds;

    /// <summary>Returns the first of the final dense layers; the number of layers if the model does not end in one.</summary>
    private static int FirstDense(LayerCosts model)
    {
        var first = model.Count;
        while (first > 0 && model.Layers[first - 1].Name.Contains("dense", StringComparison.OrdinalIgnoreCase)) { first--; }
        return first;
    }
}
