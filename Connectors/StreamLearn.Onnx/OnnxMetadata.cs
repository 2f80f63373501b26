using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace StreamLearn.Onnx;

/// <summary>Names of columns, units and classes as JSON lists, and provenance.</summary>
internal static class OnnxMetadata
{
    internal static List<KeyValuePair<string, string>> Of(ModelPlan plan, ModelCard card, OnnxWindow? window)
    {
        var columns = plan.Features.IsEmpty || window is not null ? card.Channels : plan.Features;
        if (columns.Length != (window?.Channels ?? plan.Input.Channels)) { columns = []; }      // a file with windows has names of features
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in card.Provenance) { all[key] = value; }
        Add("channels", columns.Select(static c => c.Name));
        Add("units", columns.Select(static c => c.Unit.ToString()));
        Add(plan.Classes > 0 ? "classes" : "outputs", card.Labels);
        return [.. all];

        void Add(string key, IEnumerable<string> names)
        {
            if (names.Any()) { all[key] = List(names); }
        }
    }

    internal static ModelCard On(ModelCard card, ModelPlan plan, IReadOnlyList<KeyValuePair<string, string>> said)
    {
        var (names, units, labels) = (Texts("channels"), Texts("units"), Texts(plan.Classes > 0 ? "classes" : "outputs"));
        var areNames = names.Length == plan.Input.Channels && names.Distinct(StringComparer.Ordinal).Count() == names.Length;
        var areLabels = labels.Length == Math.Max(plan.Classes, plan.Outputs);
        return card with
        {
            Channels = areNames
                ? [.. names.Select((name, c) => Field.Channel(name, units.Length == names.Length ? new(units[c]) : Unit.One))] : [],
            Labels = areLabels ? labels : [],
        };

        ImmutableArray<string> Texts(string key) => TextsOf(said.LastOrDefault(entry => entry.Key == key).Value ?? "[]");
    }

    /// <summary>Reads a JSON list of nonempty strings; returns an empty list for anything else, as in files of other tools.</summary>
    private static ImmutableArray<string> TextsOf(string json)
    {
        try
        {
            using var list = JsonDocument.Parse(json);
            return list.RootElement is { ValueKind: JsonValueKind.Array } root
                && root.EnumerateArray().All(static e => e.ValueKind == JsonValueKind.String && e.GetString() is { Length: > 0 })
                ? [.. root.EnumerateArray().Select(static e => e.GetString()!)] : [];
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException)     // the latter: an unpaired surrogate
        {
            return [];
        }
    }

    private static string List(IEnumerable<string> names)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartArray();
            foreach (var name in names) { json.WriteStringValue(name); }
            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
