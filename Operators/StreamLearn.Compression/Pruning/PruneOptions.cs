namespace StreamLearn.Compression;

/// <summary>Among which weights the smallest are sought.</summary>
public enum PruneScope
{
    /// <summary>Each layer has the same share of zeros.</summary>
    Layer,

    /// <summary>The smallest of the whole network are zeros, wherever they are.</summary>
    Network,
}

/// <summary>What becomes of weights that were pruned.</summary>
public enum Regrowth
{
    /// <summary>They stay zeros.</summary>
    None,

    /// <summary>They keep learning behind the mask, and return when they have grown past a threshold.</summary>
    /// <remarks>Source: Guo, Yao, Chen (2016), <i>Dynamic network surgery</i>.</remarks>
    Surgery,

    /// <summary>The sparsity is the final one from the start; some of the smallest make place for those of the largest gradient.</summary>
    /// <remarks>Source: Evci et al. (2020), <i>Rigging the lottery</i>.</remarks>
    Gradient,
}

/// <summary>How weights are pruned while a network is trained.</summary>
public sealed record PruneOptions
{
    /// <summary>The share of zeros, step by step. Default 0.9 after 500 steps.</summary>
    public PruneSchedule Schedule { get; init; } = new(0.9f);

    /// <summary>Where the smallest are sought; default each layer by itself.</summary>
    public PruneScope Scope { get; init; }

    /// <summary>What becomes of pruned weights; default <see cref="Regrowth.None"/>.</summary>
    public Regrowth Regrowth { get; init; }

    /// <summary>With <see cref="Regrowth.Surgery"/>, how far above and below the threshold a weight has to be to change sides, in [0, 1);
    /// default 0.1.</summary>
    public float Hysteresis { get; init; } = 0.1f;

    /// <summary>With <see cref="Regrowth.Gradient"/>, the share of the kept weights that is exchanged at first, in [0, 1]; it falls to 0
    /// along half a cosine. Default 0.3.</summary>
    public float DropShare { get; init; } = 0.3f;

    /// <summary>How the network is trained meanwhile.</summary>
    public RetrainOptions Retrain { get; init; } = new();

    internal void Check()
    {
        Schedule.Check();
        if (!(Hysteresis is >= 0 and < 1)) { throw new ArgumentException($"expected a hysteresis in [0, 1), got {Hysteresis}"); }
        if (!(DropShare is >= 0 and <= 1)) { throw new ArgumentException($"expected a drop share in [0, 1], got {DropShare}"); }
        if (!Enum.IsDefined(Scope) || !Enum.IsDefined(Regrowth)) { throw new ArgumentException("expected a known scope and regrowth"); }
    }
}
