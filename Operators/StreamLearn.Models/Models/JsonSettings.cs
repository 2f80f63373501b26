using System.Text.Json;

namespace StreamLearn.Models;

/// <summary>Strict reader of a JSON object: missing, mistyped and unread properties are refused.</summary>
internal sealed class JsonSettings
{
    private readonly JsonElement _element;
    private readonly string _place;
    private int _asked;

    internal JsonSettings(JsonElement element, string place)
    {
        (_element, _place) = (element, place);
        Expect(element.ValueKind == JsonValueKind.Object, "an object", element);
    }

    internal bool Has(string name) => _element.TryGetProperty(name, out _);

    /// <summary>Reads a required property, once.</summary>
    internal JsonElement Of(string name)
    {
        if (!_element.TryGetProperty(name, out var value)) { throw new ModelFormatException($"{_place}: expected '{name}', got none"); }
        _asked++;
        return value;
    }

    internal string Text(string name)
    {
        var value = Of(name);
        Expect(value.ValueKind == JsonValueKind.String, $"a string as '{name}'", value);
        return value.GetString()!;
    }

    internal bool Flag(string name)
    {
        var value = Of(name);
        Expect(value.ValueKind is JsonValueKind.True or JsonValueKind.False, $"true or false as '{name}'", value);
        return value.GetBoolean();
    }

    internal int Int(string name) => Int(Of(name), name);

    internal long Long(string name) => Long(Of(name), name);

    internal float Single(string name) => Single(Of(name), name);

    internal double Double(string name) => Double(Of(name), name);

    internal IEnumerable<JsonElement> Array(string name)
    {
        var value = Of(name);
        Expect(value.ValueKind == JsonValueKind.Array, $"a list as '{name}'", value);
        return value.EnumerateArray();
    }

    /// <summary>Indexes the properties of objects that are too large for linear lookup.</summary>
    internal Dictionary<string, JsonElement> Properties()
    {
        var properties = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var property in _element.EnumerateObject()) { properties[property.Name] = property.Value; }
        return properties;
    }

    internal float[] Thresholds(string name) => [.. Array(name).Select(e => Threshold(e, name))];

    internal double[] Doubles(string name) => [.. Array(name).Select(e => Double(e, name))];

    internal long[] Longs(string name) => [.. Array(name).Select(e => Long(e, name))];

    internal int[] Ints(string name) => [.. Array(name).Select(e => Int(e, name))];

    /// <summary>Throws if a property was not read.</summary>
    internal void End()
    {
        if (_element.GetPropertyCount() != _asked)
        {
            throw new ModelFormatException($"{_place}: expected {_asked} settings, got {_element.GetPropertyCount()}: {Short(_element)}");
        }
    }

    /// <summary>Writes a number, also infinity, which JSON does not have.</summary>
    internal static void Write(Utf8JsonWriter json, float value)
    {
        if (float.IsFinite(value)) { json.WriteNumberValue(value); }
        else { json.WriteStringValue(value > 0 ? "infinity" : "-infinity"); }
    }

    private int Int(JsonElement value, string name)
    {
        var number = 0;
        Expect(value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out number), $"a whole number as '{name}'", value);
        return number;
    }

    private long Long(JsonElement value, string name)
    {
        var number = 0L;
        Expect(value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out number), $"a whole number as '{name}'", value);
        return number;
    }

    private float Threshold(JsonElement value, string name) =>
        value.ValueKind != JsonValueKind.String ? Single(value, name)
        : value.ValueEquals("infinity") ? float.PositiveInfinity
        : value.ValueEquals("-infinity") ? float.NegativeInfinity
        : Single(value, name);

    private float Single(JsonElement value, string name)
    {
        float number = 0;
        Expect(value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out number) && float.IsFinite(number),
            $"a number as '{name}'", value);
        return number;
    }

    private double Double(JsonElement value, string name)
    {
        double number = 0;
        Expect(value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out number) && double.IsFinite(number),
            $"a number as '{name}'", value);
        return number;
    }

    private void Expect(bool condition, string what, JsonElement got)
    {
        if (!condition) { throw new ModelFormatException($"{_place}: expected {what}, got {Short(got)}"); }
    }

    private static string Short(JsonElement element) =>
        element.GetRawText() is { Length: > 80 } text ? $"{text[..80]}…" : element.GetRawText();
}
