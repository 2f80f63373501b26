using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace StreamLearn.Models;

/// <summary>Versioned JSON files of layer profiles. Unknown, missing and duplicate names are refused.</summary>
internal static class LayerProfileFile
{
    private const int Version = 1;
    private const int MaxLayers = 4096;
    private const string FormatName = "streamlearn-layer-profile";
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
            throw new ModelFormatException($"layer profile: {e.Message}", e);
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
        if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty("format", out var format) || !format.ValueEquals(FormatName))
        {
            throw new ModelFormatException($"layer profile: expected '{FormatName}' as 'format', got another file");
        }

        if (Whole(json, "version") is var version && version != Version)
        {
            throw new ModelFormatException($"layer profile: expected version {Version}, got {version}");
        }

        Expect(json, names: 7, "the profile");
        var layers = Of(json, Layers, JsonValueKind.Array);
        if (layers.GetArrayLength() is < 1 or > MaxLayers)
        {
            throw new ModelFormatException($"layer profile: expected 1 to {MaxLayers} layers, got {layers.GetArrayLength()}");
        }

        return new(
            new((int)Whole(json, "inputs", int.MaxValue), [.. layers.EnumerateArray().Select(ReadCost)]),
            [.. layers.EnumerateArray().Select(ReadMeasure)],
            (int)Whole(json, "rows", int.MaxValue),
            Text(json, "machine"),
            Time(json, "date"));
    }

    private static LayerCost ReadCost(JsonElement json, int layer)
    {
        Expect(json, names: 8, $"layer {layer}");
        return new(Text(json, "name"), (int)Whole(json, "outputs", int.MaxValue), Whole(json, "multiplyAdds"),
            Whole(json, "backwardMultiplyAdds"), Whole(json, "parameters"));
    }

    private static LayerMeasure ReadMeasure(JsonElement json) =>
        new(Number(json, "forwardSeconds"), Number(json, "backwardSeconds"), Whole(json, "peakBytes"));

    /// <summary>Callers ask for every name, so the right count excludes unknown ones.</summary>
    private static void Expect(JsonElement json, int names, string place)
    {
        if (json.ValueKind != JsonValueKind.Object || json.GetPropertyCount() != names)
        {
            throw new ModelFormatException($"layer profile: expected {names} names in {place}, got "
                + (json.ValueKind == JsonValueKind.Object ? $"{json.GetPropertyCount()}" : json.ValueKind.ToString()));
        }
    }

    private static JsonElement Of(JsonElement json, string name, JsonValueKind kind) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == kind ? value
        : throw new ModelFormatException($"layer profile: expected a {kind.ToString().ToLowerInvariant()} as '{name}', got "
            + (value.ValueKind == JsonValueKind.Undefined ? "none" : value.GetRawText() is { Length: > 40 } text ? $"{text[..40]}…"
                : value.GetRawText()));

    private static string Text(JsonElement json, string name) => Of(json, name, JsonValueKind.String).GetString()!;

    private static DateTimeOffset Time(JsonElement json, string name) =>
        DateTimeOffset.TryParseExact(Text(json, name), Date, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time
        : throw new ModelFormatException("layer profile: expected a time such as "
            + $"{new DateTimeOffset().ToString(Date, CultureInfo.InvariantCulture)} as '{name}', got '{Text(json, name)}'");

    private static long Whole(JsonElement json, string name, long most = long.MaxValue) =>
        Of(json, name, JsonValueKind.Number) is var value && value.TryGetInt64(out var number) && number >= 0 && number <= most ? number
        : throw new ModelFormatException($"layer profile: expected a whole number of 0 to {most} as '{name}', got {value.GetRawText()}");

    private static double Number(JsonElement json, string name) =>
        Of(json, name, JsonValueKind.Number) is var value && value.TryGetDouble(out var number) && double.IsFinite(number) ? number
        : throw new ModelFormatException($"layer profile: expected a number as '{name}', got {value.GetRawText()}");
}
