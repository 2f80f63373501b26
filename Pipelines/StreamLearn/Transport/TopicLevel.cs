using System.Collections.Immutable;

namespace StreamLearn;

/// <summary>A named topic level, such as <c>{pump}</c> in <c>plant/{site}/{pump}/vibration</c>.</summary>
/// <param name="Name">The name of the level and of its column: 1 to 64 letters, digits, <c>_</c>, <c>-</c>.</param>
public sealed record TopicLevel(string Name)
{
    /// <summary>Maximum length of a name in characters; a longer name gets no code.</summary>
    public const int MaxTextLength = 256;

    /// <summary>Names with predefined codes, from 0 in this order; others follow as they appear. Default none.</summary>
    public ImmutableArray<string> Known { get; init; } = [];

    /// <summary>Maximum number of names with codes, including the known ones: 1 to 1,048,576, default 1,024. Messages with other names are
    /// dropped as <c>level-bound</c>. If it equals the number of known names, only those are accepted.</summary>
    public int MaxTexts { get; init; } = 1024;

    /// <inheritdoc />
    public bool Equals(TopicLevel? other) =>
        other is not null && Name == other.Name && MaxTexts == other.MaxTexts && Known.AsSpan().SequenceEqual(other.Known.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Name, MaxTexts, Known.Length);

    internal TopicLevel Checked()
    {
        if (Known.IsDefault || Known.Any(static t => t is null || t.Length > MaxTextLength) || Known.Distinct().Count() != Known.Length)
        {
            throw new ArgumentException($"level '{Name}': expected distinct known texts of at most {MaxTextLength} characters");
        }
        if (MaxTexts is < 1 or > 1 << 20 || MaxTexts < Known.Length)
        {
            throw new ArgumentException($"level '{Name}': expected space for 1 to {1 << 20} texts, and for those known, got {MaxTexts}");
        }

        return this;
    }
}
