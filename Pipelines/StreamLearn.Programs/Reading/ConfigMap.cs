namespace StreamLearn.Programs;

/// <summary>A configuration mapping, read key by key. Unread keys are problems.</summary>
public sealed class ConfigMap
{
    private readonly YamlMapping _mapping;
    private readonly List<ConfigProblem> _problems;
    private readonly Dictionary<string, ConfigEntry> _entries = new(StringComparer.Ordinal);
    private readonly List<ConfigEntry> _order = [];

    internal ConfigMap(string path, YamlMapping mapping, List<ConfigProblem> problems) =>
        (Path, _mapping, _problems) = (path, mapping, problems);

    /// <summary>The path: keys joined by dots; empty at the top.</summary>
    public string Path { get; }

    /// <summary>The position of the mapping.</summary>
    internal ConfigOrigin Origin => _mapping.Origin;

    /// <summary>The written keys in order, for mappings with user-defined keys.</summary>
    public ImmutableArray<string> Keys => [.. _mapping.Entries.Select(static e => e.Key)];

    /// <summary>The entry of a key, which is known from now on.</summary>
    /// <param name="key">The key.</param>
    public ConfigEntry this[string key]
    {
        get
        {
            ArgumentException.ThrowIfNullOrEmpty(key);
            if (_entries.TryGetValue(key, out var known)) { return known; }
            var found = _mapping.Entries.FirstOrDefault(e => e.Key == key) ?? _mapping.TakenAway.LastOrDefault(e => e.Key == key);
            var entry = new ConfigEntry(key, Path.Length == 0 ? key : $"{Path}.{key}", found?.Value, Origin, _problems);
            _entries.Add(key, entry);
            _order.Add(entry);
            return entry;
        }
    }

    /// <summary>Reads an optional mapping; an absent one is read as empty, so that its defaults apply.</summary>
    /// <typeparam name="T">The result type.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="read">Reads the mapping.</param>
    public T Section<T>(string key, Func<ConfigMap, T> read) => this[key].Section(read);

    /// <summary>Reports that the mapping as a whole is wrong, such as two conflicting keys.</summary>
    /// <param name="text">Expected and actual value.</param>
    public void Refuse(string text) => _problems.Add(new(Origin, Path.Length == 0 ? text : $"{Path}: {text}"));

    /// <summary>The values read, with defaults for absent ones.</summary>
    internal YamlMapping Shown =>
        new(Origin, [.. _order.Where(e => e.Shown is not null).Select(e => new YamlEntry(e.Key, e.Origin, e.Shown!))]);

    internal void RefuseUnread()
    {
        foreach (var entry in _mapping.Entries.Where(e => !_entries.ContainsKey(e.Key)))
        {
            var known = NearestName.Of(entry.Key, _order.Select(e => e.Key)) is { } near ? $"; did you mean '{near}'?"
                : _order.Count == 0 ? "; expected no keys"
                : $"; expected {string.Join(", ", _order.Select(e => e.Key))}";
            var place = Path.Length == 0 ? "" : $"{Path}: ";
            _problems.Add(new(entry.KeyOrigin, $"{place}unknown key {YamlScalar.Quoted(entry.Key)}{known}"));
        }
    }
}
