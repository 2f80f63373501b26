namespace StreamLearn.Models;

/// <summary>What one of several nodes computes of a block of layers: some lines of its output, or some channels.</summary>
public abstract class NetworkPart
{
    private readonly int _values;       // of the model

    private protected NetworkPart(Network network, int first, int end, IndexRange outputs, int share) =>
        (First, End, Outputs, Share, _values) = (first, end, outputs, share, network.Plan.Values);

    /// <summary>The first layer of the block.</summary>
    public int First { get; }

    /// <summary>The layer after its last.</summary>
    public int End { get; }

    /// <summary>For whom of those who share it is, from 0.</summary>
    public int Share { get; }

    /// <summary>What it gives: lines of the block's output, or of what its statistics are taken over; or channels.</summary>
    public IndexRange Outputs { get; }

    /// <summary>Shape of what it needs of a row of the block's input.</summary>
    public abstract Shape Input { get; }

    /// <summary>Shape of what it gives of a row.</summary>
    public abstract Shape Output { get; }

    /// <summary>Multiply-adds of a row, those for the halo included.</summary>
    public abstract long MultiplyAdds { get; }

    /// <summary>Computes the part.</summary>
    /// <param name="weights">All values of the model.</param>
    /// <param name="inputs">Its part of the block's input, <c>[rows, <see cref="Input"/>]</c>.</param>
    /// <param name="rows">Rows of the batch, at least 1.</param>
    /// <param name="outputs">What it gives, <c>[rows, <see cref="Output"/>]</c>.</param>
    /// <param name="memory">Scratch memory; given back on return.</param>
    /// <exception cref="ArgumentException">A span has another length.</exception>
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

    /// <summary>Copies its part out of whole rows.</summary>
    /// <param name="whole">The block's input, <c>[rows, boundary]</c>.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="part">Its part, <c>[rows, <see cref="Input"/>]</c>.</param>
    public abstract void TakeInputs(ReadOnlySpan<float> whole, int rows, Span<float> part);

    /// <summary>Copies what it gives to its place among what the parts give.</summary>
    /// <param name="part">What it gives, <c>[rows, <see cref="Output"/>]</c>.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="whole">What all give, <c>[rows, <see cref="CutBlock.GatheredSize"/>]</c>.</param>
    public abstract void PutOutputs(ReadOnlySpan<float> part, int rows, Span<float> whole);

    private protected abstract void Forward(
        ReadOnlySpan<float> weights, ReadOnlySpan<float> inputs, int rows, Span<float> outputs, Workspace memory);
}
