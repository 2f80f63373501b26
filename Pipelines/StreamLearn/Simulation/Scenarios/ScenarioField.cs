using System.Text.Json;

namespace StreamLearn.Simulation;

/// <summary>Reads one value of a scenario, or says in which place what was expected and what came.</summary>
internal static class ScenarioField
{
    /// <summary>Throws if an object has a key that is not known.</summary>
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

    /// <summary>A number in a range; null if there is none.</summary>
    internal static double? Number(JsonElement json, string place, string key, double least, double most)
    {
        if (!json.TryGetProperty(key, out var value)) { return null; }
        Expect(value, JsonValueKind.Number, $"{place}.{key}");
        return value.TryGetDouble(out var number) && number >= least && number <= most ? number
            : throw new ScenarioException($"{place}.{key}: expected {least} to {most}, got {Line(value.GetRawText())}");
    }

    /// <summary>A whole number; null if there is none.</summary>
    internal static int? Whole(JsonElement json, string place, string key, int least)
    {
        if (!json.TryGetProperty(key, out var value)) { return null; }
        Expect(value, JsonValueKind.Number, $"{place}.{key}");
        return value.TryGetInt32(out var number) && number >= least ? number
            : throw new ScenarioException($"{place}.{key}: expected a whole number of at least {least}, got {Line(value.GetRawText())}");
    }

    /// <summary>A text; null if there is none.</summary>
    internal static string? Text(JsonElement json, string place, string key)
    {
        if (!json.TryGetProperty(key, out var value)) { return null; }
        Expect(value, JsonValueKind.String, $"{place}.{key}");
        return value.GetString();
    }

    /// <summary>A truth value; null if there is none.</summary>
    internal static bool? Truth(JsonElement json, string place, string key)
    {
        if (!json.TryGetProperty(key, out var value)) { return null; }
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
            : throw new ScenarioException($"{place}.{key}: expected a truth value, got {Name(value.ValueKind)}");
    }

    /// <summary>The value of one of some texts.</summary>
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

    /// <summary>A number that must be there.</summary>
    internal static double Required(double? value, string place, string key) => value ?? throw Missing(place, key);

    /// <summary>A text that must be there.</summary>
    internal static string Required(string? value, string place, string key) =>
        string.IsNullOrEmpty(value) ? throw Missing(place, key) : value;

    private static ScenarioException Missing(string place, string key) => new($"{place}: '{key}' is missing");

    /// <summary>Throws if a value is of another kind.</summary>
    internal static void Expect(JsonElement json, JsonValueKind kind, string place)
    {
        if (json.ValueKind != kind) { throw new ScenarioException($"{place}: expected {Name(kind)}, got {Name(json.ValueKind)}"); }
    }

    private static string Name(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "a truth value",
    };

    /// <summary>One short line of what the file holds.</summary>
    internal static string Line(string text) => PrintableText.Of(text, 120);
}
