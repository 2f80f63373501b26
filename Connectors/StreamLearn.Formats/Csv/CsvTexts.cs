using System.Collections.Immutable;

namespace StreamLearn.Formats;

public static partial class CsvSurvey
{
    /// <summary>The maximum number of distinct strings per column.</summary>
    public const int MaxTexts = 10_000;

    /// <summary>Counts the strings in columns over all rows, such as class labels or device names.</summary>
    /// <remarks>Skips rows of another width or with misplaced quotes, and missing values. Cost: one pass; memory for the strings and one
    /// row.</remarks>
    /// <param name="pattern">The files (<see cref="FileSet"/>).</param>
    /// <param name="columns">Column names without units.</param>
    /// <param name="options">The format; its columns are ignored.</param>
    /// <returns>For each column, its strings in ordinal order and the number of their rows.</returns>
    /// <exception cref="ArgumentException">A column has more than <see cref="MaxTexts"/> strings.</exception>
    /// <exception cref="FileRowsException">A file cannot be read or does not have a column.</exception>
    /// <exception cref="FileNotFoundException">No file matches a pattern with wildcards.</exception>
    public static ImmutableArray<ImmutableSortedDictionary<string, long>> Texts(
        string pattern, IReadOnlyList<string> columns, CsvOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        ArgumentNullException.ThrowIfNull(columns);
        return Count(pattern, columns, (options ?? new()).Checked(), leaveOut: false);
    }

    private static ImmutableArray<ImmutableSortedDictionary<string, long>> Count(
        string pattern, IReadOnlyList<string> columns, CsvOptions options, bool leaveOut)
    {
        if (columns.Count == 0) { return []; }
        var counts = columns.Select(static _ => new Dictionary<string, long>(StringComparer.Ordinal)).ToList();
        foreach (var path in FileSet.Find(pattern).Files)
        {
            try
            {
                Count(path, columns, counts, options);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                throw Refused(path, 0, e.Message, e);
            }
        }

        foreach (var (c, count) in counts.Index().Where(static c => c.Item.Count > MaxTexts))
        {
            if (!leaveOut)
            {
                throw new ArgumentException(
                    $"column '{columns[c]}' has more than {MaxTexts} different values: too many for classes or devices");
            }

            count.Clear();
        }

        return [.. counts.Select(static c => c.ToImmutableSortedDictionary(StringComparer.Ordinal))];
    }

    private static void Count(string path, IReadOnlyList<string> columns, List<Dictionary<string, long>> counts, CsvOptions options)
    {
        var (field, window, places, width) = (new CsvField(options.Delimiter), new ByteWindow(), Array.Empty<int>(), 0);
        HashSet<string> names = [], keys = [];
        using var text = new FileText(path, options.Encoding);
        List<string> row = [];
        while (NextRow(text, window, field, options, places, row, width) is { } found)
        {
            if (width == 0)
            {
                (names, keys) = ([.. row], [.. row.Select(CsvHeader.Key)]);
                (width, places) = (found, PlacesOf(columns, options.Header ? row : [.. row.Select(static (_, i) => CsvHeader.NameOf(i))]));
                if (Array.IndexOf(places, -1) is >= 0 and var missing)
                {
                    throw Refused(path, 1, $"expected a column '{columns[missing]}', got {string.Join(", ", names)}");
                }

                if (options.Header) { continue; }
                row = [.. places.Select(p => row[p])];
            }

            if (options.Header && CsvHeader.MayBegin(window.Bytes[window.RowStart])
                && (found != width || row.Exists(r => keys.Contains(CsvHeader.Key(r))))
                && LineBefore(window, field) is { } cells && CsvHeader.IsAgain(cells, names))
            {
                var own = PlacesOf(columns, cells);      // those of another header that lacks a column have no rows
                (names, keys) = ([.. cells], [.. cells.Select(CsvHeader.Key)]);
                (width, places) = (Array.IndexOf(own, -1) < 0 ? cells.Count : -1, own);
                continue;
            }

            if (found != width) { continue; }
            for (var c = 0; c < row.Count; c++) { Add(counts[c], row[c], options); }
        }
    }

    private static int[] PlacesOf(IReadOnlyList<string> columns, List<string> names)
    {
        var own = names.ConvertAll(static n => CsvHeader.Part(n).Name);
        return [.. columns.Select(c => own.IndexOf(c))];
    }

    /// <summary>Of the row that was read last; null if a quote is wrong.</summary>
    private static List<string>? LineBefore(ByteWindow window, CsvField field)
    {
        var at = window.RowStart;
        var cells = field.Cells(window.Bytes.AsSpan(0, window.At), ref at, out var end, out _);
        return end == FieldEnd.Line ? cells : null;
    }

    private static void Add(Dictionary<string, long> counts, string text, CsvOptions options)
    {
        if (options.Missing.Contains(text)) { return; }
        if (counts.TryGetValue(text, out var rows)) { counts[text] = rows + 1; }
        else if (counts.Count <= MaxTexts) { counts.Add(text, 1); }
    }

    /// <summary>Reads the values of a row at some positions, or all values if none are given; null at the end.</summary>
    private static int? NextRow(FileText text, ByteWindow window, CsvField field, CsvOptions options, int[] places,
        List<string> values, int usual)
    {
        while (true)
        {
            var isAtStart = window.Offset == 0 && window.Rest.StartsWith(Encoding.UTF8.Preamble);
            if (isAtStart) { window.At += Encoding.UTF8.Preamble.Length; }
            if (window.At < window.End && IsPassed(window, options) && window.TryPassLine()) { continue; }
            if (window.At < window.End && TryRow(window, field, places, values, usual) is { } width) { return width; }
            if (window.TryFill(text, options.MaxRowBytes, out var isFull)) { continue; }
            if (isFull || window.IsFinished)
            {
                if (window.At == window.End) { return null; }
                window.TryPassLine();        // the row is too long, or a quote is not closed
                return 0;
            }

            window.Finish();
        }
    }

    private static bool IsPassed(ByteWindow window, CsvOptions options)
    {
        var end = window.Rest.IndexOf((byte)'\n');
        return end >= 0 && (window.Line <= options.SkipLines || window.Rest[0] == options.Comment
            || window.Rest[..end].Trim(" \t\r"u8).IsEmpty);
    }

    /// <summary>Reads a row and returns its width, without empty values behind the usual width; null: its end is not in memory.</summary>
    private static int? TryRow(ByteWindow window, CsvField field, int[] places, List<string> values, int usual)
    {
        var bytes = window.Bytes.AsSpan(0, window.End);
        var (at, end, width, filled) = (window.At, FieldEnd.Delimiter, 0, 0);
        window.RowStart = at;
        values.Clear();
        for (var p = 0; p < places.Length; p++) { values.Add(""); }
        while (end == FieldEnd.Delimiter)
        {
            end = field.Find(bytes, ref at, out var value);
            if (places.Length == 0) { values.Add(Encoding.UTF8.GetString(value)); }
            for (var p = 0; p < places.Length; p++)
            {
                if (places[p] == width) { values[p] = Encoding.UTF8.GetString(value); }
            }

            width++;
            if (!value.Trim((byte)' ').IsEmpty) { filled = width; }
        }

        if (end == FieldEnd.Unknown) { return null; }
        if (end == FieldEnd.Line)
        {
            window.At = at;
            return usual > 0 && width > usual ? Math.Max(usual, filled) : width;
        }

        window.TryPassLine();
        return 0;
    }
}
