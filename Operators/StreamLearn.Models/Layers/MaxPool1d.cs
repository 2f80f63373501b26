namespace StreamLearn.Models;

/// <summary>Max pooling over a sliding window. It ignores samples left over at the end.</summary>
/// <remarks> Shape: [channels, samples] to [channels, (samples + 2 · padding − size) / stride + 1]. State: none. Cost: one comparison per
/// window value; the tape keeps the maximum's position. Padding is never the maximum. The gradient goes to the first of equal samples;
/// overlapping windows add in order. </remarks>
/// <param name="Size">Samples per window, at least 1.</param>
/// <param name="Stride">Samples between window starts; default 0: the size.</param>
/// <param name="Padding">Samples on each side, less than the size, or <see cref="Models.Padding"/>; default 0.</param>
public sealed record MaxPool1d(int Size, int Stride = 0, int Padding = 0) : Layer
{
    /// <inheritdoc />
    public override LayerPlan Plan(Shape input) => MaxPooling.Plan(input, On(input));

    /// <inheritdoc />
    public override void Forward(in LayerCall call) => MaxPooling.Forward(call, On(call.Input));

    /// <inheritdoc />
    public override void Backward(in LayerCall call) => MaxPooling.Backward(call, On(call.Input));

    /// <inheritdoc />
    public override string ToString() => $"max-pool {Pooling.Text(Size, Stride, Padding)}";

    private Windows On(Shape input) => new(input, signal: true, Size, Stride == 0 ? Size : Stride, Padding);
}
