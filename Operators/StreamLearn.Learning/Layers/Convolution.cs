using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace StreamLearn.Learning;

/// <summary>
/// The arithmetic of <see cref="Conv1d"/> on rows of a shape: three matrix products, and what brings their operands in place.
/// </summary>
/// <remarks>
/// A row is laid out with its padding, each channel dealt out over as many tracks as the stride is long: sample t lies on track t mod
/// stride. What one tap sees at all positions then lies side by side, so that lanes can run across positions and no window is ever
/// copied. For the weights lanes run across filters. Positions and filters are filled up to whole vectors.
/// </remarks>
internal readonly struct Convolution
{
    private readonly Conv1d _layer;
    private readonly Shape _input;
    private readonly int _track;
    private readonly int _widePositions;
    private readonly int _wideFilters;

    internal Convolution(Conv1d layer, Shape input)
    {
        checked
        {
            var padded = input.Samples + (2 * layer.Padding);
            (_layer, _input, Taps, Positions) =
                (layer, input, input.Channels * layer.Kernel, ((padded - layer.Kernel) / layer.Stride) + 1);
            (_widePositions, _wideFilters) = (MatrixProduct.Widen(Positions), MatrixProduct.Widen(layer.Filters));
            _track = Math.Max(((layer.Kernel - 1) / layer.Stride) + _widePositions, ((padded - 1) / layer.Stride) + 1);
        }
    }

    /// <summary>Weights of a filter.</summary>
    internal int Taps { get; }

    /// <summary>Samples behind the layer.</summary>
    internal int Positions { get; }

    /// <summary>Scratch values of a call in either direction.</summary>
    internal int ScratchValues => checked((2 * Taps) + (2 * Positions) + (2 * _layer.Filters) + (2 * Tracks)
        + (_layer.Filters * _widePositions) + (Positions * _wideFilters) + (Taps * _wideFilters) + (Taps * _widePositions));

    private int Outputs => _layer.Filters * Positions;

    private int Tracks => checked(_input.Channels * _layer.Stride * _track);

    /// <summary>Positions are whole vectors, so that the kernel may work on the rows themselves.</summary>
    private bool FitsPositions => _widePositions == Positions;

    private bool FitsFilters => _wideFilters == _layer.Filters;

    /// <summary>weights [taps, filters], inputs [channels, samples] → outputs [filters, positions]; lanes across positions.</summary>
    internal void Forward(in LayerCall call)
    {
        var scratch = call.Scratch;
        var taps = TapPlaces(ref scratch);
        var weightRows = Places(ref scratch, Taps, _layer.Filters);
        var filters = Places(ref scratch, _layer.Filters, 1);
        var inputs = Take(ref scratch, Tracks);
        var wide = Take(ref scratch, FitsPositions ? 0 : _layer.Filters * _widePositions);
        var weights = call.Weights[..(Taps * _layer.Filters)];
        var bias = call.Weights[weights.Length..];
        inputs.Clear();
        for (var r = 0; r < call.Rows; r++)
        {
            Deal(call.Inputs.Slice(r * _input.Size, _input.Size), inputs);
            var outputs = call.Outputs.Slice(r * Outputs, Outputs);
            var sums = FitsPositions ? outputs : wide;
            for (var f = 0; f < bias.Length; f++) { sums.Slice(f * _widePositions, _widePositions).Fill(bias[f]); }
            MatrixProduct.Add(weights, filters, weightRows, inputs, taps, sums, _widePositions);
            if (!FitsPositions) { Copy(wide, _widePositions, outputs, Positions); }
        }
    }

    /// <summary>inputs [channels, samples], outputGradients [filters, positions] → added to gradients [taps, filters], [filters].</summary>
    internal void Backward(in LayerCall call)
    {
        var scratch = call.Scratch;
        var taps = TapPlaces(ref scratch);
        var positions = Places(ref scratch, Positions, 1);
        var turnedRows = Places(ref scratch, Positions, _wideFilters);
        var inputs = Take(ref scratch, Tracks);
        var turned = Take(ref scratch, Positions * _wideFilters);
        var weights = call.Gradients[..(Taps * _layer.Filters)];
        var bias = call.Gradients[weights.Length..];
        var wide = FitsFilters ? weights : Take(ref scratch, Taps * _wideFilters);
        if (!FitsFilters) { Copy(weights, _layer.Filters, wide, _wideFilters); }
        var back = call.InputGradients.IsEmpty ? default : new Back(this, ref scratch);
        turned.Clear();
        inputs.Clear();
        for (var r = 0; r < call.Rows; r++)
        {
            var gradients = call.OutputGradients.Slice(r * Outputs, Outputs);
            Deal(call.Inputs.Slice(r * _input.Size, _input.Size), inputs);
            Turn(gradients, turned);
            for (var p = 0; p < Positions; p++) { Linear.MultiplyAdd(1, turned.Slice(p * _wideFilters, bias.Length), bias); }
            MatrixProduct.Add(inputs, taps, positions, turned, turnedRows, wide, _wideFilters);
            if (call.InputGradients.IsEmpty) { continue; }
            back.Row(this, call.Weights[..weights.Length], taps, gradients, call.InputGradients.Slice(r * _input.Size, _input.Size));
        }

        if (!FitsFilters) { Copy(wide, _wideFilters, weights, _layer.Filters); }
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

    /// <summary>Copies rows of one width to rows of another: as many as there are in both.</summary>
    private static void Copy(ReadOnlySpan<float> from, int fromWidth, Span<float> to, int toWidth)
    {
        var width = Math.Min(fromWidth, toWidth);
        for (var i = 0; i < to.Length / toWidth; i++) { from.Slice(i * fromWidth, width).CopyTo(to[(i * toWidth)..]); }
    }

    /// <summary>Where what a tap sees at the first position lies on the tracks.</summary>
    private Span<int> TapPlaces(scoped ref Span<float> scratch)
    {
        var places = MemoryMarshal.Cast<float, int>(Take(ref scratch, Taps));
        for (var k = 0; k < Taps; k++) { places[k] = Place(k / _layer.Kernel, k % _layer.Kernel); }
        return places;
    }

    /// <summary>Where a padded sample of a channel lies on the tracks.</summary>
    private int Place(int channel, int sample) =>
        (((channel * _layer.Stride) + (sample % _layer.Stride)) * _track) + (sample / _layer.Stride);

    /// <summary>row [channels, samples] → tracks; the padding stays.</summary>
    private void Deal(ReadOnlySpan<float> row, Span<float> tracks)
    {
        for (var c = 0; c < _input.Channels; c++)
        {
            var channel = row.Slice(c * _input.Samples, _input.Samples);
            for (var first = 0; first < Math.Min(_layer.Stride, channel.Length); first++)
            {
                var track = tracks[Place(c, _layer.Padding + first)..];
                for (int t = first, i = 0; t < channel.Length; t += _layer.Stride, i++) { track[i] = channel[t]; }
            }
        }
    }

    /// <summary>tracks → row [channels, samples], without the padding.</summary>
    private void Gather(ReadOnlySpan<float> tracks, Span<float> row)
    {
        for (var c = 0; c < _input.Channels; c++)
        {
            var channel = row.Slice(c * _input.Samples, _input.Samples);
            for (var first = 0; first < Math.Min(_layer.Stride, channel.Length); first++)
            {
                var track = tracks[Place(c, _layer.Padding + first)..];
                for (int t = first, i = 0; t < channel.Length; t += _layer.Stride, i++) { channel[t] = track[i]; }
            }
        }
    }

    /// <summary>gradients [filters, positions] → turned [positions, wide filters].</summary>
    private void Turn(ReadOnlySpan<float> gradients, Span<float> turned)
    {
        for (var f = 0; f < _layer.Filters; f++)
        {
            var filter = gradients.Slice(f * Positions, Positions);
            for (var p = 0; p < filter.Length; p++) { turned[(p * _wideFilters) + f] = filter[p]; }
        }
    }

    /// <summary>What the gradient of the inputs needs.</summary>
    private readonly ref struct Back
    {
        private readonly Span<int> _weightRows;
        private readonly Span<int> _filters;
        private readonly Span<int> _gradientRows;
        private readonly Span<float> _gradients;
        private readonly Span<float> _seen;
        private readonly Span<float> _tracks;

        internal Back(in Convolution kernel, scoped ref Span<float> scratch)
        {
            var filters = kernel._layer.Filters;
            _weightRows = Places(ref scratch, kernel.Taps, filters);
            _filters = Places(ref scratch, filters, 1);
            _gradientRows = Places(ref scratch, filters, kernel._widePositions);
            _gradients = Take(ref scratch, kernel.FitsPositions ? 0 : filters * kernel._widePositions);
            _seen = Take(ref scratch, kernel.Taps * kernel._widePositions);
            _tracks = Take(ref scratch, kernel.Tracks);
            _gradients.Clear();
        }

        /// <summary>
        /// weights [taps, filters], gradients [filters, positions] → inputGradients [channels, samples]; lanes across positions.
        /// </summary>
        internal void Row(in Convolution kernel, ReadOnlySpan<float> weights, ReadOnlySpan<int> taps, ReadOnlySpan<float> gradients,
            Span<float> inputGradients)
        {
            var wide = kernel._widePositions;
            if (!kernel.FitsPositions) { Copy(gradients, kernel.Positions, _gradients, wide); }
            _seen.Clear();
            _tracks.Clear();
            MatrixProduct.Add(weights, _weightRows, _filters, kernel.FitsPositions ? gradients : _gradients, _gradientRows, _seen, wide);
            for (var k = 0; k < taps.Length; k++)
            {
                var track = _tracks.Slice(taps[k], kernel.Positions);
                TensorPrimitives.Add(track, _seen.Slice(k * wide, kernel.Positions), track);
            }

            kernel.Gather(_tracks, inputGradients);
        }
    }
}
