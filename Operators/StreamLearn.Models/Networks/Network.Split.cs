namespace StreamLearn.Models;

/// <content>Its layers as the parts of a split.</content>
public sealed partial class Network
{
    /// <inheritdoc />
    int ISplitModel.PartCount => Layers.Length;

    /// <inheritdoc />
    Shape ISplitModel.ShapeAt(int boundary) => Boundaries[boundary];

    /// <inheritdoc />
    int ISplitModel.PartOf(int exit) => Exits[exit].After;

    /// <inheritdoc />
    ISplitTape ISplitModel.CreateTape() => new Tape { Made = this };

    /// <inheritdoc />
    void ISplitModel.Forward(
        ReadOnlySpan<float> weights, int from, int to, ReadOnlySpan<float> inputs, int rows, ISplitTape tape, bool pin) =>
        Forward(weights, from, to, inputs, rows, (Tape)tape, pin);

    /// <inheritdoc />
    float ISplitModel.ExitLosses(ISplitTape tape, in Sample batch) => ExitLosses((Tape)tape, batch);

    /// <inheritdoc />
    void ISplitModel.Backward(ReadOnlySpan<float> weights, ISplitTape tape, ReadOnlySpan<float> outputGradients, Span<float> gradients,
        Span<float> inputGradients) => Backward(weights, (Tape)tape, outputGradients, gradients, inputGradients);
}
