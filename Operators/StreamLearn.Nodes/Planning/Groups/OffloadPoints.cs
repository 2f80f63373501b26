using System.Collections.Immutable;
using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>The splits of a model between which FedAdapt chooses, and the one that a share of the work means.</summary>
/// <remarks>
/// A share means the split whose share of the multiply-adds is nearest. Of splits with the same share it is the latest, so that a pool
/// stays with its convolution. A split within the dense layers at the end is all layers; their names hold the word. The points of VGG-5
/// are after each pool, after the last convolution, and all. A split that leaves less than half a percent of the work to the server, such
/// as the head of an exit, is all layers too. Source: Wu et al. (2022), FedAdapt, and its code; the half percent is ours.
/// </remarks>
public sealed class OffloadPoints
{
    private const double LeastOffloaded = 0.005;

    private readonly ImmutableArray<(double Share, int Split)> _marks;         // ascending; several mean all layers

    private OffloadPoints(ImmutableArray<(double Share, int Split)> marks) => _marks = marks;

    /// <summary>The splits, ascending: layers on the device. The last one is all layers.</summary>
    public ImmutableArray<int> Splits => [.. _marks.Select(static mark => mark.Split).Distinct()];

    /// <summary>The points of a model.</summary>
    /// <param name="model">What the layers cost.</param>
    public static OffloadPoints Of(LayerCosts model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var (marks, dense) = (ImmutableArray.CreateBuilder<(double Share, int Split)>(), FirstDense(model));
        for (var split = 1; split <= model.Count; split++)
        {
            var share = ShareOf(model, split);
            if (marks.Count > 0 && marks[^1].Share == share) { marks.RemoveAt(marks.Count - 1); }
            marks.Add((share, split > dense || share > 1 - LeastOffloaded ? model.Count : split));
        }

        return new(marks.ToImmutable());
    }

    /// <summary>The split that a share of the multiply-adds is nearest to; of two that are as near, the later one.</summary>
    /// <param name="share">Share of the multiply-adds that stay on the device; below 0 and above 1 it means the first and all.</param>
    public int SplitOf(double share)
    {
        var best = 0;
        for (var i = 1; i < _marks.Length; i++)
        {
            if (Math.Abs(_marks[i].Share - share) <= Math.Abs(_marks[best].Share - share)) { best = i; }
        }

        return _marks[best].Split;
    }

    /// <summary>The share of a model's multiply-adds that a split leaves on the device.</summary>
    /// <param name="model">What the layers cost.</param>
    /// <param name="split">Layers on the device.</param>
    public static double ShareOf(LayerCosts model, int split)
    {
        ArgumentNullException.ThrowIfNull(model);
        return (double)model.MultiplyAddsOf(0, split) / model.MultiplyAdds;
    }

    /// <summary>The first of the dense layers at the end; the number of layers if there are none.</summary>
    private static int FirstDense(LayerCosts model)
    {
        var first = model.Count;
        while (first > 0 && model.Layers[first - 1].Name.Contains("dense", StringComparison.OrdinalIgnoreCase)) { first--; }
        return first;
    }
}
