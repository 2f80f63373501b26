namespace StreamLearn.Programs;

/// <summary>What configuration files and overrides say together, before a program gives it a meaning.</summary>
/// <remarks>
/// Files are read in their order, then overrides in theirs; the later one wins. Mappings of files merge key by key; texts, lists and the
/// value of an override replace, and <c>null</c> takes an earlier value away. An override is text as it stands, unless it begins with a
/// bracket, a brace or a quotation mark. Files are UTF-8 of at most 1 MiB, 32 levels and 10,000 values, and strict: no key twice, no
/// anchors, tags, directives, further documents or tabs. Nothing is taken from the environment.
/// </remarks>
public sealed class ConfigTree
{
    private readonly YamlMapping _root;

    private ConfigTree(YamlMapping root) => _root = root;

    /// <summary>Reads files and overrides.</summary>
    /// <param name="files">The files; a later one wins over those before it.</param>
    /// <param name="overrides">What wins over all files: <c>a.b=c</c>; <c>c</c> is a text, <c>[a list]</c> or <c>{a: mapping}</c>.</param>
    /// <exception cref="ConfigurationException">Files or overrides cannot be read; it holds the first problem of each of them.</exception>
    public static ConfigTree Load(IEnumerable<string> files, IEnumerable<string>? overrides = null)
    {
        ArgumentNullException.ThrowIfNull(files);
        return Merge(files.Select<string, Func<YamlMapping>>(f => () => YamlReading.Document(f, YamlText.Read(f))), overrides);
    }

    /// <summary>Reads one text and overrides.</summary>
    /// <param name="source">What problems name as its file.</param>
    /// <param name="text">YAML.</param>
    /// <param name="overrides">What wins over the text: <c>a.b=c</c>; <c>c</c> is a text, <c>[a list]</c> or <c>{a: mapping}</c>.</param>
    /// <exception cref="ConfigurationException">The text or overrides cannot be read; it holds the first problem of each of
    /// them.</exception>
    public static ConfigTree Parse(string source, string text, IEnumerable<string>? overrides = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        ArgumentNullException.ThrowIfNull(text);
        return Merge([() => YamlReading.Document(source, text)], overrides);
    }

    /// <summary>Gives the tree a meaning: calls a function that reads all keys there may be. What it has not asked for is
    /// unknown.</summary>
    /// <remarks>The function is called once, also if values are missing or wrong: it then gets stand-ins, and what it returns is thrown
    /// away.</remarks>
    /// <typeparam name="T">The program's settings.</typeparam>
    /// <param name="read">Reads the outermost mapping.</param>
    /// <exception cref="ConfigurationException">Values are missing, wrong or unknown; it holds all of them.</exception>
    public ConfigReading<T> Read<T>(Func<ConfigMap, T> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        var problems = new List<ConfigProblem>();
        var map = new ConfigMap("", _root, problems);
        var value = read(map);
        map.RefuseUnread();
        return problems.Count == 0 ? new(value, map.Shown) : throw new ConfigurationException([.. problems]);
    }

    /// <summary>The tree as YAML.</summary>
    /// <param name="withOrigins">True: each value has a comment that says where it comes from.</param>
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

    /// <summary>A tree of one value.</summary>
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
