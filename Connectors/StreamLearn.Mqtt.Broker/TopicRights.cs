using System.Collections.Immutable;

namespace StreamLearn.Mqtt;

internal static class TopicRights
{
    private const int MaxCharacters = 1024;

    internal static bool AnyCovers(ImmutableArray<string> filters, string asked)
    {
        foreach (var filter in filters)
        {
            if (Covers(filter, asked)) { return true; }
        }

        return false;
    }

    internal static bool IsTopic(string topic) =>
        topic.Length is > 0 and <= MaxCharacters && topic[0] != '$' && topic.AsSpan().IndexOfAny("+#\0") < 0;

    /// <summary>Returns false for shared subscriptions and server topics, which are not offered.</summary>
    internal static bool IsFilter(string filter)
    {
        if (filter.Length is 0 or > MaxCharacters || filter[0] == '$' || filter.Contains('\0', StringComparison.Ordinal)) { return false; }
        foreach (var range in filter.AsSpan().Split('/'))
        {
            var level = filter.AsSpan(range);
            if (level.IndexOfAny("+#") >= 0 && level.Length > 1) { return false; }
            if (level is "#" && range.End.Value != filter.Length) { return false; }
        }

        return true;
    }

    internal static bool Covers(ReadOnlySpan<char> filter, ReadOnlySpan<char> asked)
    {
        while (true)
        {
            var isLast = Next(ref filter, out var level);
            if (level is "#") { return true; }
            var isLastAsked = Next(ref asked, out var wanted);
            if (wanted is "#" || (level is not "+" && !level.SequenceEqual(wanted))) { return false; }
            if (isLastAsked) { return isLast || filter is "#"; }       // a/# also matches a
            if (isLast) { return false; }
        }
    }

    private static bool Next(ref ReadOnlySpan<char> rest, out ReadOnlySpan<char> level)
    {
        var end = rest.IndexOf('/');
        level = end < 0 ? rest : rest[..end];
        rest = end < 0 ? [] : rest[(end + 1)..];
        return end < 0;
    }
}
