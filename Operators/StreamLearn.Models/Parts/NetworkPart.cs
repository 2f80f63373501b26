namespace StreamLearn.Models;

/// <summary>One node's share of a block of layers: some output lines or channels.</summary>
public abstract class NetworkPart
{
    private readonly int _values;       // number of values in the model

    private protected NetworkPart(Network network, int first, int end, IndexRange outputs, int share) =>
        (First, End, Outputs, Share, _values) = (first, end, outputs, share, network.Plan.Values);

    /// <summary>The block's first layer.</summary>
    public int First { get; }

    /// <summary>One past the last layer of the block.</summary>
    public int End { get; }

    /// <summary>Index of the share, from 0.</summary>
    public int Share { get; }

    /// <summary>The lines of the block's output (or of the input to its statistics), or the channels.</summary>
    public IndexRange Outputs { get; }

    /// <summary>Shape of the required part of an input row.</summary>
    public abstract Shape Input { get; }

    /// <summary>Shape of the produced part of an output row.</summary>
    public abstract Shape Output { get; }

    /// <summary>Multiply-adds per row, including the halo.</summary>
    public abstract long MultiplyAdds { get; }

    /// <summary>Computes the part.</summary>
    /// <param name="weights">All weights of the network.</param>
    /// <param name="inputs">The part's inputs, <c>[rows, <see cref="Input"/>]</c>.</param>
    /// <param name="rows">Rows in the batch, at least 1.</param>
    /// <param name="outputs">Written: <c>[rows, <see cref="Output"/>]</c>.</param>
    /// <param name="memory">Scratch memory.</param>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    public void Run(ReadOnlySpan<float> weights, ReadOnlySpan<float> inputs, int rows, Span<float> outputs, Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        NetworkLayout.Expect(_values, weights.Length, "weights");
        NetworkLayout.Expect(rows * Input.Size, inputs.Length, "inputs");
        NetworkLayout.Expect(rows * Output.Size, outputs.Length, "outputs");
        var mark = memory.Mark();
        Forward(weights, inputs, rows, outputs, memory);
        memory.Release(mark);
    }

    /// <summary>Copies the part's inputs from whole rows.</summary>
    /// <param name="whole">The block's input, <c>[rows, boundary]</c>.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="part">Written: <c>[rows, <see cref="Input"/>]</c>.</param>
    public abstract void TakeInputs(ReadOnlySpan<float> whole, int rows, Span<float> part);

    /// <summary>Copies the outputs of the part to their position.</summary>
    /// <param name="part">Its outputs, <c>[rows, <see cref="Output"/>]</c>.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="whole">All outputs, <c>[rows, <see cref="CutBlock.GatheredSize"/>]</c>.</param>
    public abstract void PutOutputs(ReadOnlySpan<float> part, int rows, Span<float> whole);

    private protected abstract void Forward(
        ReadOnlySpan<float> weights, ReadOnlySpan<float> inputs, int rows, Span<float> outputs, Workspace memory);
}
