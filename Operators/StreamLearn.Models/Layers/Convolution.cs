namespace StreamLearn.Models;

/// <summary>The arithmetic of <see cref="Conv1d"/> and <see cref="Conv2d"/>: matrix products over <see cref="TapPlanes"/>. Immutable;
/// tables are created on first use.</summary>
/// <remarks>For weight gradients, lanes run across filters. Source: Chetlur et al. (2014), for the implicit matrix product.</remarks>
internal sealed class Convolution
{
    private readonly Sliding _at;
    private readonly int _filters;
    private readonly TapPlanes _planes;
    private readonly int _ones;             // index of a row of ones, for the bias
    private readonly bool _isShort;         // true if a filter has fewer outputs than a vector

    internal Convolution(Sliding at, int filters)
    {
        checked
        {
            (_at, _filters, _planes) = (at, filters, new(at));
            Taps = at.Input.Channels * at.KernelHeight * at.KernelWidth;
            Positions = at.Height * at.Width;
            _isShort = Positions < Vectors.Lanes;
            _ones = _planes.Values + (_isShort ? Vectors.Lanes : 0);
            Strided = at.StrideDown * at.StrideAcross == 1 ? null : new(at, filters);
            Back = Strided is null ? new(at, filters) : null;
        }
    }

    internal static LayerPlan Plan(Convolution kernel, string name, int filters, Sliding at)
    {
        var weights = checked(kernel.Taps * filters);
        return new(new(filters, at.Height, at.Width), (long)kernel.Positions * weights,
            ($"{name}.weight", SliceKind.Trained, weights), ($"{name}.bias", SliceKind.Trained, filters))
        {
            ScratchValues = kernel.ScratchValues,
            Reads = BackwardReads.InputsForWeights,
            Shares = true,
            Streams = true,
        };
    }

    internal int Taps { get; }

    internal int Positions { get; }

    internal int ScratchValues => checked(_ones + Math.Max(
        _filters * ((_isShort ? Vectors.Lanes : 0) + StartValues),
        Positions + (Positions * _filters) + (Back?.ScratchValues ?? Strided!.ScratchValues)));

    internal int ForwardScratchValues => checked(_ones + (_filters * ((_isShort ? Vectors.Lanes : 0) + StartValues)));

    private int StartValues => Product.StartValues(_filters);

    private ConvolutionBack? Back { get; }

    private StridedBack? Strided { get; }

    private int[] FilterRows => field ??= [.. Enumerable.Range(0, _filters)];

    private int[] TapRows => field ??= [.. Enumerable.Range(0, Taps).Select(k => Place(k / _at.KernelWidth / _at.KernelHeight, k)), _ones];

    private Step[] TapSteps => field ??= [.. Enumerable.Range(0, Taps).Select(k => new Step(k * _filters, TapRows[k]))];

    private Step[] PositionSteps => field ??= [.. Enumerable.Range(0, Positions).Select(p => new Step(p, p * _filters))];

    internal void Forward(in LayerCall call)
    {
        var planes = call.Scratch[.._ones];
        var wide = _isShort ? call.Scratch.Slice(_ones, _filters * Vectors.Lanes) : [];
        var weights = call.Weights[..(Taps * _filters)];
        var bias = call.Weights.Slice(weights.Length, _filters);
        var starts = call.Scratch.Slice(_ones + wide.Length, _filters * StartValues);
        var columns = Math.Max(Positions, Vectors.Lanes);
        _planes.Clear(planes);
        for (var f = 0; f < bias.Length; f++) { starts.Slice(f * StartValues, StartValues).Fill(bias[f]); }
        var (from, to) = call.Share(call.Rows);
        for (var r = from; r < to; r++)
        {
            _planes.Deal(call.Inputs.Slice(r * _at.Input.Size, _at.Input.Size), planes);
            var outputs = call.Outputs.Slice(r * _filters * Positions, _filters * Positions);
            var sums = _isShort ? wide : outputs;
            Product.FromRows(starts, weights, FilterRows, TapSteps, planes, sums, columns, columns);
            if (_isShort) { Pitched.Copy(wide, columns, outputs, Positions, Positions, _filters); }
        }
    }

    /// <summary>Adds to gradients [taps, filters] and [filters]; without inputs, only to [filters].</summary>
    internal void Backward(in LayerCall call)
    {
        var scratch = call.Scratch;
        var planes = scratch[..(_ones + Positions)];
        scratch = scratch[planes.Length..];
        var turned = scratch[..(Positions * _filters)];
        scratch = scratch[turned.Length..];
        _planes.Clear(planes[.._ones]);
        planes[_ones..].Fill(1);
        var size = _filters * Positions;
        var rows = call.Inputs.IsEmpty ? TapRows.AsSpan(Taps) : TapRows;
        var sums = call.Inputs.IsEmpty ? call.Gradients[(Taps * _filters)..] : call.Gradients;
        var (from, to) = call.Share(rows.Length);
        rows = rows[from..to];
        if (!sums.IsEmpty) { sums = sums[(from * _filters)..]; }
        for (var r = 0; r < call.Rows && !sums.IsEmpty && !rows.IsEmpty; r++)
        {
            if (!call.Inputs.IsEmpty) { _planes.Deal(call.Inputs.Slice(r * _at.Input.Size, _at.Input.Size), planes); }
            Transposed.Copy(call.OutputGradients.Slice(r * size, size), _filters, Positions, Positions, turned);
            Product.Add(planes, rows, PositionSteps, turned, sums, _filters, _filters);
        }

        if (call.InputGradients.IsEmpty) { return; }
        Back?.Rows(call, scratch);
        Strided?.Rows(call, scratch);
    }

    private int Place(int channel, int tap) => _planes.Place(channel, tap / _at.KernelWidth % _at.KernelHeight, tap % _at.KernelWidth);
}
