using StreamLearn.Onnx;
using StreamLearn.Operators;

namespace StreamLearn.Tables;

/// <summary>Converts window blocks to equivalent ONNX graphs.</summary>
public static class OnnxWindows
{
    /// <summary>Converts window features.</summary>
    /// <param name="plan">The block's feature plan.</param>
    /// <param name="rows">Rows per window, at least 1.</param>
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

    /// <summary>Converts the shares computed by random convolutions.</summary>
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
