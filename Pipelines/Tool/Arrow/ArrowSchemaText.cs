using System.Text.Json;
using Apache.Arrow.Types;
using StreamLearn.Arrow;
using ArrowField = Apache.Arrow.Field;
using ArrowSchema = Apache.Arrow.Schema;

namespace Tool;

internal static class ArrowSchemaText
{
    private const string OtherUnitKey = "units";

    private static readonly IReadOnlyDictionary<string, string> None = new Dictionary<string, string>();
    private static readonly string[] Heads = ["column", "type", "missing", "unit", "dictionary", "metadata"];

    internal static void Write(ArrowInput input, int? width, TextWriter output)
    {
        output.WriteLine(input.Count is { } count ? $"a file with a footer: {Counted(count, "batch", "batches")}"
            : input.Footless is null ? "a stream" : "a file without a footer");
        foreach (var (key, value) in input.Schema.Metadata ?? None) { WritePair("metadata", key, value, width, output); }
        foreach (var (key, value) in input.FooterMetadata) { WritePair("footer", key, value, width, output); }
        var rows = input.Schema.FieldsList.Select(Cells).ToList();
        var shown = Enumerable.Range(0, Heads.Length).Where(c => c < 3 || rows.Any(r => r[c].Length > 0)).ToArray();
        var table = new TextTable([.. shown.Select(c => Heads[c])], [.. shown.Select(_ => false)], width, output);
        foreach (var row in rows) { table.Add([.. shown.Select(c => row[c])]); }
        table.End();
        foreach (var column in input.LeftOut) { output.WriteLine(Tapped.Plain($"left out: {column}")); }
    }

    internal static void WriteCsv(ArrowSchema schema, TextWriter output)
    {
        output.WriteLine(string.Join(',', Heads));
        foreach (var field in schema.FieldsList)
        {
            output.WriteLine(string.Join(',', Cells(field).Select(c => c.Length == 0 ? c : CsvText.Of(c))));
        }
    }

    internal static void WriteJson(Utf8JsonWriter json, ArrowSchema schema)
    {
        json.WriteStartObject();
        json.WriteStartArray("columns");
        foreach (var field in schema.FieldsList) { WriteJson(json, field); }
        json.WriteEndArray();
        WriteMetadata(json, schema.Metadata ?? None);
        json.WriteEndObject();
    }

    internal static string Line(ArrowSchema schema) =>
        string.Join(", ", schema.FieldsList.Select(static f => UnitOf(f) is { Length: > 0 } unit ? $"{Line(f)} [{unit}]" : Line(f)));

    internal static string Counted(long count, string one, string many) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : many)}");

    private static string Line(ArrowField field) => $"{field.Name} {field.TypeText()}{(field.IsNullable ? "?" : "")}";

    private static string[] Cells(ArrowField field) =>
    [
        field.Name, field.TypeText(), field.IsNullable ? "may be" : "never", UnitOf(field) ?? "",
        field.DataType is DictionaryType { Ordered: true } ? "ordered" : "",
        string.Join(", ", (field.Metadata ?? None).Where(m => m.Key != ArrowExtensions.UnitKey).Select(m => $"{m.Key}={m.Value}")),
    ];

    private static string? UnitOf(ArrowField field) =>
        (field.Metadata ?? None).GetValueOrDefault(ArrowExtensions.UnitKey) ?? (field.Metadata ?? None).GetValueOrDefault(OtherUnitKey);

    private static void WritePair(string what, string key, string value, int? width, TextWriter output)
    {
        var line = Tapped.Plain($"{what}: {key} = {value}");
        output.WriteLine(TextTable.Cut(line, width ?? 2 * TextTable.CellCharacters));
    }

    private static void WriteJson(Utf8JsonWriter json, ArrowField field)
    {
        json.WriteStartObject();
        json.WriteString("name", field.Name);
        json.WriteString("type", field.TypeText());
        json.WriteBoolean("nullable", field.IsNullable);
        if (UnitOf(field) is { } unit) { json.WriteString("unit", unit); }
        if (field.DataType is DictionaryType encoded) { json.WriteBoolean("ordered", encoded.Ordered); }

        WriteMetadata(json, field.Metadata ?? None);
        json.WriteEndObject();
    }

    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyCollection<KeyValuePair<string, string>> metadata)
    {
        if (metadata.Count == 0) { return; }
        json.WriteStartArray("metadata");
        foreach (var (key, value) in metadata)
        {
            json.WriteStartArray();
            json.WriteStringValue(key);
            json.WriteStringValue(value);
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }
}
