using System.Runtime.InteropServices;

namespace StreamLearn.Learning;

/// <summary>The arithmetic of <see cref="Conv1d"/> on rows of a shape: three matrix products, and what brings their operands in place.</summary>
/// <remarks>
/// A row is laid out with its padding, so that the value for position p and tap k lies at p · stride + (place of k), and no window is
/// ever copied. Filters and taps that lanes run across are filled up to whole vectors.
/// </remarks>
internal readonly struct Convolution
{
    private readonly Conv1d _layer;
    private readonly Shape _input;
    private readonly int _padded;
    private readonly int _wideFilters;
    private readonly int _wideTaps;

    internal Convolution(Conv1d layer, Shape input)
    {
        checked
        {
            (_layer, _input, _padded) = (layer, input, input.Samples + (2 * layer.Padding));
            (Taps, Positions) = (input.Channels * layer.Kernel, ((_padded - layer.Kernel) / layer.Stride) + 1);
            (_wideFilters, _wideTaps) = (MatrixProduct.Widen(layer.Filters), MatrixProduct.Widen(Taps));
        }
    }

    /// <summary>Weights of a filter.</summary>
    internal int Taps { get; }

    /// <summary>Samples behind the layer.</summary>
    internal int Positions { get; }

    /// <summary>Scratch values of a call in either direction.</summary>
    internal int ScratchValues => checked(Taps + (2 * Positions) + _layer.Filters + (2 * _input.Channels * _padded) + (Positions * _wideFilters)
        + (Taps * _wideFilters) + (_layer.Filters * _wideTaps) + (Positions * _wideTaps));

    internal void Forward(in LayerCall call)
    {
        var scratch = call.Scratch;
        var taps = TapPlaces(ref scratch);
        var positions = Places(ref scratch, Positions, _layer.Stride);
        var inputs = Take(ref scratch, _input.Channels * _padded);
        var sums = Take(ref scratch, Positions * _wideFilters);
        var weights = call.Weights[..(Taps * _layer.Filters)];
        var bias = call.Weights[weights.Length..];
        if (_wideFilters != _layer.Filters)
        {
            var wide = Take(ref scratch, Taps * _wideFilters);
            Widen(weights, wide);
            weights = wide;
        }

        sums.Clear();
        inputs.Clear();
        for (var r = 0; r < call.Rows; r++)
        {
            Pad(call.Inputs.Slice(r * _input.Size, _input.Size), inputs);
            for (var p = 0; p < Positions; p++) { bias.CopyTo(sums[(p * _wideFilters)..]); }
            MatrixProduct.Add(inputs, positions, taps, weights, sums, _wideFilters);
            Turn(sums, call.Outputs.Slice(r * _layer.Filters * Positions, _layer.Filters * Positions));
        }
    }

    internal void Backward(in LayerCall call)
    {
        var scratch = call.Scratch;
        var taps = TapPlaces(ref scratch);
        var positions = Places(ref scratch, Positions, _layer.Stride);
        var inputs = Take(ref scratch, _input.Channels * _padded);
        var turned = Take(ref scratch, Positions * _wideFilters);
        var weights = call.Gradients[..(Taps * _layer.Filters)];
        var bias = call.Gradients[weights.Length..];
        var wide = _wideFilters == _layer.Filters ? weights : Take(ref scratch, Taps * _wideFilters);
        if (_wideFilters != _layer.Filters) { Widen(weights, wide); }
        var back = call.InputGradients.IsEmpty ? default : new Back(this, call.Weights, ref scratch);
        turned.Clear();
        inputs.Clear();
        for (var r = 0; r < call.Rows; r++)
        {
            Pad(call.Inputs.Slice(r * _input.Size, _input.Size), inputs);
            TurnBack(call.OutputGradients.Slice(r * _layer.Filters * Positions, _layer.Filters * Positions), turned);
            for (var p = 0; p < Positions; p++) { Linear.MultiplyAdd(1, turned.Slice(p * _wideFilters, _layer.Filters), bias); }
            MatrixProduct.Add(inputs, taps, positions, turned, wide, _wideFilters);
            if (!call.InputGradients.IsEmpty) { back.Row(this, turned, taps, positions, call.InputGradients.Slice(r * _input.Size, _input.Size)); }
        }

        if (_wideFilters != _layer.Filters) { Narrow(wide, weights); }
    }

    private static Span<float> Take(scoped ref Span<float> scratch, int length)
    {
        var taken = scratch[..length];
        scratch = scratch[length..];
        return taken;
    }

    /// <summary>The places 0, step, 2 · step, ….</summary>
    private static Span<int> Places(scoped ref Span<float> scratch, int count, int step)
    {
        var places = MemoryMarshal.Cast<float, int>(Take(ref scratch, count));
        for (var i = 0; i < count; i++) { places[i] = i * step; }
        return places;
    }

    /// <summary>Where the value for a tap lies in a padded row, seen from the position's place.</summary>
    private Span<int> TapPlaces(scoped ref Span<float> scratch)
    {
        var places = MemoryMarshal.Cast<float, int>(Take(ref scratch, Taps));
        for (var k = 0; k < Taps; k++) { places[k] = (k / _layer.Kernel * _padded) + (k % _layer.Kernel); }
        return places;
    }

    /// <summary>Copies a row between its zeros.</summary>
    private void Pad(ReadOnlySpan<float> row, Span<float> padded)
    {
        for (var c = 0; c < _input.Channels; c++)
        {
            row.Slice(c * _input.Samples, _input.Samples).CopyTo(padded[((c * _padded) + _layer.Padding)..]);
        }
    }

    /// <summary>values [taps, filters] → wide [taps, wide filters], zeros behind.</summary>
    private void Widen(ReadOnlySpan<float> values, Span<float> wide)
    {
        wide.Clear();
        for (var k = 0; k < Taps; k++) { values.Slice(k * _layer.Filters, _layer.Filters).CopyTo(wide[(k * _wideFilters)..]); }
    }

    /// <summary>wide [taps, wide filters] → values [taps, filters].</summary>
    private void Narrow(ReadOnlySpan<float> wide, Span<float> values)
    {
        for (var k = 0; k < Taps; k++) { wide.Slice(k * _wideFilters, _layer.Filters).CopyTo(values[(k * _layer.Filters)..]); }
    }

    /// <summary>sums [positions, wide filters] → outputs [filters, positions].</summary>
    private void Turn(ReadOnlySpan<float> sums, Span<float> outputs)
    {
        for (var f = 0; f < _layer.Filters; f++)
        {
            var filter = outputs.Slice(f * Positions, Positions);
            for (var p = 0; p < filter.Length; p++) { filter[p] = sums[(p * _wideFilters) + f]; }
        }
    }

    /// <summary>gradients [filters, positions] → turned [positions, wide filters].</summary>
    private void TurnBack(ReadOnlySpan<float> gradients, Span<float> turned)
    {
        for (var f = 0; f < _layer.Filters; f++)
        {
            var filter = gradients.Slice(f * Positions, Positions);
            for (var p = 0; p < filter.Length; p++) { turned[(p * _wideFilters) + f] = filter[p]; }
        }
    }

    /// <summary>What the gradient of the inputs needs: the weights with taps and filters exchanged, and what every position gives back.</summary>
    private readonly ref struct Back
    {
        private readonly Span<int> _rows;
        private readonly Span<int> _filters;
        private readonly Span<float> _weights;
        private readonly Span<float> _given;
        private readonly Span<float> _padded;

        internal Back(in Convolution convolution, ReadOnlySpan<float> weights, scoped ref Span<float> scratch)
        {
            var (filters, wide) = (convolution._layer.Filters, convolution._wideTaps);
            _rows = Places(ref scratch, convolution.Positions, convolution._wideFilters);
            _filters = Places(ref scratch, filters, 1);
            _weights = Take(ref scratch, filters * wide);
            _given = Take(ref scratch, convolution.Positions * wide);
            _padded = Take(ref scratch, convolution._input.Channels * convolution._padded);
            _weights.Clear();
            for (var k = 0; k < convolution.Taps; k++)
            {
                for (var f = 0; f < filters; f++) { _weights[(f * wide) + k] = weights[(k * filters) + f]; }
            }
        }

        /// <summary>turned [positions, wide filters] → inputGradients [channels, samples].</summary>
        internal void Row(in Convolution convolution, ReadOnlySpan<float> turned, ReadOnlySpan<int> taps, ReadOnlySpan<int> positions,
            Span<float> inputGradients)
        {
            var (wide, kernel, input) = (convolution._wideTaps, convolution._layer.Kernel, convolution._input);
            _given.Clear();
            _padded.Clear();
            MatrixProduct.Add(turned, _rows, _filters, _weights, _given, wide);
            for (var p = 0; p < positions.Length; p++)
            {
                for (var k = 0; k < taps.Length; k += kernel)
                {
                    var from = _given.Slice((p * wide) + k, kernel);
                    var to = _padded.Slice(positions[p] + taps[k], kernel);
                    for (var j = 0; j < to.Length; j++) { to[j] += from[j]; }
                }
            }

            for (var c = 0; c < input.Channels; c++)
            {
                _padded.Slice((c * convolution._padded) + convolution._layer.Padding, input.Samples)
                    .CopyTo(inputGradients[(c * input.Samples)..]);
            }
        }
    }
}
