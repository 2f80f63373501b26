using System.Numerics.Tensors;

namespace StreamLearn.Models;

internal sealed class Int8Plan
{
    internal const int RowsAtOnce = 16;
    private const int MaxTaps = 1 << 15;            // more products could overflow 32 bits

    private readonly List<Int8Step> _steps = [];
    private readonly int _widest;
    private readonly Network _network;

    private Affine8? _numbers;                      // while building steps: the scale of the current values; null: the values are floats
    private Shape _shape;                           // shape of a row in memory, which flatten does not change

    internal Int8Plan(Network network, ReadOnlySpan<float> weights)
    {
        (_network, _shape, _widest) = (network, network.Plan.Input, network.Plan.Input.Size);
        var (layers, at) = ((Layer[])[.. network.Layers, network.Exits[^1].Head], 0);
        var (input, offset) = (network.Plan.Input, 0);
        while (at < layers.Length)
        {
            var plan = layers[at].Plan(input);
            var from = at == layers.Length - 1 ? network.Layout.Values - plan.Values : offset;
            var values = weights.Slice(from, plan.Values);
            offset += plan.Values;
            _widest = Math.Max(_widest, plan.Output.Size);
            at++;
            if (layers[at - 1] is RoundedWeights layer && _numbers is { } numbers && Sliding(layer, input) is { } sliding)
            {
                var isRectified = at < layers.Length && layers[at] is Relu;
                var next = at + (isRectified ? 1 : 0);
                var target = next < layers.Length && layers[next] is RoundedActivations rounding
                    ? rounding.Numbers(weights.Slice(offset, 2)) : null;
                AddProducts(layer, sliding, input, values, numbers, new(target, isRectified));
                (_numbers, _shape) = (target, plan.Output);
                at = next + (target is null ? 0 : 1);
                offset += target is null ? 0 : 2;
            }
            else { Add(layers[at - 1], input, plan.Output, values); }

            input = plan.Output;
        }

        Restore();
    }

    private int Scratch(int rows)
    {
        var scratch = 0;
        foreach (var step in _steps) { scratch = Math.Max(scratch, step.Scratch(rows)); }
        return scratch;
    }

    internal void Infer(in Sample batch, Span<float> outputs, Workspace memory)
    {
        var (mark, size, answers) = (memory.Mark(), _network.Plan.Input.Size, _network.Plan.Outputs);
        var most = Math.Min(batch.Rows, RowsAtOnce);
        var first = memory.Rent(most * _widest);
        var second = memory.Rent(most * _widest);
        var scratch = memory.Rent(Scratch(most));
        for (var from = 0; from < batch.Rows; from += RowsAtOnce)
        {
            var rows = Math.Min(batch.Rows - from, RowsAtOnce);
            var features = batch.Features.Slice(from * size, rows * size);
            var scores = outputs.Slice(from * answers, rows * answers);
            var inputs = features;
            for (var i = 0; i < _steps.Count; i++)
            {
                var to = i == _steps.Count - 1 ? scores : i % 2 == 0 ? first : second;
                _steps[i].Run(rows, inputs, to, scratch);
                inputs = to;
            }

            _network.Objective.Answer(scores, rows);
            for (var r = 0; r < rows; r++)
            {
                if (TensorPrimitives.IsNaNAny(features.Slice(r * size, size))) { scores.Slice(r * answers, answers).Fill(float.NaN); }
            }
        }

        memory.Release(mark);
    }

    private void Add(Layer layer, Shape input, Shape output, ReadOnlySpan<float> values)
    {
        switch (layer)
        {
            case Flatten when _numbers is not null: return;         // the layout stays the same
            case RoundedActivations rounding:
                Restore();
                _numbers = rounding.Numbers(values);
                if (_numbers is { } affine) { _steps.Add(new ToNumbers(affine, _shape)); }
                return;
            case MaxPool1d or MaxPool2d when _numbers is not null:
                _steps.Add(new GreatestNumbers(input, layer switch
                {
                    MaxPool1d l => new(input, signal: true, l.Size, l.Stride == 0 ? l.Size : l.Stride, l.Padding),
                    MaxPool2d l => new(input, signal: false, l.Size, l.Stride == 0 ? l.Size : l.Stride, l.Padding),
                    _ => throw new InvalidOperationException(),
                }));
                break;
            default:
                Restore();
                _steps.Add(new OnValues(layer, input, [.. values]));
                break;
        }

        _shape = output;
    }

    private void Restore()
    {
        if (_numbers is { } affine) { _steps.Add(new ToValues(affine, _shape)); }
        _numbers = null;
    }

    /// <summary>Returns the window plan; null if the sums of the layer could overflow.</summary>
    private static Sliding? Sliding(RoundedWeights rounded, Shape input)
    {
        Sliding at = rounded.Layer switch
        {
            Dense => new(new(input.Size), 1, 1, 1, 1, 0),
            Conv1d l => new(input, 1, l.Kernel, 1, l.Stride, l.Padding),
            Conv2d l => new(input, l.Kernel, l.Kernel, l.Stride, l.Stride, l.Padding),
            DepthwiseConv1d l => new(input, 1, l.Kernel, 1, l.Stride, l.Padding),
            DepthwiseConv2d l => new(input, l.Kernel, l.Kernel, l.Stride, l.Stride, l.Padding),
            _ => throw new InvalidOperationException($"no windows of {rounded}"),
        };
        return at.Input.Channels * at.KernelHeight * at.KernelWidth <= MaxTaps ? at : null;
    }

    private void AddProducts(RoundedWeights layer, Sliding at, Shape input, ReadOnlySpan<float> values, Affine8 numbers, SumTarget target)
    {
        var outputs = layer.Channels(input);
        var (scales, whole, isChannelFirst) = (new float[outputs], new float[values.Length - outputs], layer.IsChannelFirst);
        Symmetric8.Scales(values[..whole.Length], isChannelFirst, scales);
        SumEnd.Widen(scales, values[whole.Length..], numbers.Scale);
        Symmetric8.Numbers(values[..whole.Length], isChannelFirst, scales, whole);
        var (weights, totals) = (new sbyte[whole.Length], new int[outputs]);
        for (var i = 0; i < whole.Length; i++)
        {
            var (tap, output) = isChannelFirst ? (i % (whole.Length / outputs), i / (whole.Length / outputs)) : (i / outputs, i % outputs);
            weights[((isChannelFirst ? tap : Place(tap, at, layer.Layer)) * outputs) + output] = (sbyte)whole[i];
            if (!isChannelFirst) { totals[output] += (sbyte)whole[i]; }
        }

        var biases = values[whole.Length..];
        if (isChannelFirst)
        {
            _steps.Add(new DepthwiseProducts8(input, new(at), weights, numbers.Zero, new(numbers, scales, biases, totals, [], target)));
            return;
        }

        var product = ByteProduct.Of(weights, at.KernelHeight, at.KernelWidth * at.Input.Channels, outputs,
            isShared: at.Height * at.Width > 8);
        _steps.Add(new Products8(at, product, numbers.Zero, new(numbers, scales, biases, totals, product.Corrections, target)));
    }

    /// <summary>Returns the position of a tap's weight: [lines, columns, channels]; for dense layers, the same as the inputs.</summary>
    private int Place(int tap, in Sliding at, Layer layer)
    {
        if (layer is Dense) { return (tap % _shape.Samples * _shape.Channels) + (tap / _shape.Samples); }
        var (window, taps) = (at.KernelHeight * at.KernelWidth, tap);
        return (taps % window * at.Input.Channels) + (taps / window);
    }
}
