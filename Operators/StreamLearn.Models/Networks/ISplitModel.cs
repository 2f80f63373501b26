using System.Collections.Immutable;

namespace StreamLearn.Models;

/// <summary>What a forward pass through some parts of a model leaves for its backward pass: one batch in flight. Used again and
/// again; only the model that made it knows what is in it.</summary>
public interface ISplitTape
{
    /// <summary>Rows of the batch; 0 before the first one.</summary>
    int Rows { get; }

    /// <summary>Number of the batch, which names its random numbers: to be set before the forward pass.</summary>
    long Number { get; set; }

    /// <summary>Activations at the end of the parts, <c>[rows, boundary]</c>, until the next pass; empty after the last part.</summary>
    ReadOnlySpan<float> Outputs { get; }

    /// <summary>The weights of the forward pass, if they were pinned; empty if not.</summary>
    ReadOnlySpan<float> Pinned { get; }

    /// <summary>The scores that an exit of the parts gave, <c>[rows, classes]</c>, until the next pass.</summary>
    /// <param name="exit">The exit, from 0.</param>
    ReadOnlySpan<float> Scores(int exit);

    /// <summary>Writes or reads the batch in flight.</summary>
    /// <param name="s">The state.</param>
    /// <param name="maxRows">Rows of a batch at most.</param>
    /// <exception cref="StateException">It is of another model, or of more rows.</exception>
    void State(ref StateStream s, int maxRows);
}

/// <summary>A model whose training step can be taken apart between its parts, so that each side of a split has some of them.</summary>
/// <remarks>Parts are counted from 0, and boundary i lies before part i. An exit belongs to the part that its head follows.</remarks>
public interface ISplitModel : IStagedModel
{
    /// <summary>Parts, at least 1.</summary>
    int PartCount { get; }

    /// <summary>What the outputs are measured by.</summary>
    Loss Objective { get; }

    /// <summary>The shape of a row at a boundary.</summary>
    /// <param name="boundary">The boundary, from 0, the inputs, to <see cref="PartCount"/>, the end.</param>
    Shape ShapeAt(int boundary);

    /// <summary>The part that an exit's head follows.</summary>
    /// <param name="exit">The exit, from 0.</param>
    int PartOf(int exit);

    /// <summary>The slices of parts [from, to) with their exits, in the order of <see cref="Values"/>.</summary>
    /// <param name="from">The first part.</param>
    /// <param name="to">The part after the last one.</param>
    ImmutableArray<Slice> Slices(int from, int to);

    /// <summary>Multiply-adds of one row forward through parts [from, to) and their exits.</summary>
    /// <param name="from">The first part.</param>
    /// <param name="to">The part after the last one.</param>
    long MultiplyAdds(int from, int to);

    /// <summary>Multiply-adds of one row backward through parts [from, to) and their exits.</summary>
    /// <param name="from">The first part.</param>
    /// <param name="to">The part after the last one.</param>
    long BackwardMultiplyAdds(int from, int to);

    /// <summary>Bytes that a tape of all parts reserves, without pinned weights.</summary>
    /// <param name="rows">Rows of its batch, at least 1.</param>
    long TapeBytes(int rows);

    /// <summary>A copy of the values of parts [from, to) and of their exits.</summary>
    /// <param name="from">The first part.</param>
    /// <param name="to">The part after the last one.</param>
    /// <param name="weights">All values of the model, or as many gradients.</param>
    float[] Values(int from, int to, ReadOnlySpan<float> weights);

    /// <summary>Writes the values of parts [from, to) and of their exits, as <see cref="Values"/> gives them.</summary>
    /// <param name="from">The first part.</param>
    /// <param name="to">The part after the last one.</param>
    /// <param name="part">The values.</param>
    /// <param name="weights">All values of the model: those of the parts are overwritten.</param>
    void SetValues(int from, int to, ReadOnlySpan<float> part, Span<float> weights);

    /// <summary>Makes a tape for batches of this model.</summary>
    ISplitTape CreateTape();

    /// <summary>Runs parts [from, to) and their exits, and leaves on the tape what the other steps need.</summary>
    /// <param name="weights">All values of the model.</param>
    /// <param name="from">The first part.</param>
    /// <param name="to">The part after the last one: above <paramref name="from"/>.</param>
    /// <param name="inputs">Activations at boundary <paramref name="from"/>, <c>[rows, boundary]</c>.</param>
    /// <param name="rows">Rows, at least 1.</param>
    /// <param name="tape">The tape, of this model; what it held is gone.</param>
    /// <param name="pin">Whether the tape keeps a copy of these weights, for a backward pass after they have moved.</param>
    void Forward(ReadOnlySpan<float> weights, int from, int to, ReadOnlySpan<float> inputs, int rows, ISplitTape tape, bool pin);

    /// <summary>The sum of loss weight × loss over the exits of the tape's parts; without it they teach nothing.</summary>
    /// <param name="tape">A tape that a forward pass has written.</param>
    /// <param name="batch">What the rows should have given; features are not looked at.</param>
    float ExitLosses(ISplitTape tape, in Sample batch);

    /// <summary>Takes the gradients back through the tape's parts.</summary>
    /// <param name="weights">The weights of the forward pass; empty: the ones that were pinned.</param>
    /// <param name="tape">A tape that a forward pass has written.</param>
    /// <param name="outputGradients">Gradient of the outputs, <c>[rows, boundary]</c>; empty where the exits alone teach.</param>
    /// <param name="gradients">As many values as the model has, zeros: those of the parts are written, statistics too.</param>
    /// <param name="inputGradients">The gradient of the inputs, <c>[rows, boundary]</c>; empty: not wanted.</param>
    void Backward(ReadOnlySpan<float> weights, ISplitTape tape, ReadOnlySpan<float> outputGradients, Span<float> gradients,
        Span<float> inputGradients);
}
