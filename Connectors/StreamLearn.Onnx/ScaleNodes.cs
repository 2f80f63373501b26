namespace StreamLearn.Onnx;

internal static class ScaleNodes
{
    internal static bool IsFront(ImportedLayers layers) => layers.Layers is [] or [Scale];

    internal static void AddShift(NodeInputs given, ImportedLayers layers, float sign)
    {
        var values = ValuesOf(given, layers);
        var means = layers.Values[0].AsSpan(0, values.Length);
        var inverses = layers.Values[0].AsSpan(values.Length);
        for (var c = 0; c < means.Length; c++)
        {
            if (values[c] != 0 && inverses[c] == 0) { throw new ArgumentException("expected no earlier multiplication by 0"); }
            means[c] += sign * values[c] / (values[c] == 0 ? 1 : inverses[c]);
        }
    }

    internal static void AddFactor(NodeInputs given, ImportedLayers layers, bool divides)
    {
        var values = ValuesOf(given, layers);
        var inverses = layers.Values[0].AsSpan(values.Length);
        for (var c = 0; c < inverses.Length; c++) { inverses[c] = divides ? inverses[c] / values[c] : inverses[c] * values[c]; }
    }

    /// <summary>Returns one value per channel; ensures that the first layer is a scale.</summary>
    private static float[] ValuesOf(NodeInputs given, ImportedLayers layers)
    {
        if (!IsFront(layers)) { throw new ArgumentException("expected it before the first layer"); }
        var (values, channels) = (given.Other().PerChannel(layers.Sizes), layers.Sizes[0]);
        if (layers.Layers.Count == 0)
        {
            layers.Reserve(2L * channels);
            layers.Add(new Scale(), layers.Sizes, [.. new float[channels], .. Enumerable.Repeat(1f, channels)]);
        }

        layers.Changed();
        return values;
    }
}
