using System.Collections.Immutable;

namespace StreamLearn;

/// <summary>The codes of topic levels in one run, the same for all its subscriptions: 0, 1, 2, … in the order in which texts appear.
/// Bounded; safe for many threads.</summary>
internal sealed class TopicLevels
{
    private readonly Lock _lock = new();
    private readonly SortedList<string, Codes> _levels = new(StringComparer.Ordinal);

    internal TopicLevels(ImmutableArray<TopicLevel> levels)
    {
        foreach (var level in levels) { _levels[level.Name] = new(level); }
    }

    /// <summary>Finds the codes of a topic's levels, giving new ones to new texts: to all of them, or, beyond a bound, to none.</summary>
    /// <param name="names">The levels.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="texts">Where the text of each level lies in it.</param>
    /// <param name="codes">The codes.</param>
    internal bool TryCodes(ImmutableArray<string> names, string topic, ReadOnlySpan<Range> texts, Span<int> codes)
    {
        lock (_lock)
        {
            var unknown = false;
            for (var i = 0; i < names.Length; i++)
            {
                if (_levels[names[i]].TryFind(topic.AsSpan()[texts[i]], out codes[i])) { continue; }
                if (!_levels[names[i]].HasSpaceFor(topic.AsSpan()[texts[i]])) { return false; }
                unknown = true;
            }

            for (var i = 0; unknown && i < names.Length; i++) { codes[i] = _levels[names[i]].FindOrAdd(topic.AsSpan()[texts[i]]); }
            return true;
        }
    }

    /// <summary>The texts of a level, by code.</summary>
    /// <exception cref="ArgumentException">No subscription has the level.</exception>
    internal ImmutableArray<string> Texts(string level)
    {
        lock (_lock) { return [.. Of(level).Texts]; }
    }

    /// <summary>The text of a code.</summary>
    /// <exception cref="ArgumentException">No subscription has the level, or no text the code.</exception>
    internal string Text(string level, int code)
    {
        lock (_lock)
        {
            var texts = Of(level).Texts;
            return (uint)code < (uint)texts.Count
                ? texts[code]
                : throw new ArgumentOutOfRangeException(nameof(code), code, $"level '{level}' has {texts.Count} texts");
        }
    }

    /// <summary>Writes the texts of all levels, by which codes that stand in batches and states keep their meaning.</summary>
    internal void Save(StateWriter writer)
    {
        lock (_lock)
        {
            writer.Write(_levels.Count);
            for (var i = 0; i < _levels.Count; i++)
            {
                writer.Write(_levels.GetKeyAtIndex(i));
                var texts = _levels.GetValueAtIndex(i).Texts;
                writer.Write(texts.Count);
                for (var code = 0; code < texts.Count; code++) { writer.Write(texts[code]); }
            }
        }
    }

    internal void Load(ref StateReader reader)
    {
        lock (_lock)
        {
            for (var count = reader.ReadInt32(0, int.MaxValue); count > 0; count--)
            {
                var name = reader.ReadText();
                var codes = _levels.GetValueOrDefault(name);
                var texts = reader.ReadInt32(0, int.MaxValue);
                for (var code = 0; code < texts; code++)
                {
                    var text = reader.ReadText();
                    if (codes is null || codes.FindOrAdd(text) == code) { continue; }
                    throw new StateException(
                        $"code {code} of the topic level '{name}' was '{text}': give the level the same known texts, in the same order");
                }
            }
        }
    }

    private Codes Of(string level) => _levels.TryGetValue(level, out var codes)
        ? codes
        : throw new ArgumentException($"no subscription has a level '{level}'", nameof(level));

    private sealed class Codes
    {
        private readonly TopicLevel _level;
        private readonly Dictionary<string, int> _codes = new(StringComparer.Ordinal);
        private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;

        internal Codes(TopicLevel level)
        {
            _level = level;
            _lookup = _codes.GetAlternateLookup<ReadOnlySpan<char>>();
            foreach (var text in level.Known) { FindOrAdd(text); }
        }

        internal List<string> Texts { get; } = [];

        internal bool TryFind(ReadOnlySpan<char> text, out int code) => _lookup.TryGetValue(text, out code);

        internal bool HasSpaceFor(ReadOnlySpan<char> text) => Texts.Count < _level.MaxTexts && text.Length <= TopicLevel.MaxTextLength;

        internal int FindOrAdd(ReadOnlySpan<char> text)
        {
            if (_lookup.TryGetValue(text, out var code)) { return code; }
            var added = text.ToString();
            Texts.Add(added);
            return _codes[added] = Texts.Count - 1;
        }
    }
}
