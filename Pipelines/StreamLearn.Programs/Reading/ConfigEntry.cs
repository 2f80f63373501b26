using static System.FormattableString;

namespace StreamLearn.Programs;

/// <summary>A configuration value, or its position if absent, to be read as a type. A wrong value is reported, and a placeholder
/// returned.</summary>
public sealed partial class ConfigEntry
{
    private readonly YamlValue? _value;
    private readonly ConfigPass _pass;

    internal ConfigEntry(string key, string path, YamlValue? value, ConfigOrigin around, ConfigPass pass)
    {
        (Key, Path, _value, _pass) = (key, path, value, pass);
        Origin = value?.Origin ?? around;
    }

    /// <summary>The path: keys joined by dots, list indices from 0 in brackets.</summary>
    public string Path { get; }

    /// <summary>The position of the value; if it is absent, of the mapping that lacks it.</summary>
    internal ConfigOrigin Origin { get; }

    /// <summary>True if the value is absent or <c>null</c>.</summary>
    public bool IsAbsent => _value is null or YamlNull;

    /// <summary>True for a single string, number or word.</summary>
    public bool IsText => _value is YamlScalar;

    internal string Key { get; }

    internal YamlValue? Shown { get; set; }

    /// <summary>Reads a nonempty string.</summary>
    public ConfigField<string> Text() => Scalar(
        new("a string", "text"), "", static (scalar, out value) => (value = scalar.Text).Length > 0 ? null : "",
        static text => text.Length > 0 ? text : null, isText: true);

    /// <summary>Resolves a path: relative ones start at the file's folder, or at the working folder for <c>--set</c>.</summary>
    /// <param name="path">The path as read.</param>
    public string PathOf(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Origin.PathOf(path);
    }

    /// <summary>Reads one of the given words.</summary>
    public ConfigField<string> Word(params ImmutableArray<string> words) => Word([.. words.Select(w => (w, w))]);

    /// <summary>Reads one of the given words as its value.</summary>
    /// <typeparam name="T">The type of the values.</typeparam>
    /// <param name="words">The words, at least one.</param>
    public ConfigField<T> Word<T>(params ImmutableArray<(string Name, T Value)> words) => Scalar(
        new(words.Length == 1 ? $"'{words[0].Name}'" : $"one of {string.Join(", ", words.Select(w => w.Name))}",
            string.Join(", ", words.Select(w => $"`{w.Name}`"))), words[0].Value,
        (scalar, out value) =>
        {
            var at = words.Select(w => w.Name).ToList().IndexOf(scalar.Text);
            value = words[Math.Max(at, 0)].Value;
            return at >= 0 ? null
                : NearestName.Of(scalar.Text, words.Select(w => w.Name)) is { } near ? $"; did you mean '{near}'?" : "";
        },
        value => words.FirstOrDefault(w => EqualityComparer<T>.Default.Equals(w.Value, value)).Name, isText: true);

    /// <summary>Reads one of many words; a problem names only the nearest.</summary>
    /// <param name="what">What the words are, such as <c>a unit</c>.</param>
    /// <param name="words">The words.</param>
    public ConfigField<string> Name(string what, ImmutableArray<string> words) => Scalar(
        new(what, what), words[0],
        (scalar, out value) => words.Contains(value = scalar.Text) ? null
            : NearestName.Of(scalar.Text, words) is { } near ? $"; did you mean '{near}'?" : "",
        static value => value, isText: true);

