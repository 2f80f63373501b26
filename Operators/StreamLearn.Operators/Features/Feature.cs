namespace StreamLearn.Operators;

/// <summary>Features of a channel of a window; combine them with <c>|</c>.</summary>
/// <remarks> x₁ … xₙ are the window's values, x̄ their mean, dᵢ = xᵢ − x̄, mₖ = Σdᵢᵏ/n. Features that are undefined, because a window is
/// constant or has too few rows, are 0. Source: Anguita et al. (2013); Hyndman, Fan (1996), definition 7 of quantiles; the spectrum as in
/// <see cref="FrequencyBand"/>. </remarks>
[Flags]
public enum Feature
{
    /// <summary>No feature.</summary>
    None = 0,

    /// <summary><c>x mean</c>: x̄, in the channel's unit.</summary>
    Mean = 1 << 0,

    /// <summary><c>x deviation</c>: √m₂, of the population, in the channel's unit.</summary>
    Deviation = 1 << 1,

    /// <summary><c>x min</c>, in the channel's unit.</summary>
    Min = 1 << 2,

    /// <summary><c>x max</c>, in the channel's unit.</summary>
    Max = 1 << 3,

    /// <summary><c>x rms</c>: √(Σxᵢ²/n), in the channel's unit.</summary>
    Rms = 1 << 4,

    /// <summary><c>x crest</c>: the largest |xᵢ| divided by the RMS; 0 if all are 0.</summary>
    Crest = 1 << 5,

    /// <summary><c>x skewness</c>: m₃/m₂^1.5.</summary>
    Skewness = 1 << 6,

    /// <summary><c>x kurtosis</c>: m₄/m₂²; 3 for normal noise.</summary>
    Kurtosis = 1 << 7,

    /// <summary><c>x median deviation</c>: the median of |xᵢ − median|, in the channel's unit.</summary>
    MedianDeviation = 1 << 8,

    /// <summary><c>x quartile range</c>: third minus first quartile, interpolated, in the channel's unit.</summary>
    QuartileRange = 1 << 9,

    /// <summary><c>x zero crossings</c>: the number of pairs of neighbors of which exactly one is below 0.</summary>
    ZeroCrossings = 1 << 10,

    /// <summary><c>x mean crossings</c>: the number of pairs of neighbors of which exactly one is below x̄.</summary>
    MeanCrossings = 1 << 11,

    /// <summary><c>x energy</c>: Σxᵢ²/n, in the unit squared.</summary>
    Energy = 1 << 12,

    /// <summary><c>x magnitude area</c>: Σ|xᵢ|/n, in the channel's unit. A sensor's axes add up to its signal magnitude area.</summary>
    MagnitudeArea = 1 << 13,

    /// <summary><c>x jerk deviation</c>: the deviation of the differences of neighbors, times the rate, in the unit per second.</summary>
    JerkDeviation = 1 << 14,

    /// <summary><c>x autocorrelation peak</c> and <c>x autocorrelation lag</c> in seconds: with r(k) = Σdᵢdᵢ₊ₖ/Σdᵢ², the first r(k) &gt; 0
    /// with r(k−1) &lt; r(k) ≥ r(k+1) after r was below 0, k from 1 to n/2; both 0 without a peak.</summary>
    Autocorrelation = 1 << 15,

    /// <summary><c>x dominant frequency</c>: the fₖ with the greatest power, the lowest on a tie, in Hz.</summary>
    DominantFrequency = 1 << 16,

    /// <summary><c>x spectral centroid</c>: ΣfₖPₖ/ΣPₖ, in Hz.</summary>
    SpectralCentroid = 1 << 17,

    /// <summary><c>x spectral entropy</c>: −Σpₖ ln pₖ / ln ⌊n/2⌋ with pₖ = Pₖ/ΣP: 0 for one frequency, 1 for white noise.</summary>
    SpectralEntropy = 1 << 18,

    /// <summary><c>x y correlation</c> of each pair of channels: Σdᵢeᵢ/√(Σdᵢ² Σeᵢ²).</summary>
    Correlations = 1 << 19,

    /// <summary>All features.</summary>
    All = (1 << 20) - 1,
}
