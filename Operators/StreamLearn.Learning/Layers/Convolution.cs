namespace StreamLearn.Learning;

/// <summary>
/// The arithmetic of <see cref="Conv1d"/> and <see cref="Conv2d"/> on rows of a shape: matrix products, and what brings their operands in
/// place. Immutable; what it looks up is worked out at the first call.
/// </summary>
/// <remarks>
/// A row is laid out with its padding, each channel dealt out over as many planes as there are steps of a stride: line y and column x lie
/// on plane (y mod stride, x mod stride). What one tap sees at all places of a line then lies side by side, and behind it, after some
/// values that no place sees, the next line: vector lanes run across them, and no window is ever copied. For the weights lanes run across
/// filters. Source: Chetlur et al. (2014), the implicit matrix product.
/// </remarks>
internal sealed class Convolution
{
    private readonly Sliding _at;
    private readonly int _filters;
    private readonly int _pitch;            // of a line on a plane
    private readonly int _plane;
    private readonly int _wide;             // places of a filter, with those between lines, in whole vectors
    private readonly int _ones;             // place of a row of ones, for the bias

    internal Convolution(Sliding at, int filters)
    {
        checked
        {
            (_at, _filters) = (at, filters);
            _pitch = ((at.PaddedWidth - 1) / at.StrideAcross) + 1;
            _plane = (((at.PaddedHeight - 1) / at.StrideDown) + 1) * _pitch;
            Taps = at.Input.Channels * at.KernelHeight * at.KernelWidth;
            Positions = at.Height * at.Width;
            _wide = Vectors.Widen(((at.Height - 1) * _pitch) + at.Width);
            var reach = ((at.KernelHeight - 1) / at.StrideDown * _pitch) + ((at.KernelWidth - 1) / at.StrideAcross) + _wide;
            _ones = (at.Input.Channels * at.StrideDown * at.StrideAcross * _plane) + Math.Max(0, reach - _plane);
            Back = new(at, filters, _pitch, _plane);
        }
    }

    /// <summary>The plan of a layer of filters.</summary>
    internal static LayerPlan Plan(Convolution kernel, string name, int filters, Sliding at)
    {
        var weights = checked(kernel.Taps * filters);
        return new(new(filters, at.Height, at.Width), (long)kernel.Positions * weights,
            ($"{name}.weight", SliceKind.Trained, weights), ($"{name}.bias", SliceKind.Trained, filters))
        {
            ScratchValues = kernel.ScratchValues,
            Reads = BackwardReads.InputsForWeights,
            Shares = true,
        };
    }

    /// <summary>Weights of a filter.</summary>
    internal int Taps { get; }

    /// <summary>Values of a filter behind the layer.</summary>
    internal int Positions { get; }

    /// <summary>Scratch values of a call in either direction.</summary>
    internal int ScratchValues => checked(
        _ones + Math.Max(_filters * _wide, _wide + (Positions * _filters) + Back.ScratchValues));

    private ConvolutionBack Back { get; }

    /// <summary>Lines are so long that the product may write each of them.</summary>
    private bool IsByLines => _at.Width >= 2 * Vectors.Lanes;

    private int[] FilterRows => field ??= Counted(_filters, 1);

    /// <summary>Where what a tap sees begins; at the end where the ones are.</summary>
    private int[] TapRows => field ??= Counted(Taps + 1, k => k == Taps ? _ones
        : Place(k / _at.KernelWidth / _at.KernelHeight, k / _at.KernelWidth % _at.KernelHeight, k % _at.KernelWidth));

    private Step[] TapSteps => field ??= [.. Counted(Taps, 1).Select(k => new Step(k * _filters, TapRows[k]))];

    private Step[] PositionSteps => field ??=
        [.. Counted(Positions, 1).Select(p => new Step((p / _at.Width * _pitch) + (p % _at.Width), p * _filters))];

    /// <summary>Nothing lies between the lines, so that the product may write the outputs themselves.</summary>
    private bool IsDense => _wide == Positions || (_at.Height == 1 && Positions >= Vectors.Lanes);

