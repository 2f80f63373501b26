namespace StreamLearn.Models;

/// <summary>Input gradient of a strided convolution: one with its taps per plane (line mod stride, column mod stride).</summary>
internal sealed class StridedBack
{
    private readonly Sliding _at;
    private readonly int _filters;
    private readonly int _pitch;            // length of a line in a plane
    private readonly int _lead;             // zeros before each filter's gradients, for taps to the left and above
    private readonly int _filter;
    private readonly int _first;            // line of a plane with the first input line
    private readonly int _lines;
    private readonly int _wide;

    internal StridedBack(Sliding at, int filters)
    {
        checked
        {
            (_at, _filters, _pitch) = (at, filters, ((at.PaddedWidth - 1) / at.StrideAcross) + 1);
            _lead = ((at.KernelHeight - 1) / at.StrideDown * _pitch) + ((at.KernelWidth - 1) / at.StrideAcross);
            _first = at.Top / at.StrideDown;
            _lines = ((at.Top + at.Input.Height - 1) / at.StrideDown) - _first + 1;
            _wide = Vectors.Widen(_lines * _pitch);
            _filter = _lead + (_first * _pitch) + Math.Max(_wide, (((at.PaddedHeight - 1) / at.StrideDown) + 1) * _pitch);
        }
    }

    internal int ScratchValues => checked((_filters * _filter) + (Planes * _at.Input.Channels * _wide));

    private int Planes => _at.StrideDown * _at.StrideAcross;

    private int[] ChannelRows => field ??=
        [.. Enumerable.Range(0, _at.Input.Channels).Select(c => c * _at.KernelHeight * _at.KernelWidth * _filters)];

    private Step[][] Phases => field ??=
        [.. Enumerable.Range(0, Planes).Select(plane => Phase(plane / _at.StrideAcross, plane % _at.StrideAcross))];

    internal void Rows(in LayerCall call, Span<float> scratch)
    {
        var padded = scratch[..(_filters * _filter)];
        var sums = scratch.Slice(padded.Length, Planes * ChannelRows.Length * _wide);
        var (outputs, inputs) = (_filters * _at.Height * _at.Width, _at.Input.Size);
        padded.Clear();
        var (from, to) = call.Share(call.Rows);
        for (var r = from; r < to; r++)
        {
            Pad(call.OutputGradients.Slice(r * outputs, outputs), padded);
            sums.Clear();
            for (var phase = 0; phase < Planes; phase++)
            {
                var plane = sums.Slice(phase * ChannelRows.Length * _wide, ChannelRows.Length * _wide);
                Product.Add(call.Weights, ChannelRows, Phases[phase], padded, plane, _wide, _wide);
            }

            Gather(sums, call.InputGradients.Slice(r * inputs, inputs));
        }
    }

    private Step[] Phase(int down, int across)
    {
        var steps = new List<Step>();
        for (var ky = down; ky < _at.KernelHeight; ky += _at.StrideDown)
        {
            for (var kx = across; kx < _at.KernelWidth; kx += _at.StrideAcross)
            {
                var back = (ky / _at.StrideDown * _pitch) + (kx / _at.StrideAcross);
                for (var f = 0; f < _filters; f++)
                {
                    steps.Add(new((((ky * _at.KernelWidth) + kx) * _filters) + f, (f * _filter) + _lead + (_first * _pitch) - back));
                }
            }
        }

        return [.. steps];
    }

    private void Pad(ReadOnlySpan<float> gradients, Span<float> padded)
    {
        var lines = Math.Min(_at.Height, _first + _lines);
        for (var f = 0; f < _filters; f++)
        {
            for (var y = 0; y < lines; y++)
            {
                gradients.Slice(((f * _at.Height) + y) * _at.Width, _at.Width).CopyTo(padded[((f * _filter) + _lead + (y * _pitch))..]);
            }
        }
    }

    /// <summary>Drops the padding.</summary>
    private void Gather(ReadOnlySpan<float> sums, Span<float> row)
    {
        var (height, width, step) = (_at.Input.Height, _at.Input.Width, _at.StrideAcross);
        for (var line = 0; line < ChannelRows.Length * height; line++)
        {
            var to = row.Slice(line * width, width);
            var (c, y) = (line / height, (line % height) + _at.Top);
            for (var first = 0; first < Math.Min(step, width); first++)
            {
                var phase = (y % _at.StrideDown * step) + ((_at.Left + first) % step);
                var place = ((y / _at.StrideDown) - _first) * _pitch;
                var from = sums[((((phase * ChannelRows.Length) + c) * _wide) + place + ((_at.Left + first) / step))..];
                for (int x = first, i = 0; x < to.Length; x += step, i++) { to[x] = from[i]; }
            }
        }
    }
}
