using System.Numerics.Tensors;

namespace StreamLearn.Models;

/// <summary>Standardizes every channel with the model's statistics: (x − mean) · inverse. Only as the first layer.</summary>
/// <remarks> Shape: [channels, samples] to the same. Units: the channels' in, standard deviations out. State: slices
/// <see cref="ModelPlan.ScaleMean"/> and <see cref="ModelPlan.ScaleInverse"/>, statistics that no optimizer moves; 0 and 1 at first. Cost:
/// two operations per value, not counted. </remarks>
public sealed record Scale : Layer
{
    /// <summary>Distinguishes networks over different columns, so that their updates are not mixed. Default 0: columns of any
    /// meaning.</summary>
    public int Columns { get; init; }

    /// <inheritdoc />
    public override LayerPlan Plan(Shape input)
    {
        LayerPlan.Check(input);
        return new(input, 0,
            (ModelPlan.ScaleMean, SliceKind.Statistic, input.Channels), (ModelPlan.ScaleInverse, SliceKind.Statistic, input.Channels))
        {
            Reads = BackwardReads.None,
        };
    }

    /// <inheritdoc />
    public override void Initialize(Shape input, Span<float> values, RandomStream random) => values[input.Channels..].Fill(1);

    /// <inheritdoc />
    public override void Forward(in LayerCall call)
    {
        var (channels, samples) = (call.Input.Channels, call.Input.Samples);
        for (var row = 0; samples == 1 && row < call.Rows; row++)       // most calls would be for one value
        {
            var scaled = call.Outputs.Slice(row * channels, channels);
            TensorPrimitives.Subtract(call.Inputs.Slice(row * channels, channels), call.Weights[..channels], scaled);
            TensorPrimitives.Multiply(scaled, call.Weights.Slice(channels, channels), scaled);
        }

        for (var i = 0; samples > 1 && i < call.Rows * channels; i++)
        {
            var (mean, inverse) = (call.Weights[i % channels], call.Weights[channels + (i % channels)]);
            var from = call.Inputs.Slice(i * samples, samples);
            var to = call.Outputs.Slice(i * samples, samples);
            TensorPrimitives.Subtract(from, mean, to);
            TensorPrimitives.Multiply(to, inverse, to);
        }
    }

    /// <inheritdoc />
    public override void Backward(in LayerCall call)
    {
        if (call.InputGradients.IsEmpty) { return; }
        var (channels, samples) = (call.Input.Channels, call.Input.Samples);
        for (var i = 0; i < call.Rows * channels; i++)
        {
            var inverse = call.Weights[channels + (i % channels)];
            var from = call.OutputGradients.Slice(i * samples, samples);
            var to = call.InputGradients.Slice(i * samples, samples);
            TensorPrimitives.Multiply(from, inverse, to);
        }
    }

    /// <inheritdoc />
    public override string ToString() => Columns == 0 ? "scale" : FormattableString.Invariant($"scale of columns {Columns:x8}");
}
