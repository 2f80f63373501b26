namespace StreamLearn.Models;

/// <summary>Average pooling over a sliding square window. It ignores values left over at the ends.</summary>
/// <remarks> Shape: [channels, height, width] to [channels, (height + 2 · padding − size) / stride + 1, the same for the width]. State:
/// none. Cost: one addition per window value. Means exclude padding. Order: one chain per window, line by line. Backward: the windows of an
/// input, in the order of its position in them. </remarks>
/// <param name="Size">Lines and columns in a window, at least 1.</param>
/// <param name="Stride">Values between window starts; default 0: the size.</param>
/// <param name="Padding">Values on each side, less than the size, or <see cref="Models.Padding"/>; default 0.</param>
public sealed record AveragePool2d(int Size, int Stride = 0, int Padding = 0) : Layer
{
    /// <inheritdoc />
    public override LayerPlan Plan(Shape input) => AveragePooling.Plan(input, On(input));

    /// <inheritdoc />
    public override void Forward(in LayerCall call) => AveragePooling.Forward(call, On(call.Input));

    /// <inheritdoc />
    public override void Backward(in LayerCall call) => AveragePooling.Backward(call, On(call.Input));

    /// <inheritdoc />
    public override string ToString() => $"average-pool2d {Pooling.Text(Size, Stride, Padding)}";

    private Windows On(Shape input) => new(input, signal: false, Size, Stride == 0 ? Size : Stride, Padding);
}
