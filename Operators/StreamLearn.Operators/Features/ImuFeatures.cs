namespace StreamLearn.Operators;

/// <summary>Blocks that make features of windows.</summary>
public static partial class OperatorFlowExtensions
{
    /// <summary>Makes one row of each window of an accelerometer, a gyroscope or both: a fixed set of features of their axes and
    /// magnitudes.</summary>
    /// <remarks>
    /// Shape: rows × channels in; one row out, of each axis and then of each magnitude √(x² + y² + z²) the columns <c>acc x mean</c>,
    /// deviation, min, max, rms, median deviation, quartile range, zero crossings (not of a magnitude), mean crossings, energy, jerk
    /// deviation, autocorrelation peak and lag, dominant frequency, spectral centroid, spectral entropy, and the power of each band; then
    /// the correlations of each two axes of a sensor, and <c>acc magnitude area</c>, Σ(|x| + |y| + |z|)/n. 174 columns for both sensors,
    /// and the means of gravity where <see cref="ImuFeaturesOptions.SeparateGravity"/> asks for them.
    /// They are in the place of the first channel. Units: as <see cref="Feature"/> says.
    /// Other channels end here unless <see cref="ImuFeaturesOptions.IncludeOthers"/> keeps them; all else about columns, missing values and
    /// undefined features is as with <c>Features</c>. State: none: a window is described by itself. Cost: about 25 µs for 128 rows of six
    /// channels, no allocation. Emits: one row for a window. Drops: <c>empty</c> windows, <c>schema</c>, and <c>no-rate</c>: windows whose
    /// times do not rise, where the rate is not given.
    /// Source: Anguita et al. (2013), A Public Domain Dataset for Human Activity Recognition Using Smartphones: 2.56 s at 50 Hz, half
    /// overlapping.
    /// </remarks>
    /// <param name="flow">The windows.</param>
    /// <param name="options">Axes, bands and rate; null: they are found.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public static Flow<Batch> ImuFeatures(this Flow<Batch> flow, ImuFeaturesOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        options ??= new();
        options.Check();
        return flow.Via("imu-features", options, static (ImuFeaturesOptions options, OperatorContext context, IOutput<Batch> output) =>
            new WindowFeatures(options.Layout, options.Bands, options.SamplesPerSecond, context, output));
    }
}
