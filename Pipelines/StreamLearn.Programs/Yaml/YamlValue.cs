namespace StreamLearn.Programs;

internal abstract record YamlValue(ConfigOrigin Origin)
{
    internal abstract string Name { get; }
}

/// <summary><c>null</c>, <c>~</c>, or a key without a value.</summary>
internal sealed record YamlNull(ConfigOrigin Origin) : YamlValue(Origin)
{
    internal override string Name => "nothing";

    internal static bool Is(string text) => text is "" or "~" or "null" or "Null" or "NULL";
}

/// <summary>A quoted or block string is never a number or Boolean.</summary>
internal sealed record YamlScalar(ConfigOrigin Origin, string Text, bool IsPlain) : YamlValue(Origin)
{
    private const int MaxShown = 40;

    internal override string Name => IsPlain ? Quoted(Text) : $"the text {Quoted(Text)}";

    internal static string Quoted(string text) => $"'{PrintableText.Of(text, MaxShown)}'";
}

internal sealed record YamlList(ConfigOrigin Origin, IReadOnlyList<YamlValue> Items) : YamlValue(Origin)
{
    internal override string Name => "a list";
}

internal sealed record YamlMapping(ConfigOrigin Origin, IReadOnlyList<YamlEntry> Entries) : YamlValue(Origin)
{
    internal override string Name => "a mapping";

    /// <summary>True if it replaces an earlier mapping instead of being merged with it.</summary>
    internal bool Replaces { get; init; }

    /// <summary>Positions where <c>null</c> removed values, by key.</summary>
    internal IReadOnlyList<YamlEntry> TakenAway { get; init; } = [];

    /// <summary>Merges mappings of one key; other values replace earlier ones, and a later null removes them.</summary>
    internal YamlMapping Under(YamlMapping later)
    {
        var entries = new List<YamlEntry?>(Entries);
        var takenAway = new List<YamlEntry>(TakenAway);
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < Entries.Count; i++) { places.Add(Entries[i].Key, i); }
        foreach (var entry in later.Entries)
        {
            if (!places.TryGetValue(entry.Key, out var at)) { entries.Add(entry); }
            else if (entry.Value is YamlMapping { Replaces: false } after && Entries[at].Value is YamlMapping before)
            {
                entries[at] = entry with { Value = before.Under(after) };
            }
            else
            {
                entries[at] = entry.Value is YamlNull ? null : entry;
                if (entry.Value is YamlNull) { takenAway.Add(entry); }
            }
        }

        return this with { Entries = [.. entries.OfType<YamlEntry>()], TakenAway = takenAway };
    }
}

internal sealed record YamlEntry(string Key, ConfigOrigin KeyOrigin, YamlValue Value);
