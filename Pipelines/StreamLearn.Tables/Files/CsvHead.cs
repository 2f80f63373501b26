using System.IO.Compression;
using System.Text;

namespace StreamLearn.Tables;

/// <summary>Position of the header and the delimiter; many loggers write preamble lines first.</summary>
internal sealed record CsvHead(char Delimiter, int SkipLines)
{
    internal bool HasNames { get; init; } = true;

    private const int MaxCharacters = 64 << 10;
    private const int MaxLines = 200;
    private const int MaxLinesOfOne = 16;       // a quote open for more lines is not a quote
    private const string Separator = "sep=";

    private static readonly char[] Delimiters = [',', ';', '\t', '|'];

    /// <summary>The header is the first line with the number of values that most lines have. A first line such as <c>sep=;</c> sets the
    /// delimiter.</summary>
    /// <exception cref="InvalidDataException">The compressed data is damaged.</exception>
    internal static CsvHead Of(string path, CsvForm form) => Of(FirstLines(path, form.Encoding), form);

    /// <summary>Quoted values may contain line ends.</summary>
    internal static CsvHead Of(IReadOnlyList<string> lines, CsvForm form)
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

    /// <summary>Returns the number of lines of one record: several if a quoted value has line ends.</summary>
    private static int LinesOfOne(IReadOnlyList<string> lines, int at, CsvForm form)
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

    private static bool Parts(char c, CsvForm form) => c == form.Delimiter || Delimiters.Contains(c);

    private static CsvHead OfWhole(List<string> lines, CsvForm form)
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

        return best.Fit == 0 ? new(among[0], isSaid ? 1 : 0) : Counted(lines, new(best.Delimiter, best.Skip));
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

    private static bool IsNone(string line, CsvForm form) =>
        string.IsNullOrWhiteSpace(line) || (form.Comment is { } comment && line[0] == comment);

    private static int ValuesOf(string line, char delimiter)
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
        using var file = File.OpenRead(path);
        Span<byte> start = stackalloc byte[2];
        var isCompressed = file.ReadAtLeast(start, 2, throwOnEndOfStream: false) == 2 && start is [0x1f, 0x8b];
        file.Position = 0;
        using Stream plain = isCompressed ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(plain, encoding ?? Encoding.UTF8);
        var head = new char[MaxCharacters];
        try
        {
            var read = reader.ReadBlock(head);
            var lines = new string(head, 0, read).Split('\n').Select(static l => l.TrimEnd('\r')).ToList();
            if (read == MaxCharacters && lines.Count > 1) { lines.RemoveAt(lines.Count - 1); }       // the last line may be incomplete
            return lines[..Math.Min(lines.Count, MaxLines)];
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{path}: the compressed data is damaged", e);
        }
    }
}
