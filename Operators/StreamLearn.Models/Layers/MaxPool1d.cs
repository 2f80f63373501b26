namespace StreamLearn.Models;

/// <summary>Keeps the greatest of the samples in a window that slides over a channel; samples left over at the end are not looked
/// at.</summary>
/// <remarks>
/// Shape: [channels, samples] to [channels, (samples + 2 · padding − size) / stride + 1]. State: none. Cost: one comparison a value of a
/// window; the tape keeps the place of the greatest. Padding never is the greatest. The gradient goes to the first of equal samples, those
/// of several windows in order.
/// </remarks>
/// <param name="Size">Samples of a window, at least 1.</param>
/// <param name="Stride">Samples from one window to the next; default 0: the size, so that windows touch.</param>
/// <param name="Padding">Samples before the first and after the last, less than the size, or <see cref="Models.Padding"/>; default
/// 0.</param>
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
