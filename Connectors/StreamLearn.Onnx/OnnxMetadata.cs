using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using StreamLearn.Models;

namespace StreamLearn.Onnx;

/// <summary>What a file says of a network beside its graph: names of columns, units and classes as lists in JSON, and where it comes
/// from.</summary>
internal static class OnnxMetadata
{
    internal static List<KeyValuePair<string, string>> Of(ModelPlan plan, ModelCard card)
    {
        var columns = plan.Features.IsEmpty ? card.Channels : plan.Features;
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
