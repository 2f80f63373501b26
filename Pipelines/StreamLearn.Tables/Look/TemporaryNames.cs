namespace StreamLearn.Tables;

/// <summary>What people call the contents of temporary files, for messages.</summary>
internal sealed class TemporaryNames
{
    private const int NamesShown = 4;
    private readonly Dictionary<string, (string Name, bool HasLines)> _names = [];

    internal static TemporaryNames Of(TableOptions options)
    {
        TemporaryNames names = new();
        if (options.Spooled is { } spooled) { names._names[spooled] = ("standard input", true); }
        return names;
    }

    /// <summary>Names a file by those that it was made of; its lines are not theirs.</summary>
    internal void Add(string path, IEnumerable<string> origins) =>
        _names[path] = ($"joined rows of {Printable.Listed([.. origins.Select(In).Distinct()], NamesShown)}", false);

    internal string In(string text) => _names.Aggregate(text, static (said, n) =>
        said.Replace(n.Key, n.Value.Name, StringComparison.Ordinal));

    internal RefusedRow Of(RefusedRow row) => _names.TryGetValue(row.File, out var known)
        ? row with { File = known.Name, Line = known.HasLines ? row.Line : 0 } : row;
}
