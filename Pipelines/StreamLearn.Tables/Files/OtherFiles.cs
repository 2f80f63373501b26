namespace StreamLearn.Tables;

internal sealed record OtherFiles(ImmutableArray<FileDifference> Differences)
{
    private const int FilesShown = 5;

    internal static OtherFiles Of(IOwnFiles files)
    {
        var first = files.NamesOf(files.Set.Files[0]);
        List<FileDifference> differences = [];
        foreach (var path in files.Set.Files.Skip(1))
        {
            var names = files.NamesOf(path);
            var fewer = first.Where(f => !names.Any(n => n.Name == f.Name)).Select(static f => f.Name);
            var more = names.Where(n => !first.Any(f => f.Name == n.Name)).Select(static n => n.Name);
            var units = names.Where(n => n.Unit is not null && first.Any(f => f.Name == n.Name && f.Unit != n.Unit));
            var difference = new FileDifference(path, [.. fewer], [.. more], [.. units]);
            if (!difference.IsEmpty) { differences.Add(difference); }
        }

        return new([.. differences]);
    }

    internal bool Lack(params IEnumerable<string?> columns) => Differences.Any(d => columns.Any(c => c is not null && d.Fewer.Contains(c)));

    internal IEnumerable<string> Lines() => Texts().Select(static t => $"noted     {t}");

    /// <summary>Returns the differences without the leading word.</summary>
    internal IEnumerable<string> Texts() => Differences.Take(FilesShown).Select(static d => d.ToString())
        .Concat(Differences.Length > FilesShown ? [FormattableString.Invariant(
            $"{Differences.Length - FilesShown} more files differ from the first in their columns")] : []);

    /// <summary>Returns the channels to omit so that all files can be read; empty if that is not sufficient or not needed.</summary>
    internal ImmutableArray<string> Dispensable(IReadOnlyList<string> needed, IReadOnlyList<string> channels)
    {
        ImmutableArray<string> apart = [.. channels.Where(c => Differences.Any(d => d.Unfit([c], "") is not null))];
        return apart.Length == channels.Count || Differences.Any(d => d.Unfit(needed, "") is not null) ? [] : apart;
    }

    internal IEnumerable<string> Unfit(IReadOnlyList<string> used, string first)
    {
        var lines = Differences.Select(d => d.Unfit(used, first)).OfType<string>().ToList();
        return lines.Count <= FilesShown ? lines
            : [.. lines.Take(FilesShown), FormattableString.Invariant($"and {lines.Count - FilesShown} more files")];
    }
}

internal sealed record FileDifference(string Path, ImmutableArray<string> Fewer, ImmutableArray<string> More,
    ImmutableArray<(string Name, Unit? Unit)> Units)
{
    private const int NamesShown = 8;

    internal bool IsEmpty => Fewer.IsEmpty && More.IsEmpty && Units.IsEmpty;

    internal string? Unfit(IReadOnlyList<string> used, string first)
    {
        var fewer = Fewer.Where(used.Contains).ToList();
        if (fewer.Count > 0) { return $"{Path} has no column {Listed(fewer)}, as {first} has"; }
        var units = Units.Where(u => used.Contains(u.Name)).Select(static u => $"'{u.Name}' in {u.Unit}").ToList();
        return units.Count > 0 ? $"{Path} has column {string.Join(", ", units)}, not as {first}" : null;
    }

    public override string ToString()
    {
        List<string> parts = [];
        if (Fewer.Length > 0) { parts.Add($"does not have {Listed(Fewer)}"); }
        if (More.Length > 0) { parts.Add($"has {Listed(More)} besides, which {(More.Length == 1 ? "is" : "are")} not used"); }
        if (Units.Length > 0) { parts.Add($"has {string.Join(", ", Units.Select(static u => $"'{u.Name}' in {u.Unit}"))}"); }
        return $"{Path} {string.Join(" and ", parts)}, unlike the first file";
    }

    private static string Listed(IReadOnlyList<string> names) => string.Join(", ", names.Take(NamesShown).Select(static n => $"'{n}'"))
        + (names.Count > NamesShown ? FormattableString.Invariant($" and {names.Count - NamesShown} more") : "");
}
