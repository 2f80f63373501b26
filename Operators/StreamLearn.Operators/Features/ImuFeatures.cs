namespace StreamLearn.Operators;

/// <summary>Adds blocks that compute features of windows.</summary>
public static partial class OperatorFlowExtensions
{
    /// <summary>Reduces each window of an accelerometer, gyroscope or both to a row of fixed features.</summary>
    /// <remarks> Shape: rows × channels in; one row out, for each axis and then for each magnitude √(x² + y² + z²) the columns <c>acc x
    /// mean</c>, deviation, min, max, rms, median deviation, quartile range, zero crossings (not of a magnitude), mean crossings, energy,
    /// jerk deviation, autocorrelation peak and lag, dominant frequency, spectral centroid, spectral entropy, and the bands; then the
    /// correlations of a sensor's axes, and <c>acc magnitude area</c>, Σ(|x| + |y| + |z|)/n. 174 columns for both sensors, plus gravity
    /// with <see cref="ImuFeaturesOptions.SeparateGravity"/>, at the position of the first channel. Units: as <see cref="Feature"/> says.
    /// Other channels are removed unless <see cref="ImuFeaturesOptions.IncludeOthers"/>; other columns, missing values and undefined
    /// features: as with <c>Features</c>. State: none. Cost: about 25 µs for 128 rows of six channels, no allocation. Emits: one row per
    /// window. Drops: <c>empty</c> windows, <c>schema</c>, and <c>no-rate</c>: windows without rising times, if no rate is given. Source:
    /// Anguita et al. (2013): 2.56 s at 50 Hz, half overlapping. </remarks>
    /// <param name="flow">The windows.</param>
    /// <param name="options">Axes, bands and rate; null: detected.</param>
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
