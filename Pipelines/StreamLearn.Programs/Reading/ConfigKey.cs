using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace StreamLearn.Programs;

/// <summary>A key of a program's files, as its reader declares it; texts are Markdown, and a user's name in the path is NAME.</summary>
internal sealed partial record ConfigKey(string Path, string Values, string Default, string Meaning)
{
    internal const string AnyName = "NAME";

    private const int MaxWidth = 48;       // a longer text shifts the rest of its line

    private static readonly JsonSerializerOptions Readable = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
    };

    /// <summary>The keys that a reader asks for, in its order.</summary>
    internal static ImmutableArray<ConfigKey> Of<T>(Func<ConfigMap, T> read)
    {
        var map = new ConfigMap("", new(new("keys"), []), new(IsListing: true));
        _ = read(map);
        return [.. map.Listed.DistinctBy(static k => k.Path)];
    }

    internal bool IsUnder(string prefix) => prefix.Length == 0 || $"{Path}.".StartsWith($"{prefix}.", StringComparison.Ordinal);

    /// <summary>An aligned table for a terminal.</summary>
    internal static string Table(IEnumerable<ConfigKey> keys)
    {
        string[][] rows = [["key", "values", "default", "meaning"], .. keys.Select(static k => k.Texts.Select(Plain).ToArray())];
        var widths = Enumerable.Range(0, rows[0].Length).Select(c => Math.Min(MaxWidth, rows.Max(r => r[c].Length))).ToArray();
        return string.Concat(rows.Select(r => $"{string.Join("  ", r.Select((t, c) => t.PadRight(widths[c]))).TrimEnd()}\n"));
    }

    internal static string Json(IEnumerable<ConfigKey> keys) => new JsonArray([.. keys.Select(static k => new JsonObject
    {
        ["key"] = k.Path, ["values"] = k.Values, ["default"] = k.Default, ["meaning"] = k.Meaning,
    })]).ToJsonString(Readable) + "\n";

    private string[] Texts => [Path, Values, Default, Meaning];

    private static string Plain(string markdown) => Link().Replace(markdown, "$1").Replace("`", "", StringComparison.Ordinal);

    [GeneratedRegex(@"\[([^\]]+)\]\([^)]+\)")]
    private static partial Regex Link();
}
