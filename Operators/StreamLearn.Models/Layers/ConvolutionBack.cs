namespace StreamLearn.Models;

/// <summary>The input gradient of a stride-1 convolution, which is a convolution with mirrored taps.</summary>
internal sealed class ConvolutionBack
{
    private readonly Sliding _at;
    private readonly int _filters;
    private readonly TapPlanes _planes;
    private readonly int _places;
    private readonly bool _isShort;         // true if a channel has fewer inputs than a vector

    internal ConvolutionBack(Sliding at, int filters)
    {
        checked
        {
            (_at, _filters, _planes) = (at, filters, new(at.Mirrored(filters)));
            _places = at.Input.Height * at.Input.Width;
            _isShort = _places < Vectors.Lanes;
        }
    }

    internal int ScratchValues => checked(_planes.Values + (_isShort ? (1 + _at.Input.Channels) * Vectors.Lanes : 0));

    private int[] ChannelRows => field ??=
        [.. Enumerable.Range(0, _at.Input.Channels).Select(c => c * _at.KernelHeight * _at.KernelWidth * _filters)];

    private Step[] Steps => field ??=
    [
        .. from ky in Enumerable.Range(0, _at.KernelHeight)
           from kx in Enumerable.Range(0, _at.KernelWidth)
           from f in Enumerable.Range(0, _filters)
           select new Step((((ky * _at.KernelWidth) + kx) * _filters) + f,
               _planes.Place(f, _at.KernelHeight - 1 - ky, _at.KernelWidth - 1 - kx)),
    ];

    internal void Rows(in LayerCall call, Span<float> scratch)
    {
        var planes = scratch[..(_planes.Values + (_isShort ? Vectors.Lanes : 0))];
        var wide = _isShort ? scratch.Slice(planes.Length, _at.Input.Channels * Vectors.Lanes) : [];
        var (outputs, inputs) = (_filters * _at.Height * _at.Width, _at.Input.Size);
        var columns = Math.Max(_places, Vectors.Lanes);
        _planes.Clear(planes);
        var (from, to) = call.Share(call.Rows);
        for (var r = from; r < to; r++)
        {
            _planes.Deal(call.OutputGradients.Slice(r * outputs, outputs), planes);
            var row = call.InputGradients.Slice(r * inputs, inputs);
            var sums = _isShort ? wide : row;
            Product.FromZeros(call.Weights, ChannelRows, Steps, planes, sums, columns, columns);
            if (_isShort) { Pitched.Copy(wide, columns, row, _places, _places, _at.Input.Channels); }
        }
    }
}
