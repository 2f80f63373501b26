namespace StreamLearn.Programs;

/// <summary>A typed value that may be absent; the next call sets its default.</summary>
/// <typeparam name="T">Its type.</typeparam>
public sealed class ConfigField<T>
{
    private readonly ConfigEntry _entry;
    private readonly Func<T> _standIn;
    private readonly Func<T, YamlValue?> _show;
    private readonly string _expected;

    internal ConfigField(ConfigEntry entry, string expected, Func<T> standIn, Func<T, YamlValue?> show) =>
        (_entry, _expected, _standIn, _show) = (entry, expected, standIn, show);

    /// <summary>True if a value is given, right or wrong.</summary>
    public bool IsGiven => !_entry.IsAbsent;

    /// <summary>True if <see cref="Value"/> is the written value.</summary>
    internal bool IsRight { get; private init; }

    internal T? Value { get; private init; }

    /// <summary>Returns the value. A missing one is reported, and a placeholder returned.</summary>
    public T Required()
    {
        if (IsRight) { return Value!; }
        if (!IsGiven) { _entry.Refuse($"expected {_expected}, got nothing"); }
        return _standIn();
    }

    /// <summary>Returns the value or a default.</summary>
    /// <param name="fallback">The default.</param>
    public T Or(T fallback)
    {
        if (IsRight) { return Value!; }
        if (!IsGiven) { _entry.Shown = _show(fallback); }
        return fallback;
    }

    internal ConfigField<T> With(T value) => new(_entry, _expected, _standIn, _show) { IsRight = true, Value = value };
}

/// <summary>Reads optional reference values.</summary>
internal static class ConfigFieldExtensions
{
    /// <summary>Returns the value, or null if absent.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="field">The field.</param>
    public static T? OrNull<T>(this ConfigField<T> field)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(field);
        return field.IsRight ? field.Value : null;
    }
}

/// <summary>Reads optional value types, such as numbers and durations.</summary>
internal static class ConfigNumberExtensions
{
    /// <summary>Returns the value, or null if absent.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="field">The field.</param>
    public static T? OrNull<T>(this ConfigField<T> field)
        where T : struct
    {
        ArgumentNullException.ThrowIfNull(field);
        return field.IsRight ? field.Value : null;
    }
}
