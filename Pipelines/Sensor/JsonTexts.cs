using System.Text.Json;

namespace Sensor;

/// <summary>Collects class candidates in JSON: strings, small integers, Booleans.</summary>
internal sealed class JsonTexts
{
    private const int MaxTexts = 60;

    private readonly SortedDictionary<string, SortedSet<string>> _texts = new(StringComparer.Ordinal);

    /// <summary>The strings by path, without nested arrays and paths with too many values.</summary>
    internal IEnumerable<KeyValuePair<string, SortedSet<string>>> All => _texts.Where(static t => t.Value.Count <= MaxTexts);

    internal void Add(byte[] payload)
    {
        foreach (var (path, text) in In(payload))
        {
            if (!_texts.TryGetValue(path, out var found)) { _texts[path] = found = new(StringComparer.Ordinal); }
            if (found.Count <= MaxTexts) { found.Add(text); }
        }
    }

    internal static IEnumerable<string> At(string path, byte[] payload) =>
        In(payload).Where(t => t.Path == path).Select(static t => t.Text);

    private static List<(string Path, string Text)> In(byte[] payload)
    {
        List<(string, string)> texts = [];
        try
        {
            using var document = JsonDocument.Parse(payload);
            Visit(document.RootElement, "$", texts);
        }
        catch (JsonException)
        {
        }

        return texts;
    }

    private static void Visit(JsonElement value, string path, List<(string, string)> texts)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject().Where(static m => m.Name.All(IsPlain)))
                {
                    Visit(member.Value, $"{path}.{member.Name}", texts);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray().Where(static i => i.ValueKind is not JsonValueKind.Array))
                {
                    Visit(item, $"{path}[*]", texts);
                }

                break;
            case JsonValueKind.String or JsonValueKind.True or JsonValueKind.False:
            case JsonValueKind.Number when value.TryGetInt32(out _):
                texts.Add((path, value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText()));
                break;
            default:
                break;
        }
    }

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-';
}