    /// <summary>weights [taps, filters], inputs [channels, height, width] → outputs [filters, height, width].</summary>
    internal void Forward(in LayerCall call)
    {
        var planes = call.Scratch[.._ones];
        var wide = IsDense || IsByLines ? [] : call.Scratch.Slice(_ones, _filters * _wide);
        var weights = call.Weights[..(Taps * _filters)];
        var bias = call.Weights.Slice(weights.Length, _filters);
        planes.Clear();
        var (writes, columns) = (IsDense || IsByLines, IsDense || IsByLines ? Positions : _wide);
        var (lines, width) = IsByLines && !IsDense ? (_at.Height, _at.Width) : (1, columns);
        var (from, to) = call.Share(call.Rows);
        for (var r = from; r < to; r++)
        {
            Deal(call.Inputs.Slice(r * _at.Input.Size, _at.Input.Size), planes);
            var outputs = call.Outputs.Slice(r * _filters * Positions, _filters * Positions);
            var sums = writes ? outputs : wide;
            for (var f = 0; f < bias.Length; f++) { sums.Slice(f * columns, columns).Fill(bias[f]); }
            for (var y = 0; y < lines; y++)
            {
                Product.Add(weights, FilterRows, TapSteps, planes[(y * _pitch)..], sums[(y * width)..], columns, width);
            }

            if (!writes) { Narrow(wide, outputs); }
        }
    }

    /// <summary>
    /// inputs [channels, …], outputGradients [filters, …] → added to gradients [taps, filters], [filters]; without inputs to [filters] alone.
    /// </summary>
    internal void Backward(in LayerCall call)
    {
        var scratch = call.Scratch;
        var planes = scratch[..(_ones + _wide)];
        scratch = scratch[planes.Length..];
        var turned = scratch[..(Positions * _filters)];
        scratch = scratch[turned.Length..];
        planes[.._ones].Clear();
        planes[_ones..].Fill(1);
        var size = _filters * Positions;
        var rows = call.Inputs.IsEmpty ? TapRows.AsSpan(Taps) : TapRows;
        var sums = call.Inputs.IsEmpty ? call.Gradients[(Taps * _filters)..] : call.Gradients;
        var (from, to) = call.Share(rows.Length);
        rows = rows[from..to];
        if (!sums.IsEmpty) { sums = sums[(from * _filters)..]; }
        for (var r = 0; r < call.Rows && !sums.IsEmpty && !rows.IsEmpty; r++)
        {
            if (!call.Inputs.IsEmpty) { Deal(call.Inputs.Slice(r * _at.Input.Size, _at.Input.Size), planes); }
            Transposed.Copy(call.OutputGradients.Slice(r * size, size), _filters, Positions, Positions, turned);
            Product.Add(planes, rows, PositionSteps, turned, sums, _filters, _filters);
        }

        if (!call.InputGradients.IsEmpty) { Back.Rows(call, scratch); }
    }

    private static int[] Counted(int count, int step) => Counted(count, i => i * step);

    private static int[] Counted(int count, Func<int, int> place)
    {
        var places = new int[count];
        for (var i = 0; i < count; i++) { places[i] = place(i); }
        return places;
    }

    /// <summary>Where a line and column of a channel, counted with the padding, lie on the planes.</summary>
    private int Place(int channel, int line, int column) =>
        (((((channel * _at.StrideDown) + (line % _at.StrideDown)) * _at.StrideAcross) + (column % _at.StrideAcross)) * _plane)
            + (line / _at.StrideDown * _pitch) + (column / _at.StrideAcross);

    /// <summary>row [channels, height, width] → planes; the padding stays.</summary>
    private void Deal(ReadOnlySpan<float> row, Span<float> planes)
    {
        var (height, width, step) = (_at.Input.Height, _at.Input.Width, _at.StrideAcross);
        for (var line = 0; line < _at.Input.Channels * height; line++)
        {
            var from = row.Slice(line * width, width);
            var (c, y) = (line / height, (line % height) + _at.Top);
            if (step == 1)
            {
                from.CopyTo(planes[Place(c, y, _at.Left)..]);
                continue;
            }

            for (var first = 0; first < Math.Min(step, width); first++)
            {
                var to = planes[Place(c, y, _at.Left + first)..];
                for (int x = first, i = 0; x < from.Length; x += step, i++) { to[i] = from[x]; }
            }
        }
    }

    /// <summary>Leaves out what lies between the lines.</summary>
    private void Narrow(ReadOnlySpan<float> wide, Span<float> outputs)
    {
        for (var f = 0; f < _filters; f++)
        {
            for (var y = 0; y < _at.Height; y++)
            {
                wide.Slice((f * _wide) + (y * _pitch), _at.Width).CopyTo(outputs[(((f * _at.Height) + y) * _at.Width)..]);
            }
        }
    }
}
