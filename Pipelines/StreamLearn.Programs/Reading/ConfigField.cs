namespace StreamLearn.Programs;

/// <summary>A typed value that may be absent; the next call sets its default.</summary>
public sealed class ConfigField<T>
{
    private readonly ConfigEntry _entry;
    private readonly Func<T> _standIn;
    private readonly Func<T, YamlValue?> _show;
    private readonly ConfigForm _form;

    internal ConfigField(ConfigEntry entry, ConfigForm form, Func<T> standIn, Func<T, YamlValue?> show)
    {
        (_entry, _form, _standIn, _show) = (entry, form, standIn, show);
        entry.Form = form.Values;
    }

    /// <summary>True if a value is given, correct or not.</summary>
    public bool IsGiven => !_entry.IsAbsent;

    /// <summary>True if <see cref="Value"/> is the written value.</summary>
    internal bool IsRight { get; private init; }

    internal T? Value { get; private init; }

    /// <summary>Returns the value. A missing one is reported, and a placeholder returned.</summary>
    public T Required()
    {
        _entry.Default = "required";
        if (IsRight) { return Value!; }
        if (!IsGiven) { _entry.Refuse($"expected {_form.Expected}, got nothing"); }
        return _standIn();
    }

    /// <summary>Returns the value or a default.</summary>
    /// <param name="fallback">The default.</param>
    public T Or(T fallback) => Or(fallback, isShown: true);

    /// <summary>Returns the value or a default, which is not shown where it has no effect.</summary>
    internal T Or(T fallback, bool isShown)
    {
        var shown = _show(fallback);
        _entry.Default = ConfigForm.DefaultOf(shown);
        if (IsRight) { return Value!; }
        if (!IsGiven && isShown) { _entry.Shown = shown; }
        return fallback;
    }

    internal bool IsRightOrNone()
    {
        _entry.Default = "none";
        return IsRight;
    }

    internal ConfigField<T> With(T value) => new(_entry, _form, _standIn, _show) { IsRight = true, Value = value };
}

internal static class ConfigFieldExtensions
{
    public static T? OrNull<T>(this ConfigField<T> field)
        where T : class
    {
        return field.IsRightOrNone() ? field.Value : null;
    }
}

internal static class ConfigNumberExtensions
{
    public static T? OrNull<T>(this ConfigField<T> field)
        where T : struct
    {
        return field.IsRightOrNone() ? field.Value : null;
    }
}
