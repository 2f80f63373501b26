using StreamLearn.Models;

namespace StreamLearn.Onnx;

/// <summary>The layers that nodes have become so far, their values, and the shape that they give.</summary>
internal sealed class ImportedLayers
{
    private const int MaxDepth = 16;

    private readonly long _maxValues;
    private readonly List<(string Value, int Layers, int[] Sizes)> _starts = [];        // values, and the layers before each: they rise
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);     // in the list; of those that are still there
    private long _count;

    internal ImportedLayers(int[] sizes, long rows, string value, long maxValues)
    {
        (Sizes, Rows, Value, _maxValues) = (sizes, rows, value, maxValues);
        Input = Shape = ShapeOf(sizes) ?? throw new ModelFormatException($"ONNX: expected 1 to 3 sizes of a row, got {sizes.Length}");
    }

    internal List<Layer> Layers { get; } = [];

    /// <summary>The values of each layer, slice after slice.</summary>
    internal List<float[]> Values { get; } = [];

    /// <summary>Shape of a row before the first layer.</summary>
    internal Shape Input { get; private set; }

    /// <summary>Shape of a row after the last layer.</summary>
    internal Shape Shape { get; private set; }

    /// <summary>The same as the graph has it: without the rows, with sizes of 1.</summary>
    internal int[] Sizes { get; private set; }

    internal long Rows { get; }

    /// <summary>Name of what the last node has computed.</summary>
    internal string Value
    {
        get;
        set
        {
            field = value;
            _places[value] = _starts.Count;
            _starts.Add((value, Layers.Count, Sizes));
        }
    }

    /// <summary>What outputs of 0 and 1 stand for, where the graph says so at its end.</summary>
    internal SquaredError? Line { get; set; }

    /// <summary>The biases of the last layer, where it is one that has them; empty otherwise.</summary>
    internal Span<float> LastBiases => Layers is [.., Dense or Conv1d or Conv2d or DepthwiseConv1d or DepthwiseConv2d]
        ? Values[^1].AsSpan(^Shape.Channels..) : [];

    /// <summary>Adds a layer that gives rows of some sizes.</summary>
    internal void Add(Layer layer, int[] sizes, params float[] values)
    {
        var plan = layer.Plan(Shape);
        if (plan.Values != values.Length || ShapeOf(sizes) != plan.Output)
        {
            throw new ArgumentException($"expected {plan.Output} from {plan.Values} values of {layer}, got [{string.Join(", ", sizes)}] "
                + $"from {values.Length}");
        }

        (Shape, Sizes, _count) = (plan.Output, sizes, _count + values.Length);
        Layers.Add(layer);
        Values.Add(values);
    }

    /// <summary>Throws if layers would have more values than a file of its size can be meant to say.</summary>
    internal void Reserve(long values)
    {
        if (_count + values > _maxValues)
        {
            throw new ArgumentException(
                $"expected at most {_maxValues} values in all, 4 bytes for each of the file's, got {_count + values}");
        }
    }

    /// <summary>Adds a value that stood before some layers to what they give; false if it is none, or of other sizes.</summary>
    internal bool AddAround(string start)
    {
        if (!_places.TryGetValue(start, out var at) || at >= _starts.Count) { return false; }
        var (name, first, sizes) = _starts[at];
        if (name != start || first == Layers.Count || !sizes.AsSpan().SequenceEqual(Sizes)) { return false; }
        var around = new Residual([.. Layers[first..]]);
        if (Depth(around) > MaxDepth) { throw new ArgumentException($"expected at most {MaxDepth} sums one in the other"); }
        float[] values = [.. Values[first..].SelectMany(static v => v)];
        Layers.RemoveRange(first, Layers.Count - first);
        Values.RemoveRange(first, Values.Count - first);
        Layers.Add(around);
        Values.Add(values);
        Forget(first + 1);
        return true;
    }

    /// <summary>The last layer has got other values: what stood after it is nothing that a layer gives any more.</summary>
    internal void Changed() => Forget(Layers.Count);

    /// <summary>Takes the values for rows of other sizes, in the same order.</summary>
    internal void Reshape(int[] sizes)
    {
        var shape = ShapeOf(sizes);
        if (shape == Shape) { Sizes = sizes; }
        else if (sizes is [var size] && size == Shape.Size) { Add(new Flatten(), sizes); }
        else if (Layers.Count == 0 && shape is { } input && input.Size == Shape.Size) { (Input, Shape, Sizes) = (input, input, sizes); }
        else if (Shape.Samples == 1 && sizes.Contains(Shape.Size)) { Sizes = sizes; }       // one value a channel, beside sizes of 1
        else
        {
            throw new ArgumentException(
                $"expected a shape that is flat or of the same channels, got [{string.Join(", ", sizes)}] from "
                    + $"[{string.Join(", ", Sizes)}]");
        }
    }

    /// <summary>Forgets the values that stand after so many layers or more.</summary>
    private void Forget(int layers)
    {
        while (_starts is [.., var last] && last.Layers >= layers) { _starts.RemoveAt(_starts.Count - 1); }
    }

    private static int Depth(Layer layer) => layer is Residual around ? 1 + around.Layers.Max(Depth) : 0;

    private static Shape? ShapeOf(int[] sizes) => sizes switch
    {
        [var features] => new(features),
        [var channels, var samples] => new(channels, samples),
        [var channels, var height, var width] => new(channels, height, width),
        _ => null,
    };
}
