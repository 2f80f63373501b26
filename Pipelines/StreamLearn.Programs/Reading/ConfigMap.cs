using System.Collections.Immutable;

namespace StreamLearn.Programs;

/// <summary>A mapping of a configuration, read key by key. Keys that nobody asks for are problems.</summary>
public sealed class ConfigMap
{
    private readonly YamlMapping _mapping;
    private readonly List<ConfigProblem> _problems;
    private readonly Dictionary<string, ConfigEntry> _entries = new(StringComparer.Ordinal);
    private readonly List<ConfigEntry> _order = [];

    internal ConfigMap(string path, YamlMapping mapping, List<ConfigProblem> problems) =>
        (Path, _mapping, _problems) = (path, mapping, problems);

    /// <summary>The keys that lead here, with dots between them; empty at the outermost mapping.</summary>
    public string Path { get; }

    /// <summary>Where the mapping begins.</summary>
    public ConfigOrigin Origin => _mapping.Origin;

    /// <summary>The keys that are written, in their order: for mappings whose keys are names of the user's.</summary>
    public ImmutableArray<string> Keys => [.. _mapping.Entries.Select(static e => e.Key)];

    /// <summary>The value under a key, to be read by its type. The key is known from here on.</summary>
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

    /// <summary>Reads a mapping that may be absent: it is then read as an empty one, so that its defaults hold.</summary>
    /// <typeparam name="T">What it is read as.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="read">Reads the mapping.</param>
    public T Section<T>(string key, Func<ConfigMap, T> read) => this[key].Section(read);

    /// <summary>Notes that the mapping is wrong as a whole, such as two keys that do not go together.</summary>
    /// <param name="text">What was expected, and what came.</param>
    public void Refuse(string text) => _problems.Add(new(Origin, Path.Length == 0 ? text : $"{Path}: {text}"));

    /// <summary>What was read, and the defaults of what was not there.</summary>
    internal YamlMapping Shown =>
        new(Origin, [.. _order.Where(e => e.Shown is not null).Select(e => new YamlEntry(e.Key, e.Origin, e.Shown!))]);

    /// <summary>Notes the keys that nobody has asked for.</summary>
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
