namespace StreamLearn.Models;

/// <summary>Rounds the weights of a layer to 8 bits per output channel.</summary>
/// <remarks>Shape, state and cost: those of the layer; biases are not rounded. Gradients pass straight through. Rounding is idempotent.
/// Source: Jacob et al. (2018), section 3; Bengio, Léonard, Courville (2013), for the straight-through estimator.</remarks>
/// <param name="Layer">A <see cref="Dense"/> layer, a convolution, or a depthwise convolution.</param>
public sealed record RoundedWeights(Layer Layer) : Layer
{
    /// <inheritdoc />
    public override LayerPlan Plan(Shape input)
    {
        if (Layer is not (Dense or Conv1d or Conv2d or DepthwiseConv1d or DepthwiseConv2d))
        {
            throw new ArgumentException($"expected a dense layer or a convolution, got {Layer}");
        }

        var plan = Layer.Plan(input);
        return new(plan.Output, plan.MultiplyAdds, plan.Slices)
        {
            TapeValues = plan.TapeValues,
            ScratchValues = checked(Vectors.Widen(plan.Values) + plan.ScratchValues),
            ScratchValuesPerRow = plan.ScratchValuesPerRow,
            Reads = plan.Reads,
        };
    }

    /// <inheritdoc />
    public override void Initialize(Shape input, Span<float> values, RandomStream random) => Layer.Initialize(input, values, random);

    /// <inheritdoc />
    public override void Forward(in LayerCall call) => Layer.Forward(OfLayer(call));

    /// <inheritdoc />
    public override void Backward(in LayerCall call) => Layer.Backward(OfLayer(call));

    /// <inheritdoc />
    public override string ToString() => $"rounded-weights {Layer}";

    /// <summary>Returns the scale of each output channel: a rounded weight is the scale times −127 to 127.</summary>
    /// <param name="input">Shape of a row.</param>
    /// <param name="values">The layer's values.</param>
    public float[] Scales(Shape input, ReadOnlySpan<float> values)
    {
        var scales = new float[Channels(input)];
        Symmetric8.Scales(values[..^scales.Length], IsChannelFirst, scales);
        return scales;
    }

    /// <summary>True if weights are stored as [channels, taps].</summary>
    internal bool IsChannelFirst => Layer is DepthwiseConv1d or DepthwiseConv2d;

    internal int Channels(Shape input) => Layer switch
    {
        Dense l => l.Outputs,
        Conv1d l => l.Filters,
        Conv2d l => l.Filters,
        _ => input.Channels,
    };

    internal void Round(Shape input, ReadOnlySpan<float> values, Span<float> rounded)
    {
        var channels = Channels(input);
        Span<float> scales = channels <= 1024 ? stackalloc float[channels] : new float[channels];
        Symmetric8.Scales(values[..^channels], IsChannelFirst, scales);
        Symmetric8.Numbers(values[..^channels], IsChannelFirst, scales, rounded);
        Symmetric8.Restore(rounded[..^channels], IsChannelFirst, scales);
        values[^channels..].CopyTo(rounded[^channels..]);
    }

    private LayerCall OfLayer(in LayerCall call)
    {
        var rounded = call.Scratch[..call.Weights.Length];
        Round(call.Input, call.Weights, rounded);
        return call with { Weights = rounded, Scratch = call.Scratch[Vectors.Widen(rounded.Length)..] };
    }
}
