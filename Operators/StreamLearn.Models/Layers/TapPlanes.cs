namespace StreamLearn.Models;

/// <summary>Rows laid out so that the inputs of a tap at all positions are contiguous.</summary>
/// <remarks>An image has a plane per channel and tap column, padding included, lines without gaps. A signal has one per channel and stride
/// step, which all taps share at an offset. Lines are distributed over one plane per stride step. Lanes run across positions; no window is
/// copied.</remarks>
internal sealed class TapPlanes
{
    private readonly Sliding _at;
    private readonly bool _isImage;
    private readonly int _down;
    private readonly int _pitch;        // length of a line in a plane
    private readonly int _plane;
    private readonly bool _isShifted;   // true if image lines are as long as plane lines

    internal TapPlanes(Sliding at)
    {
        checked
        {
            (_at, _isImage) = (at, at.PaddedHeight > 1);
            _down = _isImage ? at.StrideDown : 1;
            _pitch = _isImage ? at.Width : ((at.PaddedWidth - 1) / at.StrideAcross) + 1;
            _plane = (((at.PaddedHeight - 1) / _down) + 1) * _pitch;
            _isShifted = _isImage && at.StrideDown * at.StrideAcross == 1 && _pitch == at.Input.Width;
            Values = at.Input.Channels * (_isImage ? at.KernelWidth : at.StrideAcross) * _down * _plane;
        }
    }

    internal int Values { get; }

    /// <summary>Returns the start of a tap's inputs, which are contiguous over the positions.</summary>
    internal int Place(int channel, int ky, int kx) => _isImage
        ? (((((channel * _at.KernelWidth) + kx) * _down) + (ky % _down)) * _plane) + (ky / _down * _pitch)
        : (((channel * _at.StrideAcross) + (kx % _at.StrideAcross)) * _plane) + (kx / _at.StrideAcross);

    /// <summary>Zeros the values that <see cref="Deal"/> does not write, and the slack after the planes.</summary>
    internal void Clear(Span<float> planes)
    {
        if (_at.StrideDown * _at.StrideAcross > 1)
        {
            planes.Clear();
            return;
        }

        var (height, planesOfChannel) = (_at.Input.Height, _isImage ? _at.KernelWidth : 1);
        for (var i = 0; i < _at.Input.Channels * planesOfChannel; i++)
        {
            var plane = planes.Slice(i * _plane, _plane);
            var (from, to) = _isImage ? Seen(i % planesOfChannel) : (_at.Left, _at.Left + _at.Input.Width);
            var lines = plane.Slice(_at.Top * _pitch, height * _pitch);
            plane[..(_at.Top * _pitch)].Clear();
            plane[((_at.Top + height) * _pitch)..].Clear();
            if (from >= to) { lines.Clear(); }
            if (_isShifted) { continue; }
            for (var y = 0; y < height && from < to; y++)
            {
                var line = lines.Slice(y * _pitch, _pitch);
                for (var x = 0; x < from; x++) { line[x] = 0; }
                for (var x = to; x < line.Length; x++) { line[x] = 0; }
            }
        }

        planes[Values..].Clear();
    }

    /// <summary>Leaves the padding unchanged.</summary>
    internal void Deal(ReadOnlySpan<float> row, Span<float> planes)
    {
        var size = _at.Input.Height * _at.Input.Width;
        for (var c = 0; c < _at.Input.Channels; c++)
        {
            var channel = row.Slice(c * size, size);
            if (_isImage)
            {
                for (var kx = 0; kx < _at.KernelWidth; kx++) { Column(channel, c, kx, planes); }
                continue;
            }

            var step = _at.StrideAcross;
            for (var first = 0; first < Math.Min(step, size); first++)
            {
                var to = planes[Place(c, 0, _at.Left + first)..];
                if (step == 1) { channel.CopyTo(to); }
                else { Spread(channel[first..], step, to[..(((size - first - 1) / step) + 1)]); }
            }
        }
    }

    private void Column(ReadOnlySpan<float> channel, int c, int kx, Span<float> planes)
    {
        var (step, ahead) = (_at.StrideAcross, kx - _at.Left);
        var (from, to) = Seen(kx);
        if (to <= from) { return; }
        if (_isShifted)
        {
            Shifted.Copy(channel, _pitch, ahead, planes.Slice(Place(c, _at.Top, kx), channel.Length));
            return;
        }

        if (step == 1 && _down == 1)
        {
            Pitched.Copy(channel[(from + ahead)..], _at.Input.Width, planes[(Place(c, _at.Top, kx) + from)..], _pitch, to - from,
                _at.Input.Height);
            return;
        }

        for (var y = 0; y < _at.Input.Height; y++)
        {
            Spread(channel[((y * _at.Input.Width) + (from * step) + ahead)..], step,
                planes.Slice(Place(c, y + _at.Top, kx) + from, to - from));
        }
    }

    /// <summary>Returns the positions of a line without padding.</summary>
    private (int From, int To) Seen(int kx)
    {
        var (step, ahead) = (_at.StrideAcross, kx - _at.Left);
        return (ahead < 0 ? (step - 1 - ahead) / step : 0, Math.Min(_at.Width, (_at.Input.Width - 1 - ahead + step) / step));
    }

    /// <summary>Copies every step-th value.</summary>
    private static void Spread(ReadOnlySpan<float> from, int step, Span<float> to)
    {
        for (var i = 0; i < to.Length; i++) { to[i] = from[i * step]; }
    }
}
