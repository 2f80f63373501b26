using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace StreamLearn.Models;

/// <summary>Versioned JSON files of layer profiles. Unknown, missing and duplicate names are refused.</summary>
internal static class LayerProfileFile
{
    private const int Version = 1;
    private const string FormatName = "streamlearn-layer-profile";
    private const string Place = "layer profile";
    private const string Layers = "layers";
    private const string Date = "yyyy-MM-dd'T'HH:mm:ss.fffffffzzz";

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 4 };

    internal static byte[] Save(LayerProfile profile)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("format", FormatName);
            json.WriteNumber("version", Version);
            json.WriteString("machine", profile.Machine);
            json.WriteString("date", profile.Date.ToString(Date, CultureInfo.InvariantCulture));
            json.WriteNumber("rows", profile.Rows);
            json.WriteNumber("inputs", profile.Costs.Inputs);
            json.WriteStartArray(Layers);
            for (var i = 0; i < profile.Layers.Length; i++) { Write(json, profile.Costs.Layers[i], profile.Layers[i]); }
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return [.. buffer.WrittenSpan, (byte)'\n'];
    }

    internal static LayerProfile Load(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes, Strict);
            return Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            throw new ModelFormatException($"{Place}: {e.Message}", e);
        }
    }

    private static void Write(Utf8JsonWriter json, LayerCost cost, LayerMeasure measure)
    {
        json.WriteStartObject();
        json.WriteString("name", cost.Name);
        json.WriteNumber("outputs", cost.Outputs);
        json.WriteNumber("multiplyAdds", cost.MultiplyAdds);
        json.WriteNumber("backwardMultiplyAdds", cost.BackwardMultiplyAdds);
        json.WriteNumber("parameters", cost.Parameters);
        json.WriteNumber("forwardSeconds", measure.ForwardSeconds);
        json.WriteNumber("backwardSeconds", measure.BackwardSeconds);
        json.WriteNumber("peakBytes", measure.PeakBytes);
        json.WriteEndObject();
    }

    private static LayerProfile Read(JsonElement json)
    {
        var file = new JsonSettings(json, Place);
        if (!file.Has("format") || file.Text("format") != FormatName)
        {
            throw new ModelFormatException($"{Place}: expected '{FormatName}' as 'format', got another file");
        }

        if (file.Long("version") is var version && version != Version)
        {
            throw new ModelFormatException($"{Place}: expected version {Version}, got {version}");
        }

        var layers = file.Array(Layers).Select(static (layer, i) => ReadLayer(new(layer, $"{Place}: layer {i}"))).ToList();
        var profile = new LayerProfile(new(Count(file.Int("inputs"), "inputs"), [.. layers.Select(static l => l.Cost)]),
            [.. layers.Select(static l => l.Measure)], file.Int("rows"), file.Text("machine"), Time(file.Text("date")));
        file.End();
        return profile;
    }

    private static (LayerCost Cost, LayerMeasure Measure) ReadLayer(JsonSettings layer)
    {
        var cost = new LayerCost(layer.Text("name"), Count(layer.Int("outputs"), "outputs"),
            Count(layer.Long("multiplyAdds"), "multiplyAdds"), Count(layer.Long("backwardMultiplyAdds"), "backwardMultiplyAdds"),
            Count(layer.Long("parameters"), "parameters"));
        var measure = new LayerMeasure(layer.Double("forwardSeconds"), layer.Double("backwardSeconds"), layer.Long("peakBytes"));
        layer.End();
        return (cost, measure);
    }

    private static T Count<T>(T number, string name)
        where T : INumber<T> =>
        number >= T.Zero ? number : throw new ModelFormatException($"{Place}: expected 0 or more as '{name}', got {number}");

    private static DateTimeOffset Time(string text) =>
        DateTimeOffset.TryParseExact(text, Date, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time
        : throw new ModelFormatException($"{Place}: expected a time such as "
            + $"{default(DateTimeOffset).ToString(Date, CultureInfo.InvariantCulture)} as 'date', got '{text}'");
}
