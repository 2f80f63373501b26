using System.Text.Json;

namespace StreamLearn.Simulation;

internal static class ScenarioField
{
    internal static void CheckKeys(JsonElement json, string place, params ReadOnlySpan<string> known)
    {
        Expect(json, JsonValueKind.Object, place);
        foreach (var property in json.EnumerateObject())
        {
            if (!known.Contains(property.Name))
            {
                throw new ScenarioException($"{place}: unknown key '{Line(property.Name)}', expected one of {string.Join(", ", known)}");
            }
        }
    }

    internal static double? Number(JsonElement json, string place, string key, double least, double most)
    {
        if (!json.TryGetProperty(key, out var value)) { return null; }
        Expect(value, JsonValueKind.Number, $"{place}.{key}");
        return value.TryGetDouble(out var number) && number >= least && number <= most ? number
            : throw new ScenarioException($"{place}.{key}: expected {least} to {most}, got {Line(value.GetRawText())}");
    }

    internal static int? Whole(JsonElement json, string place, string key, int least)
    {
        if (!json.TryGetProperty(key, out var value)) { return null; }
        Expect(value, JsonValueKind.Number, $"{place}.{key}");
        return value.TryGetInt32(out var number) && number >= least ? number
            : throw new ScenarioException($"{place}.{key}: expected a whole number of at least {least}, got {Line(value.GetRawText())}");
    }

    internal static string? Text(JsonElement json, string place, string key)
    {
        if (!json.TryGetProperty(key, out var value)) { return null; }
        Expect(value, JsonValueKind.String, $"{place}.{key}");
        return value.GetString();
    }

    internal static bool? Truth(JsonElement json, string place, string key)
    {
        if (!json.TryGetProperty(key, out var value)) { return null; }
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
            : throw new ScenarioException($"{place}.{key}: expected true or false, got {Name(value.ValueKind)}");
    }

    internal static T OneOf<T>(JsonElement json, string place, string key, params ReadOnlySpan<(string Text, T Value)> known)
    {
        var got = Required(Text(json, place, key), place, key);
        var texts = new List<string>();
        foreach (var (text, value) in known)
        {
            if (text == got) { return value; }
            texts.Add(text);
        }

        throw new ScenarioException($"{place}.{key}: expected one of {string.Join(", ", texts)}, got '{Line(got)}'");
    }

    internal static double Required(double? value, string place, string key) => value ?? throw Missing(place, key);

    internal static string Required(string? value, string place, string key) =>
        string.IsNullOrEmpty(value) ? throw Missing(place, key) : value;

    private static ScenarioException Missing(string place, string key) => new($"{place}: '{key}' is missing");

    internal static void Expect(JsonElement json, JsonValueKind kind, string place)
    {
        if (json.ValueKind != kind) { throw new ScenarioException($"{place}: expected {Name(kind)}, got {Name(json.ValueKind)}"); }
    }

    private static string Name(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "a truth value",
    };

    internal static string Line(string text) => PrintableText.Of(text, 120);
}
