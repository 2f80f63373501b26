namespace StreamLearn.Compression;

/// <summary>Importance measure of neurons or channels.</summary>
public enum UnitScore
{
    /// <summary>Sum of the magnitudes of a unit's weights. Source: Li et al. (2017).</summary>
    WeightNorm,

    /// <summary>Magnitude of the gain in the following batch norm; without one, <see cref="WeightNorm"/>. Source: Liu et al. (2017),
    /// <i>Network slimming</i>.</summary>
    BatchNormGain,
}
