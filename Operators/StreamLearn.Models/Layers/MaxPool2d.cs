namespace StreamLearn.Models;

/// <summary>Max pooling over a sliding square window. It ignores values left over at the ends.</summary>
/// <remarks> Shape: [channels, height, width] to [channels, (height + 2 · padding − size) / stride + 1, the same for the width]. State:
/// none. Cost: one comparison per window value; the tape keeps the maximum's position. Padding is never the maximum. The gradient goes to
/// the first of equal values, line by line; overlapping windows add in order. </remarks>
/// <param name="Size">Lines and columns in a window, at least 1.</param>
/// <param name="Stride">Values between window starts; default 0: the size.</param>
/// <param name="Padding">Values on each side, less than the size, or <see cref="Models.Padding"/>; default 0.</param>
public sealed record MaxPool2d(int Size, int Stride = 0, int Padding = 0) : Layer
{
    /// <inheritdoc />
    public override LayerPlan Plan(Shape input) => MaxPooling.Plan(input, On(input));

    /// <inheritdoc />
    public override void Forward(in LayerCall call) => MaxPooling.Forward(call, On(call.Input));

    /// <inheritdoc />
    public override void Backward(in LayerCall call) => MaxPooling.Backward(call, On(call.Input));

    /// <inheritdoc />
    public override string ToString() => $"max-pool2d {Pooling.Text(Size, Stride, Padding)}";

    private Windows On(Shape input) => new(input, signal: false, Size, Stride == 0 ? Size : Stride, Padding);
}
