namespace StreamLearn.Models;

/// <summary>Keeps the greatest of the values in a square window that slides over a channel; values left over at the ends are not looked
/// at.</summary>
/// <remarks>
/// Shape: [channels, height, width] to [channels, (height + 2 · padding − size) / stride + 1, the same of the width]. State: none. Cost:
/// one comparison a value of a window; the tape keeps the place of the greatest. Padding never is the greatest. The gradient goes to the
/// first of equal values, line after line; those of several windows in order.
/// </remarks>
/// <param name="Size">Lines and columns of a window, at least 1.</param>
/// <param name="Stride">Values from one window to the next; default 0: the size, so that windows touch.</param>
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
