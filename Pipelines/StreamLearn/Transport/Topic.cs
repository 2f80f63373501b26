using System.Text;

namespace StreamLearn;

/// <summary>A topic or a topic filter: levels parted by <c>/</c>; in a filter <c>+</c> stands for one level and a last <c>#</c> for the
/// rest. Source: MQTT 5.0, section 4.7.</summary>
public readonly record struct Topic
{
    /// <summary>Makes a topic.</summary>
    /// <param name="value">1 to 65,535 bytes of UTF-8 without NUL; wildcards stand alone in their level, <c>#</c> last.</param>
    /// <exception cref="ArgumentException">The text is no topic and no filter.</exception>
    public Topic(string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(value);
        if (Encoding.UTF8.GetByteCount(value) > 65535 || value.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException("expected a topic of 1 to 65,535 bytes of UTF-8 without NUL", nameof(value));
        }
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

    /// <summary>The text.</summary>
    public string Value { get; }

    /// <summary>True if it has wildcards; one cannot publish to it.</summary>
    public bool IsFilter { get; }

    /// <summary>Makes a topic from its text.</summary>
    /// <param name="value">The text.</param>
    public static implicit operator Topic(string value) => new(value);

    /// <summary>Makes a topic from its text.</summary>
    /// <param name="value">The text.</param>
    public static Topic FromString(string value) => new(value);

    /// <summary>True if this filter takes messages of a topic. A leading wildcard takes no topic that starts with <c>$</c>.</summary>
    /// <param name="topic">The topic of a message.</param>
    public bool Takes(Topic topic)
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

    private static ReadOnlySpan<char> NextLevel(ReadOnlySpan<char> text, out ReadOnlySpan<char> rest, out bool more)
    {
        var end = text.IndexOf('/');
        more = end >= 0;
        rest = more ? text[(end + 1)..] : default;
        return more ? text[..end] : text;
    }
}
