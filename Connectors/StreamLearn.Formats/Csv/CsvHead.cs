using System.Globalization;

namespace StreamLearn.Formats;

/// <summary>The delimiter of a CSV file and the line of its names, detected from its first lines.</summary>
/// <param name="Delimiter">The value separator.</param>
/// <param name="SkipLines">Lines before the names, or before the rows if there are none.</param>
public sealed record CsvHead(char Delimiter, int SkipLines)
{
    /// <summary>True if the first line after the skipped ones names the columns.</summary>
    public bool HasNames { get; init; } = true;

    /// <summary>The first character of lines that are no rows; null: none.</summary>
    public char? Comment { get; init; }

    /// <summary>A line of texts between the names and the rows, such as units; null: none.</summary>
    public int? TextLine { get; init; }

    private const int MaxBytes = 64 << 10;
    private const int MaxLines = 200;
    private const int MaxLinesOfOne = 16;       // a quote open for more lines is not a quote
    private const string Separator = "sep=";

    internal static readonly char[] Delimiters = [',', ';', '\t', '|'];

    /// <summary>Detects the head: a line of names above lines of values, of the width of most lines. A first line such as <c>sep=;</c> sets
    /// the delimiter.</summary>
    /// <param name="path">The file, plain, gzip, or a zip of one file.</param>
    /// <param name="options">Encoding and comment; the rest is ignored. Null: defaults.</param>
    /// <param name="delimiter">The delimiter; null: detected.</param>
    /// <param name="hasNames">Whether a line names the columns; null: detected.</param>
    /// <exception cref="FileRowsException">The file is no text or damaged, or a line may have names or values.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static CsvHead Of(string path, CsvOptions? options = null, char? delimiter = null, bool? hasNames = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            return Of(FirstLines(path, options?.Encoding), new(delimiter, options?.Comment, hasNames));
        }
        catch (InvalidDataException e)
        {
            throw new FileRowsException(new(path, 0, null, FileFault.BadHeader, ""), $"{path}: {e.Message}", e);
        }
    }

    internal readonly record struct Said(char? Delimiter, char? Comment, bool? HasNames);

    /// <summary>Quoted values may contain line ends.</summary>
    internal static CsvHead Of(IReadOnlyList<string> lines, Said form)
    {
        List<string> whole = [];
        List<int> begins = [];
        for (var at = 0; at < lines.Count;)
        {
            var count = LinesOfOne(lines, at, form);
            whole.Add(count == 1 ? lines[at] : string.Join('\n', lines.Skip(at).Take(count)));
            begins.Add(at);
            at += count;
        }

        var head = OfWhole(whole, form);
        return head.SkipLines < begins.Count ? head with { SkipLines = begins[head.SkipLines] } : head;
    }

    /// <summary>Several if a quoted value has line ends.</summary>
    private static int LinesOfOne(IReadOnlyList<string> lines, int at, Said form)
    {
        if (IsNone(lines[at], form)) { return 1; }
        var isOpen = false;
        for (var count = 1; count <= Math.Min(MaxLinesOfOne, lines.Count - at); count++)
        {
            var line = lines[at + count - 1];
            for (var i = 0; i < line.Length; i++)
            {
                if (line[i] != '"') { continue; }
                if (!isOpen) { isOpen = i == 0 || Parts(line[i - 1], form); }
                else if (i + 1 == line.Length || Parts(line[i + 1], form)) { isOpen = false; }
                else if (line[++i] != '"') { return 1; }        // a quote is where none is allowed
            }

            if (!isOpen) { return count; }
        }

        return 1;
    }

    private static bool Parts(char c, Said form) => c == form.Delimiter || Delimiters.Contains(c);

    private static CsvHead OfWhole(List<string> lines, Said form)
    {
        var isSaid = lines.Count > 0 && lines[0].StartsWith(Separator, StringComparison.OrdinalIgnoreCase) && lines[0].Length == 5;
        char[] among = form.Delimiter is { } said ? [said] : isSaid ? [lines[0][4]] : Delimiters;
        var best = (Delimiter: ',', Skip: 0, Fit: 0);
        foreach (var delimiter in among)
        {
            var values = lines.Select(l => IsNone(l, form) ? 0 : ValuesOf(l, delimiter)).ToList();
            if (values.Where(static v => v > 1).CountBy(static v => v).OrderByDescending(static v => v.Value).FirstOrDefault() is not
                { Key: > 1 } usual)
            {
                continue;
            }

            var skip = values.IndexOf(usual.Key);
            var at = Math.Max(best.Skip, skip);
            if (usual.Value > best.Fit || (usual.Value == best.Fit && ValuesOf(lines[at], delimiter) > ValuesOf(lines[at], best.Delimiter)))
            {
                best = (delimiter, skip, usual.Value);
            }
        }

        if (best.Fit == 0 && form.Delimiter is null && !isSaid
            && lines.Where(l => !IsNone(l, form)).Select(static l => ValuesOf(l, ' ')).Distinct().ToList() is [> 2])
        {
            best = (' ', lines.FindIndex(l => !IsNone(l, form)), lines.Count);      // the same number in each line
        }

        if (best.Fit == 0) { return new(among[0], isSaid ? 1 : 0); }
        var head = Counted(lines, new(best.Delimiter, best.Skip));
        return form.HasNames != false && head.HasNames && head.SkipLines == best.Skip ? HeaderLine.Of(lines, head, form) : head;
    }

    /// <summary>Skips the count line of scikit-learn files: <c>150,4,setosa,versicolor</c> means 150 rows of 4 inputs and a class. If
    /// numbers follow, there is no header.</summary>
    private static CsvHead Counted(List<string> lines, CsvHead head)
    {
        for (var at = 0; at <= Math.Min(head.SkipLines, lines.Count - 2); at++)
        {
            var next = Math.Max(at + 1, head.SkipLines);
            if (!Counts(lines[at], lines[next], head.Delimiter)) { continue; }
            return head with { SkipLines = next, HasNames = !Array.TrueForAll(lines[next].Split(head.Delimiter), IsNumber) };
        }

        return head;
    }

    private static bool Counts(string line, string row, char delimiter)
    {
        var values = line.Split(delimiter);
        return values.Length > 1 && IsWhole(values[0]) && IsWhole(values[1])
            && int.Parse(values[1], CultureInfo.InvariantCulture) == ValuesOf(row, delimiter) - 1
            && (values.Length == 2 ? ValuesOf(row, delimiter) > 2 : !Array.Exists(values[2..], IsNumber));
    }

    private static bool IsWhole(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static bool IsNumber(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private static bool IsNone(string line, Said form) =>
        string.IsNullOrWhiteSpace(line) || (form.Comment is { } comment && line[0] == comment);

    internal static int ValuesOf(string line, char delimiter)
    {
        var (values, isQuoted) = (1, false);
        foreach (var c in line)
        {
            if (c == '"') { isQuoted = !isQuoted; }
            else if (c == delimiter && !isQuoted) { values++; }
        }

        return values;
    }

    private static List<string> FirstLines(string path, Encoding? encoding)
    {
        using var text = new FileText(path, encoding);
        var (bytes, read) = (new byte[MaxBytes], 0);
        while (read < bytes.Length && text.Read(bytes.AsSpan(read)) is > 0 and var more) { read += more; }
        ReadOnlySpan<byte> start = bytes.AsSpan(0, read);
        if (start.StartsWith(Encoding.UTF8.Preamble)) { start = start[Encoding.UTF8.Preamble.Length..]; }
        if (FileKind.OfText(start) is { } kind) { throw new InvalidDataException($"the file is {kind}"); }
        var lines = Encoding.UTF8.GetString(start).Split('\n')
            .Select(static l => l.StartsWith("{\"", StringComparison.Ordinal) ? "" : l.TrimEnd('\r')).ToList();      // JSON is no row
        if (read == bytes.Length && lines.Count > 1) { lines.RemoveAt(lines.Count - 1); }       // the last line may be incomplete
        return lines[..Math.Min(lines.Count, MaxLines)];
    }
}
