namespace StreamLearn.Programs;

/// <summary>A value of a configuration with the place where it begins.</summary>
internal abstract record YamlValue(ConfigOrigin Origin)
{
    /// <summary>What it is, in a sentence that says what came.</summary>
    internal abstract string Name { get; }
}

/// <summary>Nothing: <c>null</c>, <c>~</c>, or a key without a value.</summary>
internal sealed record YamlNull(ConfigOrigin Origin) : YamlValue(Origin)
{
    internal override string Name => "nothing";

    /// <summary>True for what YAML reads as nothing when it stands without quotes.</summary>
    internal static bool Is(string text) => text is "" or "~" or "null" or "Null" or "NULL";
}

/// <summary>A text as it was written. In quotes, or as a block, it is never a number and never true or false.</summary>
internal sealed record YamlScalar(ConfigOrigin Origin, string Text, bool IsPlain) : YamlValue(Origin)
{
    private const int MaxShown = 40;

    internal override string Name => IsPlain ? Quoted(Text) : $"the text {Quoted(Text)}";

    /// <summary>The beginning of a text between quotes, on one line.</summary>
    internal static string Quoted(string text) => $"'{PrintableText.Of(text, MaxShown)}'";
}

/// <summary>Values in order.</summary>
internal sealed record YamlList(ConfigOrigin Origin, IReadOnlyList<YamlValue> Items) : YamlValue(Origin)
{
    internal override string Name => "a list";
}

/// <summary>Values by key, in the order of writing.</summary>
internal sealed record YamlMapping(ConfigOrigin Origin, IReadOnlyList<YamlEntry> Entries) : YamlValue(Origin)
{
    internal override string Name => "a mapping";

    /// <summary>True: it takes the place of an earlier mapping instead of merging with it.</summary>
    internal bool Replaces { get; init; }

    /// <summary>Where a value was taken away, by key.</summary>
    internal IReadOnlyList<YamlEntry> TakenAway { get; init; } = [];

    /// <summary>This mapping with another one over it: mappings under one key merge, anything else is replaced, and a later nothing takes
    /// an earlier value away.</summary>
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

/// <summary>A key and its value.</summary>
internal sealed record YamlEntry(string Key, ConfigOrigin KeyOrigin, YamlValue Value);
