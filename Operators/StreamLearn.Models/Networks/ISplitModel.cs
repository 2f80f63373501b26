namespace StreamLearn.Models;

/// <summary>The forward state of a batch in flight, for its backward pass. Reusable; only its model can read it.</summary>
public interface ISplitTape
{
    /// <summary>Rows in the batch; 0 before the first one.</summary>
    int Rows { get; }

    /// <summary>Number of the batch, which seeds random numbers; set before the forward pass.</summary>
    long Number { get; set; }

    /// <summary>Final activations, <c>[rows, boundary]</c>, until the next pass; empty after the last part.</summary>
    ReadOnlySpan<float> Outputs { get; }

    /// <summary>Copied (pinned) weights of the forward pass; empty: none.</summary>
    ReadOnlySpan<float> Pinned { get; }

    /// <summary>Returns an exit's scores, <c>[rows, classes]</c>, until the next pass.</summary>
    /// <param name="exit">The exit, from 0.</param>
    ReadOnlySpan<float> Scores(int exit);

    /// <summary>Saves or restores the batch in flight.</summary>
    /// <param name="s">The state.</param>
    /// <param name="maxRows">Maximum number of rows in a batch.</param>
    /// <exception cref="StateException">The state is of another model, or has more rows.</exception>
    void State(ref StateStream s, int maxRows);
}

/// <summary>A model whose training step can be split between its parts.</summary>
/// <remarks>Parts count from 0; boundary i is before part i. An exit belongs to the part before it.</remarks>
public interface ISplitModel : IStagedModel
{
    /// <summary>Number of parts, at least 1.</summary>
    int PartCount { get; }

    /// <summary>The loss of the outputs.</summary>
    Loss Objective { get; }

    /// <summary>Returns the shape of a row at a boundary.</summary>
    /// <param name="boundary">The boundary, from 0 (the inputs) to <see cref="PartCount"/> (the end).</param>
    Shape ShapeAt(int boundary);

    /// <summary>Returns the part that an exit's head follows.</summary>
    /// <param name="exit">The exit, from 0.</param>
    int PartOf(int exit);

    /// <summary>Returns the slices of parts [from, to) with their exits, in the order of <see cref="Values"/>.</summary>
    /// <param name="from">The first part.</param>
    /// <param name="to">The end, exclusive.</param>
    ImmutableArray<Slice> Slices(int from, int to);

    /// <summary>Returns the forward multiply-adds per row in parts [from, to) and their exits.</summary>
    /// <param name="from">The first part.</param>
    /// <param name="to">The end, exclusive.</param>
    long MultiplyAdds(int from, int to);

    /// <summary>Returns the backward multiply-adds per row in parts [from, to) and their exits.</summary>
    /// <param name="from">The first part.</param>
    /// <param name="to">The end, exclusive.</param>
    long BackwardMultiplyAdds(int from, int to);

    /// <summary>Returns the size of a tape of all parts in bytes, without pinned weights.</summary>
    /// <param name="rows">Rows in its batch, at least 1.</param>
    long TapeBytes(int rows);

    /// <summary>Copies the values of parts [from, to) and their exits.</summary>
    /// <param name="from">The first part.</param>
    /// <param name="to">The end, exclusive.</param>
    /// <param name="weights">All values, or all gradients.</param>
    float[] Values(int from, int to, ReadOnlySpan<float> weights);

    /// <summary>Writes the values of parts [from, to) and their exits, as from <see cref="Values"/>.</summary>
    /// <param name="from">The first part.</param>
    /// <param name="to">The end, exclusive.</param>
    /// <param name="part">The values.</param>
    /// <param name="weights">All values; those of the parts are overwritten.</param>
    void SetValues(int from, int to, ReadOnlySpan<float> part, Span<float> weights);

    /// <summary>Creates a tape for batches of this model.</summary>
    ISplitTape CreateTape();

    /// <summary>Runs parts [from, to) and their exits, and writes the tape.</summary>
    /// <param name="weights">All weights of the network.</param>
    /// <param name="from">The first part.</param>
    /// <param name="to">One past the last part, above <paramref name="from"/>.</param>
    /// <param name="inputs">Activations at boundary <paramref name="from"/>, <c>[rows, boundary]</c>.</param>
    /// <param name="rows">Rows, at least 1.</param>
    /// <param name="tape">A tape of this model; overwritten.</param>
    /// <param name="pin">Whether the tape copies the weights, for a later backward pass.</param>
    void Forward(ReadOnlySpan<float> weights, int from, int to, ReadOnlySpan<float> inputs, int rows, ISplitTape tape, bool pin);

    /// <summary>Sums loss weight × loss over the tape's exits. Without this call, the exits have no effect on training.</summary>
    /// <param name="tape">A tape after a forward pass.</param>
    /// <param name="batch">The rows' targets; features are ignored.</param>
    float ExitLosses(ISplitTape tape, in Sample batch);

    /// <summary>Backpropagates through the tape's parts.</summary>
    /// <param name="weights">The weights of the forward pass; empty: the pinned ones.</param>
    /// <param name="tape">A tape after a forward pass.</param>
    /// <param name="outputGradients">Gradient of the outputs, <c>[rows, boundary]</c>; empty if only the exits have losses.</param>
    /// <param name="gradients">Zeros, one per value. The call writes those of the parts, including statistics.</param>
    /// <param name="inputGradients">Gradient of the inputs, <c>[rows, boundary]</c>; empty: not needed.</param>
    void Backward(ReadOnlySpan<float> weights, ISplitTape tape, ReadOnlySpan<float> outputGradients, Span<float> gradients,
        Span<float> inputGradients);
}
