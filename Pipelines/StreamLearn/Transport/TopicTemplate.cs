namespace StreamLearn;

/// <summary>A topic with one level that depends on the message: <c>line/down/{device}/model</c>. Templates are equal if their strings
/// are.</summary>
public sealed record TopicTemplate
{
    private readonly string _before;
    private readonly string _behind;
    private readonly int _place;

    /// <summary>Makes a template.</summary>
    /// <param name="value">A topic without wildcards and with exactly one level in braces, named by 1 to 64 letters, digits, <c>_</c>,
    /// <c>-</c>.</param>
    /// <exception cref="ArgumentException">The string is not a topic with one level in braces.</exception>
    public TopicTemplate(string value)
    {
        var topic = new Topic(value);
        var levels = value.Split('/');
        var place = Array.FindIndex(levels, static l => l is ['{', .., '}']);
        if (topic.IsFilter || place < 0 || levels.Where((l, i) => i != place).Any(static l => l.AsSpan().ContainsAny('{', '}')))
        {
            throw new ArgumentException(
                $"expected a topic without wildcards and with exactly one level in braces, got '{value}'", nameof(value));
        }

        (Value, Level, _place) = (value, new TopicPattern(levels[place]).Names[0], place);
        _before = string.Concat(levels.Take(place).Select(static l => l + "/"));
        _behind = string.Concat(levels.Skip(place + 1).Select(static l => "/" + l));
    }

    /// <summary>The string.</summary>
    public string Value { get; }

    /// <summary>The name of the level in braces.</summary>
    public string Level { get; }

    /// <summary>Makes a template.</summary>
    public static implicit operator TopicTemplate(string value) => new(value);

    /// <summary>Makes a template.</summary>
    public static TopicTemplate FromString(string value) => new(value);

    /// <summary>Returns the topic with a string in place of the braces, escaped by <see cref="Topic.Escape"/>.</summary>
    /// <exception cref="ArgumentException">The topic would be too long.</exception>
    public Topic Of(string level) => new(_before + Topic.Escape(level) + _behind);

    internal bool MayMeet(Topic filter)
    {
        var asked = filter.Value.Split('/').ElementAtOrDefault(_place);
        return filter.Matches(Of(asked is null or "+" or "#" ? "any" : Topic.Unescape(asked)));
    }

    /// <inheritdoc />
    public bool Equals(TopicTemplate? other) => other is not null && Value == other.Value;

    /// <inheritdoc />
    public override int GetHashCode() => Value.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc />
    public override string ToString() => Value;
}
