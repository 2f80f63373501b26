using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using StreamLearn.Formats;

namespace StreamLearn.Files;

/// <summary>Finds out from the first rows of a file what its columns are.</summary>
/// <remarks>
/// Times: the first column of which every value is a time of ISO 8601. Flags: true and false. Whole numbers: int32, or int64 where
/// one does not fit. Other numbers: float32, or float64 where one has more than nine significant digits. All else: classes, the texts
/// in ordinal order; a column named <c>label</c> becomes the class label. A column may be missing if it was missing in one of the
/// rows. Units are those of the header. Numbers are not guessed to be times.
/// </remarks>
public static partial class CsvSurvey
{
    private const int MaxSignificant = 9;

    /// <summary>Looks at a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How it is written; its columns are not looked at.</param>
    /// <exception cref="FileRowsException">It cannot be read, has no row, or a row is not as wide as the others and
    /// <see cref="RowFileOptions.BadRows"/> does not say that it is to be left out.</exception>
    public static ImmutableArray<FileColumn> Columns(string path, CsvOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options = (options ?? new()).Checked();
        var (names, rows) = Rows(path, options);
        if (rows.Count == 0) { throw Refused(path, 0, "expected a row to find out what the columns are, got none"); }
        List<FileColumn> columns = [];
        for (var c = 0; c < names.Count; c++)
        {
            var values = rows.Select(r => r[c]).Where(v => !options.Missing.Contains(v)).ToList();
            var hasTime = options.SamplesPerSecond is not null || columns.Exists(static k => k.Value == FileValue.Time);
            columns.Add(Column(names[c], values, isNullable: values.Count < rows.Count, hasTime));
        }

        return [.. columns];
    }

    private static FileColumn Column(string text, List<string> values, bool isNullable, bool hasTime)
    {
        var (name, unit) = CsvHeader.Part(text);
        FileColumn Number(ColumnType type) => FileColumn.Number(name, type, unit, isNullable);
        if (values.Count == 0) { return Number(ColumnType.Float32); }
        if (!hasTime && !isNullable && values.TrueForAll(IsTime)) { return FileColumn.Time(name); }
        if (values.TrueForAll(static v => bool.TryParse(v, out _))) { return FileColumn.Flag(name, isNullable); }
        if (values.TrueForAll(static v => int.TryParse(v, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)))
        {
            return Number(ColumnType.Int32);
        }

        if (values.TrueForAll(static v => long.TryParse(v, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)))
        {
            return Number(ColumnType.Int64);
        }

        if (values.TrueForAll(static v => double.TryParse(v, NumberStyles.Float, CultureInfo.InvariantCulture, out _)))
        {
            return Number(values.Exists(static v => Significant(v) > MaxSignificant) ? ColumnType.Float64 : ColumnType.Float32);
        }

        var classes = values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToImmutableArray();
        if (name == Schema.LabelColumn) { return FileColumn.Label(name, classes); }
        var column = FileColumn.Class(name, classes);
        return isNullable ? column with { Field = column.Field with { Nullable = true } } : column;
    }

    private static bool IsTime(string value) => IsoTime.TryRead(Encoding.UTF8.GetBytes(value), out _);

    private static int Significant(string value) =>
        value.Split('e', 'E')[0].Where(char.IsAsciiDigit).SkipWhile(static d => d == '0').Count();

    private static (List<string> Names, List<List<string>> Rows) Rows(string path, CsvOptions options)
    {
        var (field, window, names) = (new CsvField(options.Delimiter), new ByteWindow(), new List<string>());
        List<List<string>> rows = [];
        try
        {
            using var text = new FileText(path);
            bool isCut;
            while (window.TryFill(text, options.MaxRowBytes, out isCut)) { }
            if (!isCut) { window.Finish(); }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw Refused(path, 0, e.Message, e);
        }

        var bytes = window.Bytes.AsSpan(0, window.End);
        if (bytes.StartsWith(Encoding.UTF8.Preamble)) { window.At = Encoding.UTF8.Preamble.Length; }
        while (window.At < window.End && rows.Count < options.SurveyRows)
        {
            var rest = window.Rest;
            if (rest[0] == options.Comment || rest[..(rest.IndexOf((byte)'\n') + 1)].Trim(" \t\r\n"u8).IsEmpty)
            {
                if (!window.TryPassLine()) { break; }
                continue;
            }

            List<string> row = [];
            var (at, end, lines) = (window.At, FieldEnd.Delimiter, 1);
            while (end == FieldEnd.Delimiter)
            {
                end = field.Find(bytes, ref at, out var value);
                lines += field.Lines;
                row.Add(Encoding.UTF8.GetString(value));
            }

            if (end == FieldEnd.Unknown && rows.Count > 0) { break; }      // cut by the bound of a row
            if (end != FieldEnd.Line) { throw Refused(path, window.Line, "expected a line without a quote inside a value"); }
            (window.At, window.Line) = (at, window.Line + lines);
            if (names.Count == 0)
            {
                names.AddRange(options.Header ? row : row.Select(static (_, i) => $"c{i}"));
                if (options.Header) { continue; }
            }

            if (row.Count != names.Count && options.BadRows == BadRows.Skip) { continue; }
            if (row.Count != names.Count) { throw Refused(path, window.Line - lines, $"expected {names.Count} values, got {row.Count}"); }
            rows.Add(row);
        }

        return (names, rows);
    }

    private static FileRowsException Refused(string path, long line, string message, Exception? inner = null) =>
        new(new(path, line, null, FileFault.BadHeader, ""), $"{path}{(line > 0 ? $":{line}" : "")}: {message}", inner);
}
