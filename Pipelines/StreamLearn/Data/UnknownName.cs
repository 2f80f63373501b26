namespace StreamLearn;

internal static class UnknownName
{
    internal static KeyNotFoundException In(string pipeline, string kind, string name, IEnumerable<string> known)
    {
        var names = string.Join(", ", known.Select(k => $"'{k}'"));
        return new($"pipeline '{pipeline}' has no {kind} '{name}'; it has {(names.Length == 0 ? "none" : names)}");
    }
}
