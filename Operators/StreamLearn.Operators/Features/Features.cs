namespace StreamLearn.Operators;

/// <summary>Adds blocks that compute features of windows.</summary>
public static partial class OperatorFlowExtensions
{
    /// <summary>Reduces each window to a row of selected features of every channel.</summary>
    /// <remarks> Shape: rows × channels in; one row out, for each channel x columns <c>x mean</c>, <c>x rms</c> … in the order of
    /// <see cref="Feature"/>, then the bands, then the correlations of channel pairs, at the position of the first channel. Units: the
    /// channel's, squared, per second, Hz, s or 1, see <see cref="Feature"/>. Time, whole-number columns and <c>target</c> keep their last
    /// row's value; <c>label</c> is present only if all rows agree; other float64 columns are removed. Missing, NaN or infinite values are
    /// skipped, in a correlation with their row; order-dependent features (crossings, jerk, autocorrelation, spectrum) interpolate
    /// linearly. A channel without values has missing features if nullable, otherwise NaN; other undefined features are 0. State: none.
    /// Cost: about 4 µs for 128 rows of a channel and all features; O(rows · log² rows), the autocorrelation O(rows · lag of its peak). No
    /// allocation, except for new window lengths after the 16th. Emits: one row per window. Drops: <c>empty</c> windows, <c>schema</c>, and
    /// <c>no-rate</c>: windows without rising times, if a rate is needed and not given. Source: Anguita et al. (2013). </remarks>
    /// <param name="flow">The windows.</param>
    /// <param name="features">Features of every channel.</param>
    /// <param name="options">Bands and rate; the argument replaces its <c>Features</c>. Null: no bands, and the rate is computed from
    /// time.</param>
    /// <exception cref="ArgumentException">No feature is selected, or a setting is out of range.</exception>
    public static Flow<Batch> Features(this Flow<Batch> flow, Feature features, FeaturesOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        options = (options ?? new()) with { Features = features };
        options.Check();
        return flow.Via("features", options, static (FeaturesOptions options, OperatorContext context, IOutput<Batch> output) =>
            new WindowFeatures(options.Layout, options.Bands, options.SamplesPerSecond, context, output));
    }
}
