namespace StreamLearn.Models;

/// <summary>The output lines of a block of layers on one node, with the input lines that they need.</summary>
/// <remarks>Divides images by lines, signals by samples. Results are bit-identical to those of the whole network. For a final global
/// reduction it gives statistics for <see cref="CutBlock.Merge"/>. Source: Samikwa, Di Maio, Braun (2023), DISNET.</remarks>
internal sealed class RowPart : NetworkPart
{
    private readonly StripChain? _strips;       // null: the block is only a reduction
    private readonly Layer? _reduction;
    private readonly Shape _lines;              // shape before the reduction
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

    /// <summary>The input lines needed: <see cref="NetworkPart.Outputs"/> with the halo.</summary>
    public IndexRange Inputs => _strips?.Inputs ?? Outputs;

    public override Shape Input => _strips?.Input ?? _lines;

    /// <summary>Shape of the part's output. Statistics have, per channel, the mean as two numbers and the maximum.</summary>
    public override Shape Output { get; }

    public override long MultiplyAdds => _strips?.MultiplyAdds ?? 0;

    public static RowPart Of(Network network, int first, int end, IndexRange outputs) => Of(network, first, end, outputs, share: 0);

    internal static RowPart Of(Network network, int first, int end, IndexRange outputs, int share)
    {
        RowPartition.Check(network, first, end);
        var lines = RowPartition.Lines(network, first, end);
        return outputs.From >= 0 && outputs.Count > 0 && outputs.To <= lines
            ? new(network, first, end, outputs, share)
            : throw new ArgumentException($"expected lines within [0, {lines}), got {outputs}", nameof(outputs));
    }

    public override void TakeInputs(ReadOnlySpan<float> whole, int rows, Span<float> part)
    {
        var (all, own) = (_input.Lines * _input.Line, Input.Samples);
        for (var i = 0; i < rows * Input.Channels; i++)
        {
            whole.Slice((i * all) + (Inputs.From * _input.Line), own).CopyTo(part[(i * own)..]);
        }
    }

    public override void PutOutputs(ReadOnlySpan<float> part, int rows, Span<float> whole)
    {
        // statistics have a position per line; the part uses that of its first line
        var (items, own, all, from) = _reduction is null
            ? (rows * Output.Channels, Output.Samples, _output.Lines * _output.Line, Outputs.From * _output.Line)
            : (rows, Output.Size, _output.Lines * Output.Size, Outputs.From * Output.Size);
        for (var i = 0; i < items; i++) { part.Slice(i * own, own).CopyTo(whole[((i * all) + from)..]); }
    }

    public override string ToString() => $"layers {First} to {End}, lines {Outputs} from {Inputs}";

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
