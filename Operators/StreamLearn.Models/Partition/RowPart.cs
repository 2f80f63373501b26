namespace StreamLearn.Models;

/// <summary>
/// Some lines of what a block of layers gives, and the lines of the block's input that they need: what one of several nodes computes.
/// </summary>
/// <remarks>
/// An image is cut by lines, a signal by samples. What it computes has the bits that the whole network has there: a value is summed in the
/// order of its taps, and zeros are added only where the whole input ends. Source: Samikwa, Di Maio, Braun (2023), DISNET.
/// </remarks>
public sealed class RowPart
{
    private readonly StripChain _strips;
    private readonly int _values;           // of the model
    private readonly (int Lines, int Line) _input, _output;

    private RowPart(Network network, int first, int end, IndexRange outputs, int share)
    {
        var across = network.Boundaries[first].Height == 1;
        _strips = new(network.Layout.Trunk, first, end, outputs, across);
        (First, End, Outputs, Share, _values) = (first, end, outputs, share, network.Plan.Values);
        (_input, _output) = (Sizes(network.Boundaries[first]), Sizes(network.Boundaries[end]));

        (int, int) Sizes(Shape shape) => (StripLayer.Lines(shape, across), across ? 1 : shape.Width);
    }

    /// <summary>The first layer of the block.</summary>
    public int First { get; }

    /// <summary>The layer after its last.</summary>
    public int End { get; }

    /// <summary>For whom of those who share it is, from 0.</summary>
    public int Share { get; }

    /// <summary>Lines of the block's input that it needs, of <see cref="Outputs"/> and their halo.</summary>
    public IndexRange Inputs => _strips.Inputs;

    /// <summary>Lines of the block's output that it gives.</summary>
    public IndexRange Outputs { get; }

    /// <summary>Shape of its lines of a row of the input.</summary>
    public Shape Input => _strips.Input;

    /// <summary>Shape of its lines of a row of the output.</summary>
    public Shape Output => _strips.Output;

    /// <summary>Multiply-adds of a row, those for the halo included.</summary>
    public long MultiplyAdds => _strips.MultiplyAdds;

    /// <summary>The part of a block that gives some lines.</summary>
    /// <param name="network">The network.</param>
    /// <param name="first">The first layer of the block.</param>
    /// <param name="end">The layer after its last.</param>
    /// <param name="outputs">The lines, at least one, of those at boundary <paramref name="end"/>.</param>
    /// <exception cref="ArgumentException">There are no such layers or lines, or a layer looks at all lines.</exception>
    public static RowPart Of(Network network, int first, int end, IndexRange outputs) => Of(network, first, end, outputs, share: 0);

    internal static RowPart Of(Network network, int first, int end, IndexRange outputs, int share)
    {
        RowPartition.Check(network, first, end);
        var lines = RowPartition.Lines(network, first, end);
        return outputs.From >= 0 && outputs.Count > 0 && outputs.To <= lines
            ? new(network, first, end, outputs, share)
            : throw new ArgumentException($"expected lines within [0, {lines}), got {outputs}", nameof(outputs));
    }

    /// <summary>Computes the part.</summary>
    /// <param name="weights">All values of the model.</param>
    /// <param name="inputs">Its lines of the block's input, <c>[rows, <see cref="Input"/>]</c>.</param>
    /// <param name="rows">Rows of the batch, at least 1.</param>
    /// <param name="outputs">Its lines of the block's output, <c>[rows, <see cref="Output"/>]</c>.</param>
    /// <param name="memory">Scratch memory; given back on return.</param>
    /// <exception cref="ArgumentException">A span has another length.</exception>
    public void Run(ReadOnlySpan<float> weights, ReadOnlySpan<float> inputs, int rows, Span<float> outputs, Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        NetworkLayout.Expect(_values, weights.Length, "weights");
        NetworkLayout.Expect(rows * Input.Size, inputs.Length, "inputs");
        NetworkLayout.Expect(rows * Output.Size, outputs.Length, "outputs");
        _strips.Forward(weights, inputs, rows, outputs, memory);
    }

    /// <summary>Copies its lines out of whole rows.</summary>
    /// <param name="whole">The block's input, <c>[rows, boundary]</c>.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="part">Its lines, <c>[rows, <see cref="Input"/>]</c>.</param>
    public void TakeInputs(ReadOnlySpan<float> whole, int rows, Span<float> part)
    {
        var (all, own) = (_input.Lines * _input.Line, Input.Samples);
        for (var i = 0; i < rows * Input.Channels; i++)
        {
            whole.Slice((i * all) + (Inputs.From * _input.Line), own).CopyTo(part[(i * own)..]);
        }
    }

    /// <summary>Copies its lines to where they are in whole rows.</summary>
    /// <param name="part">Its lines, <c>[rows, <see cref="Output"/>]</c>.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="whole">The block's output, <c>[rows, boundary]</c>.</param>
    public void PutOutputs(ReadOnlySpan<float> part, int rows, Span<float> whole)
    {
        var (all, own) = (_output.Lines * _output.Line, Output.Samples);
        for (var i = 0; i < rows * Output.Channels; i++)
        {
            part.Slice(i * own, own).CopyTo(whole[((i * all) + (Outputs.From * _output.Line))..]);
        }
    }

    /// <inheritdoc />
    public override string ToString() => $"layers {First} to {End}, lines {Outputs} from {Inputs}";
}
