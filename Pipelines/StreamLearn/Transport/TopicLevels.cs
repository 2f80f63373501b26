using System.Collections.Immutable;

namespace StreamLearn;

/// <summary>Codes of the topic levels in a run, for all its subscriptions, from 0 in order of appearance. Limited; thread-safe.</summary>
internal sealed class TopicLevels
{
    private readonly Lock _lock = new();
    private readonly SortedList<string, Codes> _levels = new(StringComparer.Ordinal);

    internal TopicLevels(ImmutableArray<TopicLevel> levels)
    {
        foreach (var level in levels) { _levels[level.Name] = new(level); }
    }

    /// <summary>Assigns codes to all new names or, beyond a limit, to none. <paramref name="texts"/>: ranges of the names.</summary>
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

    internal ImmutableArray<string> Texts(string level)
    {
        lock (_lock) { return [.. Of(level).Texts]; }
    }

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

    /// <summary>So that codes in batches and states keep their meaning.</summary>
    internal void State(ref StateStream s)
    {
        lock (_lock)
        {
            var count = s.Value(_levels.Count, 0, int.MaxValue);
            for (var i = 0; i < count; i++)
            {
                var name = s.Value(s.IsWriting ? _levels.GetKeyAtIndex(i) : "");
                State(ref s, name, _levels.GetValueOrDefault(name));
            }
        }
    }

    private static void State(ref StateStream s, string level, Codes? codes)
    {
        var texts = s.Value(s.IsWriting ? codes!.Texts.Count : 0, 0, int.MaxValue);
        for (var code = 0; code < texts; code++)
        {
            var text = s.Value(s.IsWriting ? codes!.Texts[code] : "");
            if (s.IsWriting || codes is null || codes.FindOrAdd(text) == code) { continue; }
            throw new StateException(
                $"code {code} of the topic level '{level}' was '{text}': give the level the same known texts, in the same order");
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
