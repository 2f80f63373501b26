namespace StreamLearn.Operators;

/// <summary>Blocks that make features of windows.</summary>
public static partial class OperatorFlowExtensions
{
    /// <summary>Makes one row of each window: chosen features of every channel.</summary>
    /// <remarks>
    /// Shape: rows × channels in; one row out, for each channel x a column <c>x mean</c>, <c>x rms</c> … of each feature in the order of
    /// <see cref="Feature"/>, then one of each band, then the correlations of each two channels. They are in the place of the first
    /// channel. Units: the channel's, squared, per second, Hz, s or 1, as <see cref="Feature"/> says.
    /// Time, whole-number columns and <c>target</c> keep their last row's value; <c>label</c> is present only where all rows agree on it;
    /// other float64 columns end here.
    /// A value that is missing, NaN or infinite is skipped, and a correlation skips its row; what depends on the order of rows (crossings,
    /// jerk, autocorrelation, spectrum) sees a straight line in its place. A channel without any value in a window has missing features if
    /// its column may miss values, else they are NaN, which nothing else is: what a constant window or too few rows leave undefined is 0.
    /// State: none. Cost: about 4 µs for 128 rows of a channel and all features; O(rows · log² rows), the autocorrelation
    /// O(rows · lag of its peak). No allocation, except for the 17th length of windows and each after it that is new.
    /// Emits: one row for a window. Drops: <c>empty</c> windows, <c>schema</c>, and <c>no-rate</c>: windows whose times do not rise, where
    /// a rate is needed and not given.
    /// Source: Anguita et al. (2013), A Public Domain Dataset for Human Activity Recognition Using Smartphones.
    /// </remarks>
    /// <param name="flow">The windows.</param>
    /// <param name="features">What is said about every channel.</param>
    /// <param name="options">Bands and rate; its <c>Features</c> is replaced by the argument. Null for no bands, rate by time.</param>
    /// <exception cref="ArgumentException">Nothing is asked for, or a setting is out of range.</exception>
    public static Flow<Batch> Features(this Flow<Batch> flow, Feature features, FeaturesOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        options = (options ?? new()) with { Features = features };
        options.Check();
        return flow.Via("features", options, static (FeaturesOptions options, OperatorContext context, IOutput<Batch> output) =>
            new WindowFeatures(options.Layout, options.Bands, options.SamplesPerSecond, context, output));
    }
}
