namespace StreamLearn;

/// <summary>A topic of which one level depends on the message: <c>line/down/{device}/model</c>. Two are equal when their texts
/// are.</summary>
public sealed record TopicTemplate
{
    private readonly string _before;
    private readonly string _behind;
    private readonly int _place;

    /// <summary>Makes a template.</summary>
    /// <param name="value">A topic without wildcards. Exactly one level is a name in braces, of 1 to 64 letters, digits, <c>_</c>,
    /// <c>-</c>; the others have no braces.</param>
    /// <exception cref="ArgumentException">The text is not such a topic.</exception>
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

    /// <summary>The text.</summary>
    public string Value { get; }

    /// <summary>The name of the level in braces.</summary>
    public string Level { get; }

    /// <summary>Makes a template from its text.</summary>
    /// <param name="value">The text.</param>
    public static implicit operator TopicTemplate(string value) => new(value);

    /// <summary>Makes a template from its text.</summary>
    /// <param name="value">The text.</param>
    public static TopicTemplate FromString(string value) => new(value);

    /// <summary>The topic with a text in place of the braces, written by <see cref="Topic.Escape"/>.</summary>
    /// <param name="level">The text.</param>
    /// <exception cref="ArgumentException">The topic would be longer than topics may be.</exception>
    public Topic Of(string level) => new(_before + Topic.Escape(level) + _behind);

    /// <summary>True if a filter takes one or more of the topics.</summary>
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
