using System.Text.Json.Nodes;

namespace StreamLearn.Arrow.Tests;

/// <summary>Files that another implementation wrote, and what it says is in them: peer/make.mjs.</summary>
internal static class Golden
{
    /// <summary>Of the odd streams, those with a column that is passed over.</summary>
    internal static string[] LeftOut { get; } =
    [
        "decimal", "sparse union", "dense union", "map", "interval year-month", "interval day-time", "interval month-day-nano",
        "binary view", "text view", "run ends", "list view", "large list view", "within a list",
    ];

    internal static string Folder => Path.Join(AppContext.BaseDirectory, "goldens");
    internal static string Of(string name) => Path.Join(Folder, name);

    /// <summary>A stream with something that few write.</summary>
    internal static byte[] Odd(string name) =>
        Convert.FromBase64String(JsonNode.Parse(File.ReadAllText(Of("refused.json")))![name]!.GetValue<string>());

    /// <summary>What is in a file: of NAME@FORM.arrow, NAME.json says it.</summary>
    internal static JsonNode Expected(string name) => JsonNode.Parse(File.ReadAllText(Of($"{NameOf(name)}.json")))!;
    internal static string NameOf(string path) => Path.GetFileNameWithoutExtension(path).Split('@')[0];

    /// <summary>The columns and values of a file or stream, from its start.</summary>
    internal static JsonObject ReadFromStart(Stream bytes)
    {
        var reader = new ArrowStreamReader(bytes);
        var (schema, batches) = (reader.ReadSchema(), new List<JsonObject>());
        while (reader.Read() is { } batch) { batches.Add(ArrowJson.Of(batch)); }
        return ArrowJson.Of(schema, batches);
    }

    /// <summary>The same of a stream in memory.</summary>
    internal static JsonObject ReadInPlace(ReadOnlyMemory<byte> bytes)
    {
        var (reader, batches) = (new MessageReader(), new List<JsonObject>());
        while (reader.Read(ref bytes) is { } batch) { batches.Add(ArrowJson.Of(batch)); }
        return ArrowJson.Of(reader.Schema!, batches);
    }

    /// <summary>The same by the footer of a file, the last batch first.</summary>
    internal static JsonObject ReadByFooter(string path)
    {
        using var file = new ArrowFileReader(path);
        var batches = new JsonObject[file.Count];
        for (var i = file.Count - 1; i >= 0; i--) { batches[i] = ArrowJson.Of(file.Read(i)); }
        return ArrowJson.Of(file.Schema, batches);
    }

    /// <summary>Compares columns, metadata, and every value.</summary>
    internal static void AssertSame(JsonNode expected, JsonNode got)
    {
        AssertSame(expected["schema"]!["fields"]!.AsArray(), got["schema"]!["fields"]!.AsArray());
        Assert.Equal(ArrowJson.Text(expected["schema"]), ArrowJson.Text(got["schema"]));
        var batches = got["batches"]!.AsArray();
        Assert.Equal(expected["batches"]!.AsArray().Count, batches.Count);
        foreach (var (theirs, ours) in expected["batches"]!.AsArray().Zip(batches))
        {
            AssertSame(theirs!["columns"]!.AsArray(), ours!["columns"]!.AsArray());
            Assert.Equal(ArrowJson.Text(theirs), ArrowJson.Text(ours));
        }
    }

    private static void AssertSame(JsonArray theirs, JsonArray ours)
    {
        Assert.Equal(theirs.Count, ours.Count);
        for (var i = 0; i < theirs.Count; i++) { Assert.Equal(ArrowJson.Text(theirs[i]), ArrowJson.Text(ours[i])); }
    }
}
