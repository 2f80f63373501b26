using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Tool;

internal static class MemoryJson
{
    internal static string Of(MemoryPlan plan) => Text(json =>
    {
        json.WriteNumber("rows", plan.Rows);
        json.WriteStartArray("layers");
        foreach (var layer in plan.Layers) { Write(json, layer); }
        json.WriteEndArray();
        json.WriteNumber("multiplyAdds", plan.MultiplyAdds);
        json.WriteNumber("parameterBytes", plan.ParameterBytes);
        json.WriteNumber("gradientBytes", plan.GradientBytes);
        json.WriteNumber("tapeBytes", plan.TapeBytes);
        json.WriteNumber("optimizerBytes", plan.OptimizerBytes);
        json.WriteNumber("scratchBytes", plan.ScratchBytes);
        json.WriteNumber("trainingBytes", plan.TrainingBytes);
        json.WriteNumber("inferenceBytes", plan.InferenceBytes);
    });

    internal static string Text(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    internal static void Write(Utf8JsonWriter json, string name, Shape shape)
    {
        json.WriteStartArray(name);
        foreach (var size in (ReadOnlySpan<int>)[shape.Channels, shape.Height, shape.Width]) { json.WriteNumberValue(size); }
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, LayerMemory layer)
    {
        json.WriteStartObject();
        json.WriteString("name", layer.Name);
        Write(json, "output", layer.Output);
        json.WriteNumber("multiplyAdds", layer.MultiplyAdds);
        json.WriteNumber("parameterBytes", layer.ParameterBytes);
        json.WriteNumber("gradientBytes", layer.GradientBytes);
        json.WriteNumber("tapeBytes", layer.TapeBytes);
        json.WriteNumber("optimizerBytes", layer.OptimizerBytes);
        json.WriteEndObject();
    }
}