    /// <summary>Reads an integer.</summary>
    public ConfigField<long> Whole(long min = long.MinValue, long max = long.MaxValue) => Scalar(
        ConfigForm.Within("a whole number", "integer", min == long.MinValue ? null : Invariant($"{min}"),
            max == long.MaxValue ? null : Invariant($"{max}")), min,
        (scalar, out value) => long.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value)
            && scalar.IsPlain && !HasLeadingZero(scalar.Text) && value >= min && value <= max ? null : "",
        static value => value.ToString(CultureInfo.InvariantCulture));

    /// <summary>Reads a finite number.</summary>
    public ConfigField<double> Number(double min = double.MinValue, double max = double.MaxValue) => Scalar(
        ConfigForm.Within("a number", "number", min == double.MinValue ? null : Invariant($"{min}"),
            max == double.MaxValue ? null : Invariant($"{max}")), min,
        (scalar, out value) => double.TryParse(scalar.Text, NumberStyles.Float & ~(NumberStyles.AllowLeadingWhite
            | NumberStyles.AllowTrailingWhite), CultureInfo.InvariantCulture, out value)
            && scalar.IsPlain && !HasLeadingZero(scalar.Text) && value >= min && value <= max ? null : "",
        static value => value.ToString(CultureInfo.InvariantCulture));

    /// <summary>Reads <c>true</c> or <c>false</c>.</summary>
    public ConfigField<bool> Boolean() => Scalar(
        new("true or false", "boolean"), false,
        static (scalar, out value) =>
        {
            value = scalar.Text == "true";
            return scalar is { IsPlain: true, Text: "true" or "false" } ? null : "";
        },
        static value => value ? "true" : "false");

    /// <summary>Reads a duration with its unit: <c>500ms</c>, <c>2s</c>, <c>10m</c>, <c>1h</c>, <c>1d</c>.</summary>
    /// <param name="min">The minimum; default 0.</param>
    /// <param name="max">The maximum; default none.</param>
    public ConfigField<TimeSpan> Duration(TimeSpan? min = null, TimeSpan? max = null)
    {
        var (least, most) = (min ?? TimeSpan.Zero, max ?? TimeSpan.MaxValue);
        return Scalar(
            ConfigForm.Within(Quantity.DurationForm, "duration", min is null ? null : Quantity.Text(least),
                max is null ? null : Quantity.Text(most)), least,
            (scalar, out value) => Quantity.Duration(scalar.Text, out value) ?? (value >= least && value <= most ? null : ""),
            Quantity.Text);
    }

    /// <summary>Reads a size with its unit: <c>512B</c>, <c>64KiB</c>, <c>2MiB</c>, <c>1GiB</c>.</summary>
    /// <param name="min">The minimum.</param>
    /// <param name="max">The maximum; default none.</param>
    public ConfigField<long> Size(long min = 0, long max = long.MaxValue) => Scalar(
        ConfigForm.Within(Quantity.SizeForm, "size", min == 0 ? null : Quantity.Text(min),
            max == long.MaxValue ? null : Quantity.Text(max)), min,
        (scalar, out value) => Quantity.Size(scalar.Text, out value) ?? (value >= min && value <= max ? null : ""), Quantity.Text);

    /// <summary>Reads a rate per second: <c>4000/s</c>.</summary>
    /// <param name="min">The minimum.</param>
    /// <param name="max">The maximum; default none.</param>
    public ConfigField<double> Rate(double min = 0, double max = double.MaxValue) => Scalar(
        ConfigForm.Within(Quantity.RateForm, "", min == 0 ? null : Invariant($"{min}/s"),
            max == double.MaxValue ? null : Invariant($"{max}/s")) with
        { Values = "number/s" }, min,
        (scalar, out value) => Quantity.Rate(scalar.Text, out value) ?? (value >= min && value <= max ? null : ""), Quantity.RateText);

    internal ConfigField<SecretFile> SecretFile()
    {
        const string expected = "the path of a file with the secret";
        var field = new ConfigField<SecretFile>(this, new(expected, "file"), () => new("", Origin), static _ => null);
        if (IsAbsent) { return field; }
        if (_value is not YamlScalar { Text: { Length: > 0 and <= 4096 } path } || path.Any(char.IsControl))
        {
            Refuse($"expected {expected}, got something else");
            return field;
        }

        Shown = _value;
        return field.With(new(PathOf(path), Origin));
    }

    /// <summary>Reads a list, each item by a function.</summary>
    /// <param name="read">Reads an item.</param>
    /// <param name="min">Minimum number of items.</param>
    /// <param name="max">Maximum number of items.</param>
    public ConfigField<ImmutableArray<T>> List<T>(Func<ConfigEntry, T> read, int min = 0, int max = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(read);
        var form = ConfigForm.List(min, max, ItemOf(read));
        var field = new ConfigField<ImmutableArray<T>>(this, form, static () => [],
            static items => items.IsEmpty ? new YamlList(ConfigOrigin.Default, [])
                : items is ImmutableArray<string> texts ? new YamlList(ConfigOrigin.Default, [.. texts.Select(ShownText)]) : null);
        if (IsAbsent) { return field; }
        if (_value is not YamlList list)
        {
            Refuse($"expected {form.Expected}, got {_value!.Name}");
            return field;
        }

        if (list.Items.Count < min || list.Items.Count > max) { Refuse($"expected {form.Expected}, got {list.Items.Count}"); }
        var entries = list.Items.Select((item, i) => new ConfigEntry(Key, $"{Path}[{i}]", item, Origin, _pass)).ToList();
        var values = entries.Select(read).ToImmutableArray();
        Shown = new YamlList(Origin, [.. entries.Select(e => e.Shown ?? new YamlNull(e.Origin))]);
        return field.With(values);
    }

    /// <summary>Reads a list of strings.</summary>
    /// <param name="min">Minimum number of items.</param>
    /// <param name="max">Maximum number of items.</param>
    public ConfigField<ImmutableArray<string>> Texts(int min = 0, int max = int.MaxValue) =>
        List(static e => e.Text().Required(), min, max);

    /// <summary>Reads a mapping by a function.</summary>
    public ConfigField<T> Map<T>(Func<ConfigMap, T> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        var field = new ConfigField<T>(this, new("a mapping", "section"), () => read(Unheard()), static _ => null);
        if (_pass.IsListing) { Inside(new(Origin, []), read); }
        if (IsAbsent) { return field; }
        if (_value is YamlMapping mapping) { return field.With(Inside(mapping, read)); }
        Refuse($"expected a mapping, got {_value!.Name}");
        return field;
    }

    /// <summary>Reads a mapping with exactly one key, which selects how its value is read: <c>mqtt: {...}</c> or <c>csv: {...}</c>. The
    /// value is a mapping; a missing one is read as empty.</summary>
    /// <param name="kinds">The valid keys, at least one, and their readers.</param>
    public ConfigField<T> OneOf<T>(params ImmutableArray<(string Key, Func<ConfigMap, T> Read)> kinds)
    {
        var expected = $"a mapping with one of {string.Join(", ", kinds.Select(k => k.Key))}";
        var field = new ConfigField<T>(this, new(expected, "section, one key"), () => kinds[0].Read(Unheard()), static _ => null);
        if (_pass.IsListing) { Inside(new(Origin, []), inner => kinds.Select(k => inner[k.Key].Section(k.Read)).ToList()); }
        if (IsAbsent) { return field; }
        if (_value is not YamlMapping { Entries: [var only, ..] entries } mapping)
        {
            Refuse($"expected {expected}, got {(_value is YamlMapping ? "an empty one" : _value!.Name)}");
            return field;
        }

        if (entries.Count > 1)
        {
            Refuse($"expected {expected}, got {string.Join(" and ", entries.Take(4).Select(e => YamlScalar.Quoted(e.Key)))}");
            return field;
        }

        var inner = new ConfigMap(Path, mapping, _pass);
        var known = kinds.Where(k => k.Key == only.Key).ToList();
        if (known.Count == 1)
        {
            var value = inner.Section(only.Key, known[0].Read);
            Shown = inner.Shown;
            return field.With(value);
        }

        foreach (var kind in kinds) { _ = inner[kind.Key]; }
        inner.RefuseUnread();
        return field;
    }

    /// <summary>Reports that the value is wrong.</summary>
    /// <param name="text">Expected and actual value.</param>
    public void Refuse(string text) => _pass.Problems.Add(new(Origin, $"{Path}: {text}"));

    internal T Section<T>(Func<ConfigMap, T> read)
    {
        if (!IsAbsent) { return Map(read).Required(); }
        Form = "section";
        return Inside(new YamlMapping(Origin, []), read);
    }

    private T Inside<T>(YamlMapping mapping, Func<ConfigMap, T> read)
    {
        var map = new ConfigMap(Path, mapping, _pass);
        var value = read(map);
        map.RefuseUnread();
        Shown = map.Shown;
        _inside.Add(map);
        return value;
    }

    /// <summary>Returns an empty mapping whose problems are discarded, since only its absence is reported.</summary>
    private ConfigMap Unheard() => new(Path, new(Origin, []), new());

    private delegate string? ScalarReading<T>(YamlScalar scalar, out T value);

    /// <summary>The function returns null, or the end of the problem after "got ...".</summary>
    private ConfigField<T> Scalar<T>(ConfigForm form, T standIn, ScalarReading<T> read, Func<T, string?> text, bool isText = false)
    {
        var field = new ConfigField<T>(this, form, () => standIn,
            value => text(value) is { } shown ? new YamlScalar(ConfigOrigin.Default, shown, !isText) : null);
        if (IsAbsent) { return field; }
        if (_value is not YamlScalar scalar)
        {
            Refuse($"expected {form.Expected}, got {_value!.Name}");
            return field;
        }

        if (read(scalar, out var value) is { } wrong)
        {
            Refuse($"expected {form.Expected}, got {scalar.Name}{wrong}");
            return field;
        }

        Shown = scalar;
        return field.With(value);
    }

    private static YamlScalar ShownText(string text) => new(ConfigOrigin.Default, text, IsPlain: false);

    private static bool HasLeadingZero(string text) => text.TrimStart('-', '+') is ['0', >= '0' and <= '9', ..];
}
