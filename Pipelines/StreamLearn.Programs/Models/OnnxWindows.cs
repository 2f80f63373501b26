using StreamLearn.Onnx;
using StreamLearn.Operators;

namespace StreamLearn.Programs;

/// <summary>What blocks make of windows, for graphs that make the same.</summary>
public static class OnnxWindows
{
    /// <summary>Features of windows.</summary>
    /// <param name="plan">What the block computes.</param>
    /// <param name="rows">Rows of a window, at least 1.</param>
    public static OnnxFeatures Of(FeaturePlan plan, int rows)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return new()
        {
            Channels = plan.Channels,
            SamplesPerSecond = plan.SamplesPerSecond,
            Signals = plan.Signals,
            Columns = plan.Columns,
            Bands = [.. plan.Bands.Select(band => plan.BinsOf(band, rows))],
            Pairs = plan.Pairs,
            Areas = plan.Areas,
        };
    }

    /// <summary>Shares of random convolutions.</summary>
    /// <param name="kernels">The kernels.</param>
    public static OnnxConvolutions Of(RocketKernels kernels)
    {
        ArgumentNullException.ThrowIfNull(kernels);
        return new()
        {
            Channels = kernels.Channels,
            Rows = kernels.Rows,
            Scales = kernels.Scales,
            Biases = kernels.Biases,
            Kernels =
            [
                .. kernels.Places.Select(static p => new OnnxKernel
                {
                    Dilation = p.Dilation,
                    Weights = p.Weights,
                    Channels = p.Channels,
                    FirstFeature = p.FirstFeature,
                    Features = p.Features,
                    IsInner = p.IsInner,
                }),
            ],
        };
    }
}
