using System.Numerics.Tensors;

namespace StreamLearn.Models;

/// <summary>One layer on some lines; it pads only at the ends of the whole input.</summary>
/// <remarks>It divides signals by samples (<c>across</c>), and images by lines. Source: Samikwa, Di Maio, Braun (2023), DISNET.</remarks>
internal sealed class StripLayer
{
    private readonly Layer _layer;
    private readonly Convolution? _convolution;
    private readonly Windows _windows;
    private readonly StripChain? _body;
    private readonly int _skipped;              // input values of a channel before those added to the outputs
    private readonly LayerPlan? _plan;          // the layer on the strip, if nothing else is needed

    internal StripLayer(Layer layer, Shape input, LayerPlan whole, IndexRange outputs, bool across)
    {
        (_layer, Inputs) = (layer, outputs);
        if (Body(layer) is { } layers)
        {
            _body = new(new(input, layers), 0, layers.Length, outputs, across);
            Inputs = _body.Inputs;
            _skipped = (outputs.From - Inputs.From) * (across ? 1 : input.Width);
        }
        else if (Slides(layer, input) is { } at)
        {
            Inputs = Needed(at, across, outputs);
            var (before, stride) = across ? (at.Left, at.StrideAcross) : (at.Top, at.StrideDown);
            at = at.Cut(Of(input, Inputs.Count, across), across, Math.Max(0, before - (outputs.From * stride)), outputs.Count);
            _windows = new(at);
            _convolution = layer switch
            {
                Conv1d { Filters: var filters } => new(at, filters),
                Conv2d { Filters: var filters } => new(at, filters),
                _ => null,
            };
        }

        (Input, Output) = (Of(input, Inputs.Count, across), Of(whole.Output, outputs.Count, across));
        MultiplyAdds = _body?.MultiplyAdds ?? whole.MultiplyAdds * outputs.Count / Lines(whole.Output, across);
        _plan = _convolution is not null || _body is not null ? null : layer switch
        {
            MaxPool1d or MaxPool2d => MaxPooling.Plan(Input, _windows),
            AveragePool1d or AveragePool2d => AveragePooling.Plan(Input, _windows),
            DepthwiseConv1d or DepthwiseConv2d => Depthwise.Plan(Input, _windows, ""),
            _ => layer.Plan(Input),
        };
    }

    internal IndexRange Inputs { get; }

    internal Shape Input { get; }

    internal Shape Output { get; }

    internal long MultiplyAdds { get; }

    internal static bool CanCut(Layer layer, Shape input, Shape output, bool across)
    {
        if (across && (input.Height != 1 || output.Height != 1)) { return false; }
        if (Body(layer) is { } layers)
        {
            var chain = new LayerChain(input, layers);
            for (var i = 0; i < layers.Length; i++)
            {
                if (!CanCut(layers[i], chain.Boundaries[i], chain.Boundaries[i + 1], across)) { return false; }
            }

            return true;
        }

        return Slides(layer, input) is not null
            || layer is Relu or LeakyRelu or Tanh or Sigmoid or Scale or BatchNorm or Dropout or LocalResponseNorm;
    }

    internal static int Lines(Shape shape, bool across) => across ? shape.Width : shape.Height;

    internal static Shape Of(Shape shape, int lines, bool across) =>
        across ? new(shape.Channels, 1, lines) : new(shape.Channels, lines, shape.Width);

    internal void Forward(ReadOnlySpan<float> weights, ReadOnlySpan<float> inputs, int rows, Span<float> outputs, Workspace memory)
    {
        if (_body is not null)
        {
            _body.Forward(weights, inputs, rows, outputs, memory);
            if (_layer is Residual) { AddInputs(inputs, rows, outputs); }
            return;
        }

        var mark = memory.Mark();
        var call = new LayerCall
        {
            Input = Input,
            Rows = rows,
            Weights = weights,
            Inputs = inputs,
            Outputs = outputs,
            Scratch = memory.Rent(_convolution?.ForwardScratchValues ?? _plan!.Scratch(rows)),
        };
        switch (_layer)
        {
            case Conv1d or Conv2d: _convolution!.Forward(call); break;
            case MaxPool1d or MaxPool2d: MaxPooling.Forward(call, _windows); break;
            case AveragePool1d or AveragePool2d: AveragePooling.Forward(call, _windows); break;
            case DepthwiseConv1d or DepthwiseConv2d: Depthwise.Forward(call, _windows); break;
            default: _layer.Forward(call); break;
        }

        memory.Release(mark);
    }

    private static ImmutableArray<Layer>? Body(Layer layer) => layer switch
    {
        Residual { Layers: var layers } => layers,
        Sequential { Layers: var layers } => layers,
        _ => null,
    };

    private static Sliding? Slides(Layer layer, Shape input) => layer switch
    {
        Conv1d l => new(input, 1, l.Kernel, 1, l.Stride, l.Padding),
        Conv2d l => new(input, l.Kernel, l.Kernel, l.Stride, l.Stride, l.Padding),
        DepthwiseConv1d l => new(input, 1, l.Kernel, 1, l.Stride, l.Padding),
        DepthwiseConv2d l => new(input, l.Kernel, l.Kernel, l.Stride, l.Stride, l.Padding),
        MaxPool1d l => Pool(input, l.Size, l.Stride, l.Padding, signal: true),
        MaxPool2d l => Pool(input, l.Size, l.Stride, l.Padding, signal: false),
        AveragePool1d l => Pool(input, l.Size, l.Stride, l.Padding, signal: true),
        AveragePool2d l => Pool(input, l.Size, l.Stride, l.Padding, signal: false),
        _ => null,
    };

    private static Sliding Pool(Shape input, int size, int stride, int padding, bool signal)
    {
        stride = stride == 0 ? size : stride;
        return new(input, signal ? 1 : size, size, signal ? 1 : stride, stride, padding);
    }

    /// <summary>Returns the inputs that are needed, without padding.</summary>
    private static IndexRange Needed(in Sliding at, bool across, IndexRange outputs)
    {
        var (before, kernel, stride) = across ? (at.Left, at.KernelWidth, at.StrideAcross) : (at.Top, at.KernelHeight, at.StrideDown);
        return new(Math.Max(0, (outputs.From * stride) - before),
            Math.Min(Lines(at.Input, across), ((outputs.To - 1) * stride) - before + kernel));
    }

    /// <summary>Adds inputs, after a leading halo.</summary>
    private void AddInputs(ReadOnlySpan<float> inputs, int rows, Span<float> outputs)
    {
        for (var i = 0; i < rows * Output.Channels; i++)
        {
            var sums = outputs.Slice(i * Output.Samples, Output.Samples);
            TensorPrimitives.Add(sums, inputs.Slice((i * Input.Samples) + _skipped, Output.Samples), sums);
        }
    }
}
