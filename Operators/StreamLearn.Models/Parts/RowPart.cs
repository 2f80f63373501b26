namespace StreamLearn.Models;

/// <summary>
/// Some lines of what a block of layers gives, and the lines of the block's input that they need: what one of several nodes computes.
/// </summary>
/// <remarks>
/// An image is cut by lines, a signal by samples. What it computes has the bits that the whole network has there: a value is summed in the
/// order of its taps, and zeros are added only where the whole input ends. Of a block that ends with a global reduction it gives the
/// statistics of its lines, which <see cref="CutBlock.Merge"/> puts together. Source: Samikwa, Di Maio, Braun (2023), DISNET.
/// </remarks>
public sealed class RowPart : NetworkPart
{
    private readonly StripChain? _strips;       // null: the block is a reduction alone
    private readonly Layer? _reduction;
    private readonly Shape _lines;              // before the reduction
    private readonly (int Lines, int Line) _input, _output;

    private RowPart(Network network, int first, int end, IndexRange outputs, int share) : base(network, first, end, outputs, share)
    {
        var across = network.Boundaries[first].Height == 1;
        _reduction = RowPartition.Reduction(network, end);
        var last = _reduction is null ? end : end - 1;
        _strips = first == last ? null : new(network.Layout.Trunk, first, last, outputs, across);
        (_input, _output) = (Sizes(network.Boundaries[first]), Sizes(network.Boundaries[last]));
        _lines = StripLayer.Of(network.Boundaries[last], outputs.Count, across);
        Output = _reduction is null ? _lines : StatisticsOf(network, end);

        (int, int) Sizes(Shape shape) => (StripLayer.Lines(shape, across), across ? 1 : shape.Width);
    }

    /// <summary>Lines of the block's input that it needs, of <see cref="NetworkPart.Outputs"/> and their halo.</summary>
    public IndexRange Inputs => _strips?.Inputs ?? Outputs;

    /// <summary>Shape of its lines of a row of the input.</summary>
    public override Shape Input => _strips?.Input ?? _lines;

    /// <summary>Shape of its lines of a row of the output; of statistics, for each channel the mean as two numbers, and the greatest
    /// value.</summary>
    public override Shape Output { get; }

    /// <inheritdoc />
    public override long MultiplyAdds => _strips?.MultiplyAdds ?? 0;

    /// <summary>The part of a block that gives some lines.</summary>
    /// <param name="network">The network.</param>
    /// <param name="first">The first layer of the block.</param>
    /// <param name="end">The layer after its last.</param>
    /// <param name="outputs">The lines, at least one, of <see cref="RowPartition.Lines"/>.</param>
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

    /// <inheritdoc />
    public override void TakeInputs(ReadOnlySpan<float> whole, int rows, Span<float> part)
    {
        var (all, own) = (_input.Lines * _input.Line, Input.Samples);
        for (var i = 0; i < rows * Input.Channels; i++)
        {
            whole.Slice((i * all) + (Inputs.From * _input.Line), own).CopyTo(part[(i * own)..]);
        }
    }

    /// <inheritdoc />
    public override void PutOutputs(ReadOnlySpan<float> part, int rows, Span<float> whole)
    {
        // of statistics a row has a place for each line, and the part takes that of its first
        var (items, own, all, from) = _reduction is null
            ? (rows * Output.Channels, Output.Samples, _output.Lines * _output.Line, Outputs.From * _output.Line)
            : (rows, Output.Size, _output.Lines * Output.Size, Outputs.From * Output.Size);
        for (var i = 0; i < items; i++) { part.Slice(i * own, own).CopyTo(whole[((i * all) + from)..]); }
    }

    /// <inheritdoc />
    public override string ToString() => $"layers {First} to {End}, lines {Outputs} from {Inputs}";

    /// <summary>The shape of the statistics that a part gives of a row.</summary>
    internal static Shape StatisticsOf(Network network, int end) =>
        new(network.Boundaries[end - 1].Channels * PartialStatistics.PerChannel(network.Layers[end - 1]));

    private protected override void Forward(
        ReadOnlySpan<float> weights, ReadOnlySpan<float> inputs, int rows, Span<float> outputs, Workspace memory)
    {
        var lines = _reduction is null ? outputs : memory.Rent(_strips is null ? 0 : rows * _lines.Size);
        _strips?.Forward(weights, inputs, rows, lines, memory);
        if (_reduction is null) { return; }
        var given = _strips is null ? inputs : lines;
        for (var r = 0; r < rows; r++)
        {
            PartialStatistics.Take(_reduction, given.Slice(r * _lines.Size, _lines.Size), _lines.Channels,
                outputs.Slice(r * Output.Size, Output.Size));
        }
    }
}
