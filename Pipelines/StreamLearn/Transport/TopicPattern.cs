using System.Buffers;
using System.Collections.Immutable;

namespace StreamLearn;

/// <summary>A filter with named levels: <c>plant/{site}/{pump}/vibration</c> means <c>plant/+/+/vibration</c>.</summary>
internal sealed class TopicPattern
{
    private const int MaxNameLength = 64;

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    private readonly ImmutableArray<int> _places;       // positions of the named levels

    internal TopicPattern(Topic text)
    {
        var levels = text.Value.Split('/');
        var shared = levels.Length > 2 && levels[0] == "$share" ? 2 : 0;       // the topic follows the group
        List<string> names = [];
        List<int> places = [];
        for (var i = shared; i < levels.Length; i++)
        {
            if (levels[i] is not ['{', .. var name, '}']) { continue; }
            if (name.Length is 0 or > MaxNameLength || name.AsSpan().ContainsAnyExcept(NameCharacters) || names.Contains(name))
            {
                throw new ArgumentException(
                    $"expected distinct level names of 1 to {MaxNameLength} letters, digits, '_', '-', got '{text}'", nameof(text));
            }

            names.Add(name);
            places.Add(i - shared);
            levels[i] = "+";
        }

        (Names, _places) = ([.. names], [.. places]);
        Filter = names.Count == 0 ? text : new(string.Join('/', levels));
    }

    internal Topic Filter { get; }

    internal ImmutableArray<string> Names { get; }

    internal void Match(string topic, Span<Range> texts)
    {
        var (level, start, found) = (0, 0, 0);
        while (found < _places.Length)
        {
            var length = topic.AsSpan(start).IndexOf('/');
            var end = length < 0 ? topic.Length : start + length;
            if (level++ == _places[found]) { texts[found++] = start..end; }
            start = Math.Min(end + 1, topic.Length);
        }
    }
}
