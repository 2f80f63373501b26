namespace StreamLearn.Compression;

internal enum PruneScope
{
    Layer,
    Network,
}

/// <summary>Treatment of pruned weights.</summary>
public enum Regrowth
{
    /// <summary>Pruned weights stay zero.</summary>
    None,

    /// <summary>Pruned weights are trained behind the mask and return above a threshold.</summary>
    /// <remarks>Source: Guo, Yao, Chen (2016), <i>Dynamic network surgery</i>.</remarks>
    Surgery,

    /// <summary>Starts at the final sparsity; the smallest weights are exchanged for those with the largest gradients.</summary>
    /// <remarks>Source: Evci et al. (2020), <i>Rigging the lottery</i>.</remarks>
    Gradient,
}

/// <summary>Settings of pruning during training.</summary>
public sealed record PruneOptions
{
    /// <summary>Sparsity by step; default 0.9 after 500 steps.</summary>
    public PruneSchedule Schedule { get; init; } = new(0.9f);

    /// <summary>True: finds the smallest weights in the whole network. False (default): in each layer, with equal sparsity.</summary>
    public bool AcrossLayers { get; init; }

    internal PruneScope Scope => AcrossLayers ? PruneScope.Network : PruneScope.Layer;

    /// <summary>Treatment of pruned weights; default <see cref="Regrowth.None"/>.</summary>
    public Regrowth Regrowth { get; init; }

    /// <summary>With <see cref="Regrowth.Surgery"/>, relative distance from the threshold to change sides, in [0, 1); default
    /// 0.1.</summary>
    public float Hysteresis { get; init; } = 0.1f;

    /// <summary>With <see cref="Regrowth.Gradient"/>, the initial share of kept weights that are exchanged, in [0, 1]. It falls to 0 along
    /// a half cosine. Default 0.3.</summary>
    public float DropShare { get; init; } = 0.3f;

    /// <summary>Training settings.</summary>
    public RetrainOptions Retrain { get; init; } = new();

    internal void Check()
    {
        Schedule.Check();
        if (!(Hysteresis is >= 0 and < 1)) { throw new ArgumentException($"expected a hysteresis in [0, 1), got {Hysteresis}"); }
        if (!(DropShare is >= 0 and <= 1)) { throw new ArgumentException($"expected a drop share in [0, 1], got {DropShare}"); }
        if (!Enum.IsDefined(Regrowth)) { throw new ArgumentException($"expected a defined Regrowth value, got {Regrowth}"); }
    }
}
