namespace StreamLearn.Onnx;

internal sealed class ImportedLayers
{
    private const int MaxDepth = 16;

    private readonly long _maxValues;
    private readonly List<(string Value, int Layers, int[] Sizes)> _starts = [];  // values with the number of layers before each, ascending
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);     // index in the list for values still in use
    private long _count;

    internal ImportedLayers(int[] sizes, long rows, string value, long maxValues)
    {
        (Sizes, Rows, Value, _maxValues) = (sizes, rows, value, maxValues);
        Input = Shape = ShapeOf(sizes) ?? throw new ModelFormatException($"ONNX: expected 1 to 3 sizes of a row, got {sizes.Length}");
    }

    internal List<Layer> Layers { get; } = [];

    internal List<float[]> Values { get; } = [];

    internal Shape Input { get; private set; }

    internal Shape Shape { get; private set; }

    /// <summary>The same sizes as in the graph: without the batch, with sizes of 1.</summary>
    internal int[] Sizes { get; private set; }

    internal long Rows { get; }

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

    /// <summary>The meaning of outputs 0 and 1, if the graph contains it.</summary>
    internal SquaredError? Line { get; set; }

    internal Span<float> LastBiases => Layers is [.., Dense or Conv1d or Conv2d or DepthwiseConv1d or DepthwiseConv2d]
        ? Values[^1].AsSpan(^Shape.Channels..) : [];

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

    /// <summary>Throws if the layers would have more values than the size of the file justifies.</summary>
    internal void Reserve(long values)
    {
        if (_count + values > _maxValues)
        {
            throw new ArgumentException(
                $"expected at most {_maxValues} values together, 4 bytes for each of the file's, got {_count + values}");
        }
    }

    /// <summary>Returns false if the value is unknown or has other sizes.</summary>
    internal bool AddAround(string start)
    {
        if (!_places.TryGetValue(start, out var at) || at >= _starts.Count) { return false; }
        var (name, first, sizes) = _starts[at];
        if (name != start || first == Layers.Count || !sizes.AsSpan().SequenceEqual(Sizes)) { return false; }
        var around = new Residual([.. Layers[first..]]);
        if (Depth(around) > MaxDepth) { throw new ArgumentException($"expected at most {MaxDepth} nested sums"); }
        float[] values = [.. Values[first..].SelectMany(static v => v)];
        Layers.RemoveRange(first, Layers.Count - first);
        Values.RemoveRange(first, Values.Count - first);
        Layers.Add(around);
        Values.Add(values);
        Forget(first + 1);
        return true;
    }

    /// <summary>Call it after changing the values of the last layer, whose earlier output is then outdated.</summary>
    internal void Changed() => Forget(Layers.Count);

    internal void Reshape(int[] sizes)
    {
        var shape = ShapeOf(sizes);
        if (shape == Shape) { Sizes = sizes; }
        else if (sizes is [var size] && size == Shape.Size) { Add(new Flatten(), sizes); }
        else if (Layers.Count == 0 && shape is { } input && input.Size == Shape.Size) { (Input, Shape, Sizes) = (input, input, sizes); }
        else if (Shape.Samples == 1 && sizes.Contains(Shape.Size)) { Sizes = sizes; }       // one value per channel, with sizes of 1
        else
        {
            throw new ArgumentException(
                $"expected a flat shape, or one with the same channels, got [{string.Join(", ", sizes)}] from "
                    + $"[{string.Join(", ", Sizes)}]");
        }
    }

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
