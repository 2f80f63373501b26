using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace StreamLearn.Arrow.Tests;

/// <summary>Columns and values in the form of the JSON files beside the goldens: see peer/values.mjs.</summary>
internal static class ArrowJson
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static JsonObject Of(ArrowSchema schema, IEnumerable<JsonObject> batches) =>
        new() { ["schema"] = Of(schema), ["batches"] = new JsonArray([.. batches]) };

    internal static JsonObject Of(ArrowSchema schema) => new()
    {
        ["fields"] = new JsonArray([.. schema.Fields.Select(Of)]),
        ["metadata"] = Of(schema.Metadata),
    };

    internal static JsonObject Of(ArrowBatch batch) => new()
    {
        ["rows"] = batch.Rows,
        ["metadata"] = Of(batch.Metadata),
        ["columns"] = new JsonArray([.. batch.Columns.Select(Of)]),
    };

    /// <summary>The text of a value, the same for numbers that are the same.</summary>
    internal static string Text(JsonNode? node) => Same(node)?.ToJsonString(Plain) ?? "null";

    private static JsonNode? Same(JsonNode? node) => node switch
    {
        null => null,
        JsonArray array => new JsonArray([.. array.Select(Same)]),
        JsonObject map => new JsonObject(map.Select(static p => new KeyValuePair<string, JsonNode?>(p.Key, Same(p.Value)))),
        _ when node.GetValueKind() == JsonValueKind.Number =>
            JsonValue.Create(double.Parse(node.ToJsonString(), CultureInfo.InvariantCulture)),
        _ => node.DeepClone(),
    };

    private static JsonObject Of(ArrowField field) => new()
    {
        ["name"] = field.Name,
        ["type"] = field.Type.ToString(),
        ["nullable"] = field.Nullable,
        ["dictionary"] = field.Dictionary is { } dictionary ? new JsonObject
        {
            ["id"] = dictionary.Id,
            ["places"] = new ArrowType(dictionary.Places).ToString(),
            ["ordered"] = dictionary.Ordered,
        }
        : null,
        ["children"] = new JsonArray([.. field.Children.Select(Of)]),
        ["metadata"] = Of(field.Metadata),
    };

    private static JsonArray Of(ImmutableArray<KeyValuePair<string, string>> pairs) =>
        new([.. pairs.Select(static p => new JsonArray(p.Key, p.Value))]);

    private static JsonArray Of(ArrowArray array) => new([.. Enumerable.Range(0, array.Length).Select(i => Of(array, i))]);

    private static JsonNode? Of(ArrowArray array, int index)
    {
        if (!array.IsValid(index)) { return null; }
        if (array.Dictionary is { } entries) { return Of(entries, (int)array.Integer(index)); }
        switch (array.Field.Type.Kind)
        {
            case ArrowKind.Bool: return array.Flag(index);
            case ArrowKind.Float16 or ArrowKind.Float32 or ArrowKind.Float64: return Of(array.Number(index));
            case ArrowKind.Utf8 or ArrowKind.LargeUtf8: return System.Text.Encoding.UTF8.GetString(array.Bytes(index));
            case ArrowKind.Binary or ArrowKind.LargeBinary or ArrowKind.FixedSizeBinary: return Convert.ToHexString(array.Bytes(index));
            case ArrowKind.UInt64: return array.Values<ulong>()[index].ToString(CultureInfo.InvariantCulture);
            case ArrowKind.Struct: return new JsonArray([.. array.Children.Select(c => Of(c, index))]);
            case ArrowKind.List or ArrowKind.LargeList or ArrowKind.FixedSizeList:
                var (start, end) = array.Range(index);
                return new JsonArray([.. Enumerable.Range(start, end - start).Select(i => Of(array.Children[0], i))]);
            default: return array.Integer(index).ToString(CultureInfo.InvariantCulture);
        }
    }

    private static JsonNode Of(double number) => double.IsFinite(number) && !(number == 0 && double.IsNegative(number))
        ? number : JsonValue.Create(number.ToString(CultureInfo.InvariantCulture));
}
