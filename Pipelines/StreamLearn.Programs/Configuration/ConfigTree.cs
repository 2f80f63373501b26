namespace StreamLearn.Programs;

/// <summary>The merged content of configuration files and overrides.</summary>
/// <remarks>Files come first, then overrides; later ones win. Mappings of files merge by key; strings, lists and override values replace
/// earlier values, and <c>null</c> removes them. An override is a plain string unless it begins with a bracket, brace or quotation mark.
/// Files are UTF-8 of at most 1 MiB, 32 levels and 10,000 values. They have no duplicate keys, anchors, tags, directives, further documents
/// or tabs. The environment is not read.</remarks>
internal sealed class ConfigTree
{
    private readonly YamlMapping _root;

    private ConfigTree(YamlMapping root) => _root = root;

    /// <summary>Reads files and overrides.</summary>
    /// <exception cref="ConfigurationException">Files or overrides cannot be read; holds the first problem of each.</exception>
    public static ConfigTree Load(IEnumerable<string> files, IEnumerable<string>? overrides = null)
    {
        return Merge(files.Select<string, Func<YamlMapping>>(f => () => YamlReading.Document(f, YamlText.Read(f))), overrides);
    }

    /// <summary>Reads a text and overrides.</summary>
    /// <exception cref="ConfigurationException">The text or overrides cannot be read; holds the first problem of each.</exception>
    public static ConfigTree Parse(string source, string text, IEnumerable<string>? overrides = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        return Merge([() => YamlReading.Document(source, text)], overrides);
    }

    /// <summary>Reads settings with a function that must ask for every valid key; keys that it does not ask for are unknown.</summary>
    /// <remarks>The function is called once, even with missing or wrong values: it gets placeholders, and its result is
    /// discarded.</remarks>
    /// <exception cref="ConfigurationException">Values are missing, wrong or unknown; holds all of them.</exception>
    public ConfigReading<T> Read<T>(Func<ConfigMap, T> read)
    {
        var pass = new ConfigPass();
        var map = new ConfigMap("", _root, pass);
        var value = read(map);
        map.RefuseUnread();
        return pass.Problems.Count == 0 ? new(value, map.Shown) : throw new ConfigurationException([.. pass.Problems]);
    }

    public string ToYaml(bool withOrigins = false) => YamlWriting.Text(_root, withOrigins);

    private static ConfigTree Merge(IEnumerable<Func<YamlMapping>> files, IEnumerable<string>? overrides)
    {
        var problems = new List<ConfigProblem>();
        YamlMapping? root = null;
        var parts = files.Concat((overrides ?? []).Select<string, Func<YamlMapping>>(o => () => Override(o)));
        foreach (var part in parts)
        {
            try
            {
                var next = part();
                root = root is null ? next : root.Under(next);
            }
            catch (ConfigurationException e)
            {
                problems.AddRange(e.Problems);
            }
        }

        return problems.Count == 0 ? new(root ?? new(new("configuration"), [])) : throw new ConfigurationException([.. problems]);
    }

    private static YamlMapping Override(string text)
    {
        var sign = text.IndexOf('=', StringComparison.Ordinal);
        var path = sign < 0 ? text : text[..sign];
        var origin = new ConfigOrigin($"--set {path}");
        var keys = path.Split('.');
        if (sign < 0 || keys.Any(k => k.Length == 0 || k.Any(c => char.IsWhiteSpace(c) || char.IsControl(c))) || keys.Length > 32)
        {
            throw new ConfigurationException(new("--set"), $"expected a.b=value, got {YamlScalar.Quoted(text)}");
        }

        var value = YamlReading.Override(origin.Source, text[(sign + 1)..]);
        for (var i = keys.Length - 1; i >= 0; i--) { value = new YamlMapping(origin, [new(keys[i], origin, value)]); }
        return (YamlMapping)value;
    }
}
