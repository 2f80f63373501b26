using System.Text.Json;

namespace StreamLearn.Models;

/// <summary>Writes and reads layers as JSON objects: <c>layer</c>, then settings. Layers that are not listed cannot be saved.</summary>
internal static class LayerSettings
{
    internal static void Write(Utf8JsonWriter json, Layer layer)
    {
        var (name, settings, inner) = Parts(layer);
        json.WriteStartObject();
        json.WriteString("layer", name);
        foreach (var (key, value) in settings)
        {
            if (value == (int)value) { json.WriteNumber(key, (int)value); }
            else { json.WriteNumber(key, (float)value); }
        }

        if (!inner.IsDefault) { WriteAll(json, "layers", inner); }
        json.WriteEndObject();
    }

    internal static void WriteAll(Utf8JsonWriter json, string name, ImmutableArray<Layer> layers)
    {
        json.WriteStartArray(name);
        foreach (var layer in layers) { Write(json, layer); }
        json.WriteEndArray();
    }

    internal static Layer Read(JsonElement element, string place)
    {
        var settings = new JsonSettings(element, place);
        var layer = Named(settings.Text("layer"), settings, place);
        settings.End();
        return layer;
    }

    internal static ImmutableArray<Layer> ReadAll(JsonSettings settings, string name, string place) =>
        [.. settings.Array(name).Select((e, i) => Read(e, $"{place} {i}"))];

    internal static int Count(params ReadOnlySpan<Layer> layers)
    {
        var count = layers.Length;
        foreach (var layer in layers) { count += Parts(layer).Inner is { IsDefault: false } inner ? Count(inner.AsSpan()) : 0; }
        return count;
    }

    private static (string Name, (string Key, double Value)[] Settings, ImmutableArray<Layer> Inner) Parts(Layer layer) => layer switch
    {
        AveragePool1d l => ("average-pool1d", Window("size", l.Size, l.Stride, l.Padding), default),
        AveragePool2d l => ("average-pool2d", Window("size", l.Size, l.Stride, l.Padding), default),
        BatchNorm l => ("batch-norm", [("momentum", l.Momentum), ("epsilon", l.Epsilon)], default),
        Conv1d l => ("conv1d", [("filters", l.Filters), .. Window("kernel", l.Kernel, l.Stride, l.Padding), .. Start(l.Initial)], default),
        Conv2d l => ("conv2d", [("filters", l.Filters), .. Window("kernel", l.Kernel, l.Stride, l.Padding), .. Start(l.Initial)], default),
        Dense l => ("dense", [("outputs", l.Outputs), .. Start(l.Initial)], default),
        DepthwiseConv1d l => ("depthwise-conv1d", [.. Window("kernel", l.Kernel, l.Stride, l.Padding), .. Start(l.Initial)], default),
        DepthwiseConv2d l => ("depthwise-conv2d", [.. Window("kernel", l.Kernel, l.Stride, l.Padding), .. Start(l.Initial)], default),
        Dropout l => ("dropout", [("rate", l.Rate)], default),
        Flatten => ("flatten", [], default),
        GlobalMax => ("global-max", [], default),
        GlobalMean => ("global-mean", [], default),
        GlobalMeanMax => ("global-mean-max", [], default),
        GroupNorm l => ("group-norm", [("groups", l.Groups)], default),
        LayerNorm l => ("layer-norm", [("epsilon", l.Epsilon)], default),
        LeakyRelu l => ("leaky-relu", [("slope", l.Slope)], default),
        LocalResponseNorm l => ("local-response-norm",
            [("size", l.Size), ("bias", l.Bias), ("alpha", l.Alpha), ("beta", l.Beta)], default),
        LowBitDense l => ("low-bit-dense",
            [("outputs", l.Outputs), ("weight-bits", l.WeightBits), ("input-bits", l.InputBits)], default),
        MaxPool1d l => ("max-pool1d", Window("size", l.Size, l.Stride, l.Padding), default),
        MaxPool2d l => ("max-pool2d", Window("size", l.Size, l.Stride, l.Padding), default),
        Relu => ("relu", [], default),
        Residual l => ("residual", [], l.Layers),
        RoundedActivations l => ("rounded-activations",
            [("momentum", l.Momentum), .. (l.Observes ? [("observes", 1.0)] : Array.Empty<(string, double)>())], default),
        RoundedWeights l => ("rounded-weights", [], [l.Layer]),
        Scale l => ("scale", l.Columns == 0 ? [] : [("columns", l.Columns)], default),
        Sequential l => ("sequential", [], l.Layers),
        Sigmoid => ("sigmoid", [], default),
        Tanh => ("tanh", [], default),
        _ => throw new ArgumentException($"expected a layer that can be saved, got {layer}", nameof(layer)),
    };

