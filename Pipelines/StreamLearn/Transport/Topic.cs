using System.Globalization;
using System.Text;

namespace StreamLearn;

/// <summary>A topic or filter. Its levels are separated by <c>/</c>; in a filter, <c>+</c> matches one level and a <c>#</c> at the end
/// matches the rest. Source: MQTT 5.0, section 4.7.</summary>
public readonly record struct Topic
{
    /// <summary>Makes a topic.</summary>
    /// <param name="value">1 to 65,535 bytes in UTF-8, without NUL or unpaired surrogates. A wildcard must be alone in its level, and
    /// <c>#</c> must be last.</param>
    /// <exception cref="ArgumentException">The string is not a topic or filter.</exception>
    public Topic(string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(value);
        SendableText.Checked(value, "a topic", nameof(value));
        var levels = value.Split('/');
        for (var i = 0; i < levels.Length; i++)
        {
            var wild = levels[i].AsSpan().ContainsAny('+', '#');
            if (wild && (levels[i].Length > 1 || (levels[i] == "#" && i < levels.Length - 1)))
            {
                throw new ArgumentException($"expected '+' or '#' alone in its level and '#' last, got '{value}'", nameof(value));
            }

            IsFilter |= wild;
        }

        Value = value;
    }

    /// <summary>The string.</summary>
    public string Value { get; }

    /// <summary>True if it contains wildcards, so that nothing can be published to it.</summary>
    public bool IsFilter { get; }

    /// <summary>Makes a topic.</summary>
    public static implicit operator Topic(string value) => new(value);

    /// <summary>Makes a topic.</summary>
    public static Topic FromString(string value) => new(value);

    /// <summary>Escapes a string as one topic level: <c>/</c>, <c>+</c>, <c>#</c>, <c>%</c>, control characters and a leading <c>$</c>
    /// become <c>%</c> and hexadecimal UTF-8 bytes; an empty string becomes <c>%</c>. Source: RFC 3986, section 2.1.</summary>
    /// <returns>The level, unique for each string; unchanged if nothing needs escaping.</returns>
    public static string Escape(string level)
    {
        ArgumentNullException.ThrowIfNull(level);
        if (level.Length == 0) { return "%"; }
        if (level[0] != '$' && !level.Any(IsReserved)) { return level; }
        var text = new StringBuilder(level.Length + 8);
        for (var i = 0; i < level.Length; i++)
        {
            if (!IsReserved(level[i]) && (i > 0 || level[i] != '$'))
            {
                text.Append(level[i]);
                continue;
            }

            foreach (var value in Encoding.UTF8.GetBytes([level[i]])) { text.Append(CultureInfo.InvariantCulture, $"%{value:X2}"); }
        }

        return text.ToString();
    }

    /// <summary>Reverses <see cref="Escape"/>; any other <c>%</c> stays.</summary>
    public static string Unescape(string level)
    {
        ArgumentNullException.ThrowIfNull(level);
        return level == "%" ? "" : Uri.UnescapeDataString(level);
    }

    /// <summary>Returns true if this filter matches a topic. A leading wildcard does not match a leading <c>$</c>.</summary>
    public bool Matches(Topic topic)
    {
        ReadOnlySpan<char> filter = Value;
        ReadOnlySpan<char> name = topic.Value;
        if (filter[0] is '+' or '#' && name[0] == '$') { return false; }
        while (true)
        {
            var filterLevel = NextLevel(filter, out var filterRest, out var filterMore);
            var nameLevel = NextLevel(name, out var nameRest, out var nameMore);
            if (filterLevel is "#") { return true; }
            if (filterLevel is not "+" && !filterLevel.SequenceEqual(nameLevel)) { return false; }
            if (!filterMore || !nameMore) { return filterMore == nameMore || (filterMore && filterRest is "#"); }
            filter = filterRest;
            name = nameRest;
        }
    }

    /// <inheritdoc />
    public override string ToString() => Value;

    private static bool IsReserved(char character) => character is '/' or '+' or '#' or '%' || char.IsControl(character);

    private static ReadOnlySpan<char> NextLevel(ReadOnlySpan<char> text, out ReadOnlySpan<char> rest, out bool more)
    {
        var end = text.IndexOf('/');
        more = end >= 0;
        rest = more ? text[(end + 1)..] : default;
        return more ? text[..end] : text;
    }
}
