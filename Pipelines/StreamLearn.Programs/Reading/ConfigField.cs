namespace StreamLearn.Programs;

/// <summary>A value that was read by its type, or is not there. How it goes on says what then holds.</summary>
/// <typeparam name="T">Its type.</typeparam>
public sealed class ConfigField<T>
{
    private readonly ConfigEntry _entry;
    private readonly Func<T> _standIn;
    private readonly Func<T, YamlValue?> _show;
    private readonly string _expected;

    internal ConfigField(ConfigEntry entry, string expected, Func<T> standIn, Func<T, YamlValue?> show) =>
        (_entry, _expected, _standIn, _show) = (entry, expected, standIn, show);

    /// <summary>True if a value is there, right or wrong.</summary>
    public bool IsGiven => !_entry.IsAbsent;

    /// <summary>True if <see cref="Value"/> is what was written.</summary>
    internal bool IsRight { get; private init; }

    internal T? Value { get; private init; }

    /// <summary>The value, which must be there. If it is not, that is a problem, and the result stands in for it.</summary>
    public T Required()
    {
        if (IsRight) { return Value!; }
        if (!IsGiven) { _entry.Refuse($"expected {_expected}, got nothing"); }
        return _standIn();
    }

    /// <summary>The value, or another one where none is there.</summary>
    /// <param name="fallback">The default.</param>
    public T Or(T fallback)
    {
        if (IsRight) { return Value!; }
        if (!IsGiven) { _entry.Shown = _show(fallback); }
        return fallback;
    }

    internal ConfigField<T> With(T value) => new(_entry, _expected, _standIn, _show) { IsRight = true, Value = value };
}

/// <summary>Values that may be absent.</summary>
public static class ConfigFieldExtensions
{
    /// <summary>The value, or null where none is there.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="field">The field.</param>
    public static T? OrNull<T>(this ConfigField<T> field)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(field);
        return field.IsRight ? field.Value : null;
    }
}

/// <summary>Numbers, durations and the like that may be absent.</summary>
public static class ConfigNumberExtensions
{
    /// <summary>The value, or null where none is there.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="field">The field.</param>
    public static T? OrNull<T>(this ConfigField<T> field)
        where T : struct
    {
        ArgumentNullException.ThrowIfNull(field);
        return field.IsRight ? field.Value : null;
    }
}
