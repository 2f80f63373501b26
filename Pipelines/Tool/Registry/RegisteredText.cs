using System.Buffers;
using System.Text.Json;
using StreamLearn.Nats;

namespace Tool;

internal static class RegisteredText
{
    private const int MetricsAtAGlance = 3, MaxFileName = 100, MaxExtension = 16;

    /// <summary><c>*</c> marks the latest version, <c>!</c> the pinned one, <c>+</c> the one of the best accuracy.</summary>
    internal static string Table(IReadOnlyList<Registered> versions)
    {
        string[][] rows =
        [
            ["model", "version", "", "base", "bytes", "registered (UTC)", "format", "metrics"],
            .. versions.Select(static v => Row(v.Version, Mark(v))),
        ];
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        return string.Join('\n', rows.Select(row => string.Join("  ", row.Select((cell, column) =>
            column is 1 or 3 or 4 ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]))).TrimEnd()));
    }

    internal static string Of(Registered registered)
    {
        var (version, lineage, text) = (registered.Version, registered.Version.Lineage, new StringBuilder());
        Line(text, "model", version.Model);
        (bool Has, string Word)[] all = [(registered.IsLatest, "latest"), (registered.IsPinned, "pinned"), (registered.IsBest, "best")];
        string[] marks = [.. all.Where(static m => m.Has).Select(static m => m.Word)];
        Line(text, "version", Whole(version.Version) + (marks.Length == 0 ? "" : $" ({string.Join(", ", marks)})"));
        Line(text, "base", lineage.Base is { } from ? Whole(from) : "-");
        Line(text, "registered", $"{Time(version)} UTC");
        Line(text, "bytes", Count(version.Bytes));
        Line(text, "format", lineage.Format.Length == 0 ? "-" : lineage.Format);
        Line(text, "row schema", lineage.SchemaHash is { } hash ? Hash(hash) : "-");
        Line(text, "sha256", version.Sha256);
        Line(text, "contributors", lineage.Contributors.IsEmpty ? "-" : string.Join(", ", lineage.Contributors));
        foreach (var (name, value) in lineage.Metrics) { Line(text, "metric", Metric(name, value)); }
        return text.ToString().TrimEnd('\n');
    }

    internal static string Json(Registered registered)
    {
        var (version, lineage) = (registered.Version, registered.Version.Lineage);
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, Tapped.Readable);
        json.WriteStartObject();
        json.WriteString("model", version.Model);
        json.WriteNumber("version", version.Version);
        json.WriteBoolean("latest", registered.IsLatest);
        json.WriteBoolean("pinned", registered.IsPinned);
        json.WriteBoolean("best", registered.IsBest);
        if (lineage.Base is { } from) { json.WriteNumber("base", from); }
        json.WriteNumber("bytes", version.Bytes);
        json.WriteString("created", version.Created.UtcDateTime);
        json.WriteString("format", lineage.Format);
        if (lineage.SchemaHash is { } hash) { json.WriteString("schema_hash", Hash(hash)); }
        json.WriteString("sha256", version.Sha256);
        json.WriteStartArray("contributors");
        foreach (var contributor in lineage.Contributors) { json.WriteStringValue(contributor); }
        json.WriteEndArray();
        json.WriteStartObject("metrics");
        foreach (var (name, value) in lineage.Metrics) { json.WriteNumber(name, value); }
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return Tapped.Plain(Encoding.UTF8.GetString(buffer.WrittenSpan));       // escapes control characters; valid inside JSON strings
    }

    /// <summary>Returns a file name that is safe in any folder: letters, digits, dots, underscores, hyphens.</summary>
    internal static string FileName(RegisteredModel version)
    {
        var model = string.Concat(version.Model.Take(MaxFileName)
            .Select(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '-')).TrimStart('.', '-');
        var format = version.Lineage.Format.Split(' ')[0];      // content such as int8 follows the format
        var isExtension = format.Length is > 0 and <= MaxExtension && format.All(char.IsAsciiLetterOrDigit);
        return $"{(model.Length == 0 ? "model" : model)}-v{Whole(version.Version)}.{(isExtension ? format : "bin")}";
    }

    private static string Mark(Registered version) =>
        (version.IsLatest ? "*" : "") + (version.IsPinned ? "!" : "") + (version.IsBest ? "+" : "");

    private static string[] Row(RegisteredModel version, string mark)
    {
        var lineage = version.Lineage;
        var metrics = string.Join("  ", lineage.Metrics.Take(MetricsAtAGlance).Select(static m => Metric(m.Key, m.Value)));
        return
        [
            Tapped.Plain(version.Model), Whole(version.Version), mark, lineage.Base is { } from ? Whole(from) : "-",
            Count(version.Bytes), Time(version), lineage.Format.Length == 0 ? "-" : Tapped.Plain(lineage.Format),
            Tapped.Plain(metrics) + (lineage.Metrics.Count > MetricsAtAGlance ? "  ..." : ""),
        ];
    }

    private static string Metric(string name, double value) => string.Create(CultureInfo.InvariantCulture, $"{name}={value:G6}");

    private static string Whole(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Hash(ulong hash) => hash.ToString("x16", CultureInfo.InvariantCulture);

    private static string Time(RegisteredModel version) =>
        version.Created.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static void Line(StringBuilder text, string name, string value) =>
        text.Append(CultureInfo.InvariantCulture, $"{name,-14}{Tapped.Plain(value)}\n");
}
