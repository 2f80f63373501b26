namespace StreamLearn.Programs;

/// <summary>The merged content of configuration files and overrides.</summary>
/// <remarks>Files come first, then overrides; later ones win. Mappings of files merge by key; texts, lists and override values replace, and
/// <c>null</c> removes. An override is plain text unless it begins with a bracket, brace or quotation mark. Files are UTF-8 of at most 1
/// MiB, 32 levels and 10,000 values. They have no duplicate keys, anchors, tags, directives, further documents or tabs. The environment is
/// not read.</remarks>
internal sealed class ConfigTree
{
    private readonly YamlMapping _root;

    private ConfigTree(YamlMapping root) => _root = root;

    /// <summary>Reads files and overrides.</summary>
    /// <param name="files">The files; later ones win.</param>
    /// <param name="overrides">Overrides of all files: <c>a.b=c</c>; <c>c</c> is a text, <c>[a list]</c> or <c>{a: mapping}</c>.</param>
    /// <exception cref="ConfigurationException">Files or overrides cannot be read; holds the first problem of each.</exception>
    public static ConfigTree Load(IEnumerable<string> files, IEnumerable<string>? overrides = null)
    {
        ArgumentNullException.ThrowIfNull(files);
        return Merge(files.Select<string, Func<YamlMapping>>(f => () => YamlReading.Document(f, YamlText.Read(f))), overrides);
    }

    /// <summary>Reads a text and overrides.</summary>
    /// <param name="source">The file name for problems.</param>
    /// <param name="text">YAML.</param>
    /// <param name="overrides">Overrides of the text: <c>a.b=c</c>; <c>c</c> is a text, <c>[a list]</c> or <c>{a: mapping}</c>.</param>
    /// <exception cref="ConfigurationException">The text or overrides cannot be read; holds the first problem of each.</exception>
    public static ConfigTree Parse(string source, string text, IEnumerable<string>? overrides = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        ArgumentNullException.ThrowIfNull(text);
        return Merge([() => YamlReading.Document(source, text)], overrides);
    }

    /// <summary>Reads settings with a function that must ask for every valid key; other keys are unknown.</summary>
    /// <remarks>The function is called once, even with missing or wrong values: it gets placeholders, and its result is
    /// discarded.</remarks>
    /// <typeparam name="T">The program's settings.</typeparam>
    /// <param name="read">Reads the outermost mapping.</param>
    /// <exception cref="ConfigurationException">Values are missing, wrong or unknown; holds all of them.</exception>
    public ConfigReading<T> Read<T>(Func<ConfigMap, T> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        var problems = new List<ConfigProblem>();
        var map = new ConfigMap("", _root, problems);
        var value = read(map);
        map.RefuseUnread();
        return problems.Count == 0 ? new(value, map.Shown) : throw new ConfigurationException([.. problems]);
    }

    /// <summary>Returns the tree as YAML.</summary>
    /// <param name="withOrigins">True: adds the origin of each value as a comment.</param>
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
