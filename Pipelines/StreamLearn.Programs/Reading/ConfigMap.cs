namespace StreamLearn.Programs;

/// <summary>A configuration mapping that is read key by key. Unread keys are problems.</summary>
public sealed class ConfigMap
{
    private readonly YamlMapping _mapping;
    private readonly ConfigPass _pass;
    private readonly Dictionary<string, ConfigEntry> _entries = new(StringComparer.Ordinal);
    private readonly List<ConfigEntry> _order = [];

    internal ConfigMap(string path, YamlMapping mapping, ConfigPass pass) => (Path, _mapping, _pass) = (path, mapping, pass);

    /// <summary>The path: keys joined by dots; empty at the top.</summary>
    public string Path { get; }

    internal ConfigOrigin Origin => _mapping.Origin;

    /// <summary>The written keys in order, for mappings with user-defined keys.</summary>
    public ImmutableArray<string> Keys => _pass.IsListing ? [ConfigKey.AnyName] : [.. _mapping.Entries.Select(static e => e.Key)];

    /// <summary>The entry of a key, which is known from now on.</summary>
    public ConfigEntry this[string key]
    {
        get
        {
            ArgumentException.ThrowIfNullOrEmpty(key);
            if (_entries.TryGetValue(key, out var known)) { return known; }
            var found = _mapping.Entries.FirstOrDefault(e => e.Key == key) ?? _mapping.TakenAway.LastOrDefault(e => e.Key == key);
            var entry = new ConfigEntry(key, Path.Length == 0 ? key : $"{Path}.{key}", found?.Value, Origin, _pass);
            _entries.Add(key, entry);
            _order.Add(entry);
            return entry;
        }
    }

    /// <summary>The entry of a key, as <c>config keys</c> and the page of keys list it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="meaning">Its meaning in a few words, as Markdown.</param>
    public ConfigEntry this[string key, string meaning]
    {
        get
        {
            var entry = this[key];
            entry.Meaning = meaning;
            return entry;
        }
    }

    /// <summary>Reads an optional mapping; an absent one is read as empty, so that its defaults apply.</summary>
    public T Section<T>(string key, Func<ConfigMap, T> read) => this[key].Section(read);

    /// <summary>Reports that the mapping as a whole is wrong, such as two conflicting keys.</summary>
    /// <param name="text">Expected and actual value.</param>
    public void Refuse(string text) => _pass.Problems.Add(new(Origin, Path.Length == 0 ? text : $"{Path}: {text}"));

    /// <summary>Reads by a word; a listing reads by all.</summary>
    internal T Case<T>(string word, params ImmutableArray<(string Word, Func<ConfigMap, T> Read)> cases)
    {
        if (_pass.IsListing) { _ = cases.Select(c => c.Read(this)).ToList(); }
        return cases.First(c => c.Word == word).Read(this);
    }

    /// <summary>Knows all keys: another program checks them.</summary>
    internal ConfigMap Known()
    {
        foreach (var key in Keys) { _ = this[key]; }
        return this;
    }

    internal void RefuseGiven(IEnumerable<string> keys, Func<string, string> text)
    {
        foreach (var entry in keys.Select(key => this[key]).Where(static e => !e.IsAbsent)) { entry.Refuse(text(entry.Key)); }
    }

    /// <summary>The keys that were read, in order.</summary>
    internal IEnumerable<ConfigKey> Listed => _order.SelectMany(static e => e.Listed);

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
            _pass.Problems.Add(new(entry.KeyOrigin, $"{place}unknown key {YamlScalar.Quoted(entry.Key)}{known}"));
        }
    }
}
