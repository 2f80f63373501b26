using static TorchSharp.torch;

namespace StreamLearn.Torch;

/// <summary>Scales channels by (x − mean) · inverse, as the layer <see cref="Scale"/> at the start of a network does.</summary>
/// <remarks> State: buffers <c>mean</c> and <c>inverse</c>, a value per channel. A module's first instance provides
/// <see cref="ModelPlan.ScaleMean"/> and <see cref="ModelPlan.ScaleInverse"/>, which fitting, training and aggregation set from the rows'
/// moments. In scripts, name the buffers <c>scale.mean</c> and <c>scale.inverse</c>. </remarks>
public sealed class InputScale : nn.Module<Tensor, Tensor>
{
    private readonly Tensor _mean;
    private readonly Tensor _inverse;

    /// <summary>Creates a layer that changes nothing until its values are set.</summary>
    /// <param name="channels">Channels, at least 1.</param>
    public InputScale(int channels) : base(nameof(InputScale))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        (_mean, _inverse) = (zeros(channels), ones(channels));
        register_buffer("mean", _mean);
        register_buffer("inverse", _inverse);
    }

    /// <inheritdoc />
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var shape = new long[input.dim() - 1];
        Array.Fill(shape, 1);
        shape[0] = _mean.shape[0];
        return (input - _mean.view(shape)) * _inverse.view(shape);
    }
}
