using System.Globalization;
using System.Text.Json;
using StreamLearn.Arrow;

namespace Tool;

/// <summary>The columns of Arrow, for a person, as JSON, and as comma-separated lines.</summary>
internal static class ArrowSchemaText
{
    private const string OtherUnitKey = "units";

    private static readonly string[] Heads = ["column", "type", "missing", "unit", "dictionary", "metadata"];

    /// <summary>What a file is, and its columns.</summary>
    internal static void Write(ArrowInput input, int? width, TextWriter output)
    {
        output.WriteLine(input.Count is { } count ? $"a file with a footer: {Counted(count, "batch", "batches")}"
            : input.Footless is null ? "a stream" : "a file without a footer");
        foreach (var (key, value) in input.Schema.Metadata) { WritePair("metadata", key, value, width, output); }
        foreach (var (key, value) in input.FooterMetadata) { WritePair("footer", key, value, width, output); }
        var rows = input.Schema.Fields.Select(Cells).ToList();
        var shown = Enumerable.Range(0, Heads.Length).Where(c => c < 3 || rows.Any(r => r[c].Length > 0)).ToArray();
        var table = new TextTable([.. shown.Select(c => Heads[c])], [.. shown.Select(_ => false)], width, output);
        foreach (var row in rows) { table.Add([.. shown.Select(c => row[c])]); }
        table.End();
    }

    /// <summary>A line for each column, after one that names what is in it.</summary>
    internal static void WriteCsv(ArrowSchema schema, TextWriter output)
    {
        output.WriteLine(string.Join(',', Heads));
        foreach (var field in schema.Fields)
        {
            output.WriteLine(string.Join(',', Cells(field).Select(c => c.Length == 0 ? c : CsvText.Of(c))));
        }
    }

    /// <summary>The columns as an object.</summary>
    internal static void WriteJson(Utf8JsonWriter json, ArrowSchema schema)
    {
        json.WriteStartObject();
        json.WriteStartArray("columns");
        foreach (var field in schema.Fields) { WriteJson(json, field); }
        json.WriteEndArray();
        WriteMetadata(json, schema.Metadata);
        json.WriteEndObject();
    }

    /// <summary>The columns in a line, with their units.</summary>
    internal static string Line(ArrowSchema schema) =>
        string.Join(", ", schema.Fields.Select(static f => UnitOf(f) is { Length: > 0 } unit ? $"{f} [{unit}]" : $"{f}"));

    /// <summary>A number of things.</summary>
    internal static string Counted(long count, string one, string many) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : many)}");

    /// <summary>The type with what is within.</summary>
    internal static string TypeOf(ArrowField field) => (field with { Name = "", Nullable = false }).ToString()[1..];

    private static string[] Cells(ArrowField field) =>
    [
        field.Name, TypeOf(field), field.Nullable ? "may be" : "never", UnitOf(field) ?? "",
        field.Dictionary is { } dictionary
            ? string.Create(CultureInfo.InvariantCulture, $"{dictionary.Id}{(dictionary.Ordered ? ", ordered" : "")}") : "",
        string.Join(", ", field.Metadata.Where(m => m.Key != ArrowColumns.UnitKey).Select(m => $"{m.Key}={m.Value}")),
    ];

    private static string? UnitOf(ArrowField field) => field.Find(ArrowColumns.UnitKey) ?? field.Find(OtherUnitKey);

    private static void WritePair(string what, string key, string value, int? width, TextWriter output)
    {
        var line = Tapped.Plain($"{what}: {key} = {value}");
        output.WriteLine(TextTable.Cut(line, width ?? 2 * TextTable.CellCharacters));
    }

    private static void WriteJson(Utf8JsonWriter json, ArrowField field)
    {
        json.WriteStartObject();
        json.WriteString("name", field.Name);
        json.WriteString("type", TypeOf(field));
        json.WriteBoolean("nullable", field.Nullable);
        if (UnitOf(field) is { } unit) { json.WriteString("unit", unit); }
        if (field.Dictionary is { } dictionary)
        {
            json.WriteNumber("dictionary", dictionary.Id);
            json.WriteBoolean("ordered", dictionary.Ordered);
        }

        WriteMetadata(json, field.Metadata);
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
