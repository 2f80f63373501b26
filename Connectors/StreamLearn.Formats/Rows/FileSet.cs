using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace StreamLearn.Formats;

/// <summary>The files of a pattern in ordinal path order, with the texts of its named parts.</summary>
/// <remarks> Within a path level, <c>*</c> is any text, <c>?</c> any character, and <c>{subject}</c> a non-empty text that becomes a
/// column: <c>data/{subject}/run-*.csv</c>. Names with a leading point match only such levels. <c>**</c> is not supported. A text's code is
/// its index among the name's texts in ordinal order. </remarks>
public sealed class FileSet
{
    private readonly ImmutableArray<ImmutableArray<int>> _codes;

    private FileSet(string pattern, List<(string Path, ImmutableArray<string> Parts)> files, ImmutableArray<string> names)
    {
        (Pattern, Names, Files) = (pattern, names, [.. files.Select(f => f.Path)]);
        Texts = [.. names.Select((_, n) => files.Select(f => f.Parts[n]).Distinct().Order(StringComparer.Ordinal).ToImmutableArray())];
        _codes = [.. files.Select(f => f.Parts.Select((p, n) => Texts[n].IndexOf(p, StringComparer.Ordinal)).ToImmutableArray())];
    }

    /// <summary>The pattern.</summary>
    public string Pattern { get; }

    /// <summary>The files in reading order.</summary>
    public ImmutableArray<string> Files { get; }

    /// <summary>The names of the parts in pattern order.</summary>
    public ImmutableArray<string> Names { get; }

    private ImmutableArray<ImmutableArray<string>> Texts { get; }

    /// <summary>Returns true if a path has a wildcard or a part name.</summary>
    public static bool IsPattern(string path) => path.AsSpan().ContainsAny('*', '?', '{');

    /// <summary>Finds the current files.</summary>
    /// <param name="pattern">The pattern; a path without a wildcard is one file, which may be absent.</param>
    /// <exception cref="ArgumentException">The pattern has <c>**</c>, or repeats a name.</exception>
    /// <exception cref="FileNotFoundException">No file matches a pattern with wildcards.</exception>
    /// <exception cref="FileRowsException">A match is not a regular file but a pipe, device or folder.</exception>
    public static FileSet Find(string pattern)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        if (pattern.Contains("**", StringComparison.Ordinal))
        {
            throw new ArgumentException($"expected a pattern without '**', which is not supported, got '{pattern}'", nameof(pattern));
        }

        var levels = pattern.Split('/', Path.DirectorySeparatorChar);
        var names = levels.SelectMany(NamesOf).ToImmutableArray();
        if (names.Distinct(StringComparer.Ordinal).Count() != names.Length)
        {
            throw new ArgumentException($"expected distinct names of parts, got '{pattern}'", nameof(pattern));
        }

        if (!IsPattern(pattern)) { return new(pattern, [(Required(pattern), [])], []); }
        IEnumerable<(string Path, ImmutableArray<string> Parts)> found = [(levels[0].Length == 0 ? "/" : "", [])];
        for (var l = levels[0].Length == 0 ? 1 : 0; l < levels.Length; l++)
        {
            var (level, isLast) = (levels[l], l == levels.Length - 1);
            found = found.SelectMany(f => Below(f.Path, f.Parts, level, isLast)).ToList();
        }

        var files = found.Select(static f => (Required(f.Path), f.Parts)).OrderBy(f => f.Item1, StringComparer.Ordinal).ToList();
        return files.Count > 0 ? new(pattern, files, names) : throw new FileNotFoundException($"no file matches '{pattern}'", pattern);
    }

    /// <summary>Returns the values of a named part, indexed by code.</summary>
    /// <exception cref="ArgumentException">The pattern does not contain the name.</exception>
    public ImmutableArray<string> TextsOf(string name) => Names.IndexOf(name, StringComparer.Ordinal) is >= 0 and var n
        ? Texts[n] : throw new ArgumentException($"expected a name of '{Pattern}', got '{name}'", nameof(name));

    /// <summary>Returns the code of a file for a named part.</summary>
    /// <param name="file">The index in <see cref="Files"/>.</param>
    /// <param name="name">The name.</param>
    /// <exception cref="ArgumentException">The pattern does not contain the name.</exception>
    public int CodeOf(int file, string name) => Names.IndexOf(name, StringComparer.Ordinal) is >= 0 and var n
        ? _codes[file][n] : throw new ArgumentException($"expected a name of '{Pattern}', got '{name}'", nameof(name));

    internal int Code(int file, int name) => _codes[file][name];

    private static string Required(string path) => RegularFile.ProblemOf(path) is not { } problem ? path
        : throw new FileRowsException(new(path, 0, null, FileFault.DamagedFile, ""), $"{path}: {problem}");


    private static IEnumerable<string> NamesOf(string level) => Regex.Matches(level, @"\{([^{}]+)\}").Select(m => m.Groups[1].Value);

    private static IEnumerable<(string Path, ImmutableArray<string> Parts)> Below(
        string folder, ImmutableArray<string> parts, string level, bool isLast)
    {
        if (!IsPattern(level))
        {
            var path = Path.Combine(folder, level);
            if (isLast ? File.Exists(path) : Directory.Exists(path)) { yield return (path, parts); }
            yield break;
        }

        var from = folder.Length == 0 ? "." : folder;
        var expression = Expression(level);
        foreach (var path in isLast ? Directory.EnumerateFiles(from) : Directory.EnumerateDirectories(from))
        {
            var name = Path.GetFileName(path);
            if (name.StartsWith('.') && !level.StartsWith('.')) { continue; }
            if (expression.Match(name) is not { Success: true } match) { continue; }
            yield return (Path.Combine(folder, name), [.. parts, .. match.Groups.Values.Skip(1).Select(g => g.Value)]);
        }
    }

    private static Regex Expression(string level)
    {
        var text = new StringBuilder("^");
        for (var i = 0; i < level.Length; i++)
        {
            var close = level[i] == '{' ? level.IndexOf('}', i) : -1;
            text.Append(level[i] switch
            {
                '*' => ".*",
                '?' => ".",
                '{' when close > i + 1 => "(.+?)",
                var other => Regex.Escape(other.ToString()),
            });
            i = Math.Max(i, level[i] == '{' && close > i + 1 ? close : i);
        }

        return new(text.Append('$').ToString(), RegexOptions.CultureInvariant | RegexOptions.Singleline);
    }
}
