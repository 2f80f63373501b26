namespace StreamLearn.Compression;

/// <summary>What tells which neurons or channels matter least.</summary>
public enum UnitScore
{
    /// <summary>The sum of the sizes of the weights that a unit is made with. Source: Li et al. (2017).</summary>
    WeightNorm,

    /// <summary>The size of its gain in the batch norm after it; of a layer without one, as <see cref="WeightNorm"/>. Source: Liu et al.
    /// (2017), <i>Network slimming</i>.</summary>
    BatchNormGain,
}
