namespace StreamLearn.Programs;

public sealed partial class ConfigEntry
{
    private readonly List<ConfigMap> _inside = [];
    private string? _values, _fallback;
    private bool _isWhole;

    /// <summary>True if absent and not listed: what is read only if given is listed too.</summary>
    internal bool IsLeftOut => IsAbsent && !_pass.IsListing;

    internal string? Meaning { get; set; }

    /// <summary>Values and default of the last reading.</summary>
    internal string? Form { get; set; }

    internal string? Default { get; set; }

    internal IEnumerable<ConfigKey> Listed
    {
        get
        {
            var inside = _inside.SelectMany(static m => m.Listed).ToList();
            if (Meaning is null && (Form is null || inside.Count > 0)) { return inside; }
            var usual = Default ?? (inside.Exists(k => k.Default == "required" && IsDirect(k)) ? "required" : "its defaults");
            ConfigKey key = new(Path, Filled(_values, Form), Filled(_fallback, usual), Meaning ?? "");
            return _isWhole ? [key] : inside.Prepend(key);
        }
    }

    /// <summary>Names values or default where the reading does not; <c>{0}</c>: what it gives. The first call counts.
    /// <paramref name="isWhole"/>: the keys inside are listed elsewhere.</summary>
    internal ConfigEntry As(string? values = null, string? fallback = null, bool isWhole = false)
    {
        (_values, _fallback, _isWhole) = (_values ?? values, _fallback ?? fallback, _isWhole || isWhole);
        return this;
    }

    internal T? Optional<T>(Func<ConfigMap, T> read)
        where T : class => As(fallback: "none").IsLeftOut ? null : Section(read);

    private bool IsDirect(ConfigKey key) => !key.Path.AsSpan(Path.Length + 1).Contains('.');

    private static string Filled(string? text, string? read) =>
        text is null ? read ?? "" : text.Replace("{0}", read, StringComparison.Ordinal);

    private string ItemOf<T>(Func<ConfigEntry, T> read)
    {
        if (!_pass.IsListing) { return ""; }
        var item = new ConfigEntry(Key, Path, null, Origin, _pass);
        _ = read(item);
        _inside.AddRange(item._inside);
        return Filled(item._values, item.Form);
    }
}
