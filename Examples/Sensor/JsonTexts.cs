using System.Text.Json;

namespace Sensor;

/// <summary>Texts, small whole numbers and truths in JSON, any of which may be classes.</summary>
internal static class JsonTexts
{
    private const int MostTexts = 60;

    /// <summary>Those at each path of keys, of which none is in an array of arrays; paths of too many are left out.</summary>
    internal static SortedDictionary<string, SortedSet<string>> Of(IEnumerable<byte[]> payloads)
    {
        SortedDictionary<string, SortedSet<string>> texts = new(StringComparer.Ordinal);
        foreach (var payload in payloads)
        {
            try
            {
                using var document = JsonDocument.Parse(payload);
                Visit(document.RootElement, "$", texts);
            }
            catch (JsonException)
            {
            }
        }

        foreach (var path in texts.Where(static t => t.Value.Count > MostTexts).Select(static t => t.Key).ToList()) { texts.Remove(path); }
        return texts;
    }

    private static void Visit(JsonElement value, string path, SortedDictionary<string, SortedSet<string>> texts)
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
                if (!texts.TryGetValue(path, out var found)) { texts[path] = found = new(StringComparer.Ordinal); }
                if (found.Count > MostTexts) { break; }
                found.Add(value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText());
                break;
            default:
                break;
        }
    }

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-';
}
