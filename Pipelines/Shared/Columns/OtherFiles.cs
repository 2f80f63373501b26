using System.Collections.Immutable;

namespace StreamLearn.Programs;

/// <summary>What the columns of the other files are that those of the first are not.</summary>
internal sealed record OtherFiles(ImmutableArray<FileDifference> Differences)
{
    private const int FilesShown = 5;

    /// <summary>Looks at the heads of all files.</summary>
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

    /// <summary>True if a file lacks one of these columns.</summary>
    internal bool Lack(params IEnumerable<string?> columns) => Differences.Any(d => columns.Any(c => c is not null && d.Fewer.Contains(c)));

    /// <summary>What differs: a line for each of the first files.</summary>
    internal IEnumerable<string> Lines() => Texts().Select(static t => $"noted     {t}");

    /// <summary>The same, without the word before it.</summary>
    internal IEnumerable<string> Texts() => Differences.Take(FilesShown).Select(static d => d.ToString())
        .Concat(Differences.Length > FilesShown ? [FormattableString.Invariant(
            $"{Differences.Length - FilesShown} more files have other columns than the first")] : []);

    /// <summary>The channels without which all files could be read; empty: leaving channels out is not enough, or not necessary.</summary>
    internal ImmutableArray<string> Dispensable(IReadOnlyList<string> needed, IReadOnlyList<string> channels)
    {
        ImmutableArray<string> apart = [.. channels.Where(c => Differences.Any(d => d.Unfit([c], "") is not null))];
        return apart.Length == channels.Count || Differences.Any(d => d.Unfit(needed, "") is not null) ? [] : apart;
    }

    /// <summary>Why files cannot be read with these columns: a line for each of the first.</summary>
    internal IEnumerable<string> Unfit(IReadOnlyList<string> used, string first)
    {
        var lines = Differences.Select(d => d.Unfit(used, first)).OfType<string>().ToList();
        return lines.Count <= FilesShown ? lines
            : [.. lines.Take(FilesShown), FormattableString.Invariant($"and {lines.Count - FilesShown} more files")];
    }
}

/// <summary>What the columns of a file are that those of the first are not.</summary>
internal sealed record FileDifference(string Path, ImmutableArray<string> Fewer, ImmutableArray<string> More,
    ImmutableArray<(string Name, Unit? Unit)> Units)
{
    private const int NamesShown = 8;

    /// <summary>True if there is none.</summary>
    internal bool IsEmpty => Fewer.IsEmpty && More.IsEmpty && Units.IsEmpty;

    /// <summary>Why the file cannot be read with these columns; null: it can.</summary>
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