    private static Layer Named(string name, JsonSettings s, string place) => name switch
    {
        "average-pool1d" => new AveragePool1d(s.Int("size"), s.Int("stride"), s.Int("padding")),
        "average-pool2d" => new AveragePool2d(s.Int("size"), s.Int("stride"), s.Int("padding")),
        "batch-norm" => new BatchNorm(s.Single("momentum"), s.Single("epsilon")),
        "conv1d" => new Conv1d(s.Int("filters"), s.Int("kernel"), s.Int("stride"), s.Int("padding")) { Initial = Start(s) },
        "conv2d" => new Conv2d(s.Int("filters"), s.Int("kernel"), s.Int("stride"), s.Int("padding")) { Initial = Start(s) },
        "dense" => new Dense(s.Int("outputs")) { Initial = Start(s) },
        "depthwise-conv1d" => new DepthwiseConv1d(s.Int("kernel"), s.Int("stride"), s.Int("padding")) { Initial = Start(s) },
        "depthwise-conv2d" => new DepthwiseConv2d(s.Int("kernel"), s.Int("stride"), s.Int("padding")) { Initial = Start(s) },
        "dropout" => new Dropout(s.Single("rate")),
        "flatten" => new Flatten(),
        "global-max" => new GlobalMax(),
        "global-mean" => new GlobalMean(),
        "global-mean-max" => new GlobalMeanMax(),
        "group-norm" => new GroupNorm(s.Int("groups")),
        "layer-norm" => new LayerNorm(s.Single("epsilon")),
        "leaky-relu" => new LeakyRelu(s.Single("slope")),
        "local-response-norm" => new LocalResponseNorm(s.Int("size"), s.Single("bias"), s.Single("alpha"), s.Single("beta")),
        "low-bit-dense" => new LowBitDense(s.Int("outputs"), s.Int("weight-bits"), s.Int("input-bits")),
        "max-pool1d" => new MaxPool1d(s.Int("size"), s.Int("stride"), s.Int("padding")),
        "max-pool2d" => new MaxPool2d(s.Int("size"), s.Int("stride"), s.Int("padding")),
        "relu" => new Relu(),
        "residual" => new Residual(ReadAll(s, "layers", $"{place}, layer")),
        "rounded-activations" => new RoundedActivations(s.Single("momentum")) { Observes = s.Has("observes") && s.Int("observes") != 0 },
        "rounded-weights" => ReadAll(s, "layers", $"{place}, layer") is [var inner] ? new RoundedWeights(inner)
            : throw new ModelFormatException($"{place}: expected one layer with rounded weights"),
        "scale" => new Scale { Columns = s.Has("columns") ? s.Int("columns") : 0 },
        "sequential" => new Sequential(ReadAll(s, "layers", $"{place}, layer")),
        "sigmoid" => new Sigmoid(),
        "tanh" => new Tanh(),
        _ => throw new ModelFormatException($"{place}: unknown layer '{name}'"),
    };

    private static (string Key, double Value)[] Window(string key, int size, int stride, int padding) =>
        [(key, size), ("stride", stride), ("padding", padding)];

    private static (string Key, double Value)[] Start(Initial? initial) =>
        initial is null ? [] : [("initial-deviation", initial.Deviation), ("initial-bias", initial.Bias)];

    private static Initial? Start(JsonSettings s) =>
        s.Has("initial-deviation") ? new(s.Single("initial-deviation"), s.Single("initial-bias")) : null;
}
