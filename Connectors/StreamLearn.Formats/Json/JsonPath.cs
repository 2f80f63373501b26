using System.Buffers;
using System.Globalization;

namespace StreamLearn.Formats;

internal readonly record struct JsonStep(string? Key, int Place)
{
    internal const int Each = -1;

    internal bool IsEach => Key is null && Place == Each;
}

/// <summary>Source: the member, index and wildcard selectors of RFC 9535.</summary>
internal static class JsonPath
{
    private const int MaxSteps = 32;

    private const string Rest = "expected .key, ['key'], [place] or [*]";

    private static readonly SearchValues<char> Special = SearchValues.Create(".[]'\\ *");

    internal static JsonStep[] Parse(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (!path.StartsWith('$')) { throw Wrong(path, 0, "expected $"); }
        var steps = new List<JsonStep>();
        for (var at = 1; at < path.Length;)
        {
            steps.Add(path[at] == '.' ? Key(path, ref at) : Bracket(path, ref at));
            if (steps.Count > MaxSteps) { throw Wrong(path, at, $"expected at most {MaxSteps} steps"); }
        }

        return [.. steps];
    }

    internal static string Step(string key) => key.Length > 0 && !key.AsSpan().ContainsAny(Special) ? $".{key}" : $"['{key}']";

    private static JsonStep Key(string path, ref int at)
    {
        var start = ++at;
        while (at < path.Length && path[at] is not ('.' or '[')) { at++; }
        return at > start ? new(path[start..at], 0) : throw Wrong(path, start, "expected a key");
    }

    private static JsonStep Bracket(string path, ref int at)
    {
        if (path[at] != '[') { throw Wrong(path, at, Rest); }
        var start = at + 1;
        if (start < path.Length && path[start] == '\'')
        {
            var end = path.IndexOf("']", start + 1, StringComparison.Ordinal);
            if (end < 0) { throw Wrong(path, start, "expected ']"); }
            at = end + 2;
            return new(path[(start + 1)..end], 0);
        }

        var close = path.IndexOf(']', start);
        if (close < 0) { throw Wrong(path, start, "expected ]"); }
        at = close + 1;
        var inside = path.AsSpan(start, close - start);
        if (inside is "*") { return new(null, JsonStep.Each); }
        return int.TryParse(inside, NumberStyles.None, CultureInfo.InvariantCulture, out var place)
            ? new(null, place) : throw Wrong(path, start, Rest);
    }

    private static ArgumentException Wrong(string path, int at, string expected) =>
        new($"path '{path}': {expected} at character {at}", nameof(path));
}
