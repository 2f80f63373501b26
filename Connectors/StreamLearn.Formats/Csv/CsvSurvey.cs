using System.Collections.Immutable;
using System.Globalization;

namespace StreamLearn.Formats;

/// <summary>Detects the columns of files from their rows.</summary>
/// <remarks> Types come from the first rows of the first file. Times: the first column of which every value is an ISO 8601 time, or another
/// common form with unambiguous day and month; missing or other values are allowed only if <see cref="RowFileOptions.SkipBadRows"/> skips
/// rows. Flags: true and false. Integers: int32, or int64 if needed. Other numbers: float32, or float64 above nine significant digits; if
/// bad rows are skipped, nine of ten distinct values, of at least sixteen, must be numbers. Everything else: classes, which are the strings
/// of all rows in all files in ordinal order. Unnamed columns and columns with more than <see cref="MaxTexts"/> strings are skipped.
/// <see cref="CsvOptions.Label"/>, otherwise a string column named <c>label</c>, becomes the class label. A column allows missing values if
/// one was missing in the first rows. Units come from the header. Numbers are never read as times. </remarks>
public static partial class CsvSurvey
{
    private const int MaxSignificant = 9;
    private const int MinNumbers = 16;        // number of distinct numbers that make a column numeric although some values are not numbers
    private const double MostlyNumbers = 0.9;
    private const int MinDatesShare = 50;     // rows of a date, at most, where dates are times
    private const string Delimiters = ";\t|,";

    /// <summary>Detects the columns of one or several files.</summary>
    /// <param name="pattern">The files (<see cref="FileSet"/>).</param>
    /// <param name="options">The format; its columns are ignored.</param>
    /// <exception cref="FileRowsException">A file cannot be read, the first has no row or no such label, or a row has another width and
    /// <see cref="RowFileOptions.SkipBadRows"/> does not skip it.</exception>
    /// <exception cref="FileNotFoundException">No file matches a pattern with wildcards.</exception>
    public static ImmutableArray<FileColumn> Columns(string pattern, CsvOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        options = (options ?? new()).Checked();
        var path = FileSet.Find(pattern).Files[0];
        var (names, rows) = Rows(path, options);
        if (rows.Count == 0) { throw Refused(path, 0, "expected a row to detect the columns, got none"); }
        List<FileColumn> columns = [];
        CheckNames(path, names);
        var isUndecided = options is { Delimiter: ';', DecimalComma: false }       // where numbers are usually written with commas
            && !rows.Exists(static r => r.Exists(static v => v.Contains('.', StringComparison.Ordinal) && IsNumber(v) && !IsGrouped(v)));
        for (var c = 0; c < names.Count; c++)
        {
            if (CsvHeader.Part(names[c]).Name.Length == 0) { continue; }     // such as those after a trailing comma in each line
            var values = rows.Select(r => r[c]).Where(v => !options.Missing.Contains(v)).ToList();
            var hasTime = options.SamplesPerSecond is not null || columns.Exists(static k => k.Value == FileValue.Time);
            var isNullable = values.Count < rows.Count;
            if (MayBeThousands(values, isUndecided))
            {
                columns.Add(Texts(CsvHeader.Part(names[c]).Name, isNullable));
                continue;
            }

            var (name, plain) = Undressed(names[c], values, options)
                ?? (names[c], options.DecimalComma ? values.ConvertAll(WithPoint) : values);
            var isConstant = !hasTime && rows.Count > 1 && !Varies(c) && Enumerable.Range(c + 1, names.Count - c - 1).Any(other =>
                Varies(other) && TimeOf(names[other], rows.ConvertAll(r => r[other]), options.SkipBadRows) is not null);
            columns.Add(Column(name, plain, isNullable, hasTime || isConstant, options.SkipBadRows));
        }

        if (options.Label is { } label)
        {
            var place = columns.FindIndex(c => c.Source == label);
            if (place < 0) { throw Refused(path, 1, $"expected a column '{label}', got {string.Join(", ", names)}"); }
            columns[place] = FileColumn.Label(label);
        }

        return WithClasses(pattern, columns, options);

        // the start of a query stands in each row of some exports
        bool Varies(int column) => rows.Exists(r => r[column] != rows[0][column]);
    }

    /// <summary>Returns the names and units of the columns in order; unnamed columns have empty names.</summary>
    /// <exception cref="FileRowsException">The file cannot be read.</exception>
    public static ImmutableArray<(string Name, Unit? Unit)> Names(string path, CsvOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return [.. Rows(path, ((options ?? new()) with { SurveyRows = 1 }).Checked()).Names.Select(CsvHeader.Part)];
    }

    /// <summary>Splits a header's text in name and unit, as the columns have them: <c>temperature [°C]</c>.</summary>
    public static (string Name, Unit? Unit) NameOf(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return CsvHeader.Part(text);
    }

    private static void CheckNames(string path, List<string> texts)
    {
        List<string> names = [.. texts.Select(static t => CsvHeader.Part(t).Name).Where(static n => n.Length > 0)];
        if (names.CountBy(static n => n).FirstOrDefault(static n => n.Value > 1) is { Key: { } twice })
        {
            throw Refused(path, 1, $"two columns are named '{twice}'");
        }

        if (names.Count > Schema.MaxColumns) { throw Refused(path, 1, $"expected at most {Schema.MaxColumns} columns, got {names.Count}"); }
    }

    private static ImmutableArray<FileColumn> WithClasses(string pattern, List<FileColumn> columns, CsvOptions options)
    {
        var asked = columns.Where(static c => c.Value == FileValue.Class).Select(static c => c.Source).ToList();
        var texts = Count(pattern, asked, options, leaveOut: true).Select(static t => Ordered(t.Keys)).ToList();
        return [.. columns.Select(c => c.Value == FileValue.Class ? c with { Classes = texts[asked.IndexOf(c.Source)] } : c)
            .Where(static c => c.Value != FileValue.Class || c.Classes.Length > 0)];
    }

    /// <summary>Sorts numbers by value, other strings ordinally.</summary>
    private static ImmutableArray<string> Ordered(IEnumerable<string> texts)
    {
        var all = texts.ToList();
        return all.TrueForAll(static t => double.TryParse(t, NumberStyles.Float, CultureInfo.InvariantCulture, out _))
            ? [.. all.OrderBy(static t => double.Parse(t, NumberStyles.Float, CultureInfo.InvariantCulture))
                .ThenBy(static t => t, StringComparer.Ordinal)]
            : [.. all.Order(StringComparer.Ordinal)];
    }

    private static FileColumn Column(string text, List<string> values, bool isNullable, bool hasTime, bool skipsBad)
    {
        var (name, unit) = CsvHeader.Part(text);
        FileColumn Number(ColumnType type) => FileColumn.Number(name, type, unit, isNullable);
        if (values.Count == 0) { return Number(ColumnType.Float32); }
        if (!hasTime && (!isNullable || skipsBad) && TimeOf(name, values, skipsBad) is { } time) { return time; }
        if (values.TrueForAll(static v => bool.TryParse(v, out _))) { return FileColumn.Flag(name, isNullable); }
        if (values.TrueForAll(static v => int.TryParse(v, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)))
        {
            return Number(ColumnType.Int32);
        }

        if (values.TrueForAll(static v => long.TryParse(v, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)))
        {
            return Number(ColumnType.Int64);
        }

        if (values.TrueForAll(IsNumber))
        {
            return Number(values.Exists(static v => Significant(v) > MaxSignificant) ? ColumnType.Float64 : ColumnType.Float32);
        }

        return name != Schema.LabelColumn && skipsBad && AreMostlyNumbers(values) ? Number(ColumnType.Float32) : Texts(name, isNullable);
    }

    private static FileColumn Texts(string name, bool isNullable)
    {
        if (name == Schema.LabelColumn) { return FileColumn.Label(name); }
        var column = FileColumn.Class(name);
        return isNullable ? column with { Field = column.Field with { Nullable = true } } : column;
    }

    /// <summary>Removes the same unit behind each number of a column, and separators of thousands; null: nothing to remove.</summary>
    private static (string Name, List<string> Values)? Undressed(string name, List<string> values, CsvOptions options)
    {
        if (values.TrueForAll(IsNumber)) { return null; }
        List<string> units = [], plain = [];
        Span<byte> number = stackalloc byte[DressedNumber.MaxBytes];
        foreach (var value in values)
        {
            if (!DressedNumber.TryPlain(Encoding.UTF8.GetBytes(value), number, options.DecimalComma, out var length, out var unit))
            {
                return null;
            }

            units.Add(Encoding.UTF8.GetString(unit));
            plain.Add(Encoding.UTF8.GetString(number[..length]));
        }

        var symbols = units.Distinct(StringComparer.Ordinal).ToList();
        if (symbols is [""]) { return (name, plain); }
        if (symbols is not [var symbol] || values.Distinct(StringComparer.Ordinal).Count() < MinNumbers) { return null; }
        var (own, declared) = CsvHeader.Part(name);
        return declared is null ? ($"{own} [{symbol}]", plain) : FileColumn.UnitSymbol(symbol) == declared.Symbol ? (name, plain) : null;
    }

    /// <summary>True for numbers such as 987 beside 1.234 and 12.345: the point may separate thousands, so they are no numbers.
    /// <paramref name="isUndecided"/>: nothing in the file says what a point is, so 1.234 alone is enough.</summary>
    private static bool MayBeThousands(List<string> values, bool isUndecided)
    {
        var texts = values.Distinct(StringComparer.Ordinal).ToList();
        var grouped = texts.Count(IsGrouped);
        return grouped >= MinNumbers && (isUndecided || texts.Count - grouped >= MinNumbers)
            && texts.TrueForAll(static t => IsGrouped(t)
                || (t.TrimStart('-') is { Length: >= 1 and <= 3 } whole && whole.All(char.IsAsciiDigit)));
    }

    private static bool IsGrouped(string text) => text.TrimStart('-').Split('.') is [{ Length: >= 1 and <= 3 } first, { Length: 3 } group]
        && first[0] != '0' && (first + group).All(char.IsAsciiDigit);

    private static bool AreMostlyNumbers(List<string> values)
    {
        var different = values.Distinct(StringComparer.Ordinal).ToList();
        var numbers = different.FindAll(IsNumber).Count;
        return numbers >= MinNumbers && numbers >= MostlyNumbers * different.Count;
    }

    private static bool IsNumber(string value) => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    /// <summary>Converts a decimal comma; a string with a point is not a number.</summary>
    private static string WithPoint(string value)
    {
        var written = value.Contains('.', StringComparison.Ordinal) ? $",{value}" : value.Replace(',', '.');
        return IsNumber(value) || IsNumber(written) ? written : value;
    }

    /// <summary>Returns a time column in ISO 8601 or the only other matching form; null if there is none, or it is ambiguous. If bad rows
    /// are skipped, nine of ten values must be times.</summary>
    private static FileColumn? TimeOf(string name, List<string> values, bool skipsBad)
    {
        var bytes = values.ConvertAll(Encoding.UTF8.GetBytes);
        var most = skipsBad ? (int)((1 - MostlyNumbers) * bytes.Count) : 0;
        if (Reads(static v => IsoTime.TryRead(v, out _))) { return FileColumn.Time(name); }
        var forms = TimeFormats.Known.Concat(AreMany() ? TimeFormats.Dates : []).Where(f => Reads(v => TimeFormats.TryRead(v, f, out _)))
            .Take(2).ToList();
        return forms is [var form] ? FileColumn.Time(name) with { TimeFormat = form } : null;

        // dates of few days are rather those of recordings
        bool AreMany() => MinDatesShare * values.Distinct(StringComparer.Ordinal).Count() >= values.Count;

        bool Reads(Func<byte[], bool> read)
        {
            var wrong = 0;
            return bytes.TrueForAll(v => read(v) || ++wrong <= most);
        }
    }

    private static int Significant(string value) =>
        value.Split('e', 'E')[0].Where(char.IsAsciiDigit).SkipWhile(static d => d == '0').Count();

    private static (List<string> Names, List<List<string>> Rows) Rows(string path, CsvOptions options)
    {
        var (field, window, names) = (new CsvField(options.Delimiter), FirstBytes(path, options), new List<string>());
        List<List<string>> rows = [];
        (long Line, int Values)? other = null;
        while (window.At < window.End && rows.Count < options.SurveyRows)
        {
            var rest = window.Rest;
            if (rest[0] == options.Comment || rest[..(rest.IndexOf((byte)'\n') + 1)].Trim(" \t\r\n"u8).IsEmpty)
            {
                if (!window.TryPassLine()) { break; }
                continue;
            }

            var (line, at) = (window.Line, window.At);
            var row = field.Cells(window.Bytes.AsSpan(0, window.End), ref at, out var end, out var lines);
            if (row is null && rows.Count > 0) { break; }      // truncated at the maximum row length
            if (end == FieldEnd.Bad && options.SkipBadRows && names.Count > 0 && window.TryPassLine()) { continue; }
            if (row is null || end != FieldEnd.Line) { throw Refused(path, line, "expected a line without a quote inside a value"); }
            (window.At, window.Line) = (at, line + lines + 1);
            if (names.Count == 0)
            {
                names.AddRange(options.Header ? row : row.Select(static (_, i) => CsvHeader.NameOf(i)));
                if (row is [var only] && only.AsSpan().IndexOfAny(Delimiters) is >= 0 and var place)
                {
                    throw Refused(path, line, $"expected several columns, got '{only}': set Delimiter = '{only[place]}'");
                }

                if (options.Header) { continue; }
            }

            while (row.Count > names.Count && string.IsNullOrWhiteSpace(row[^1])) { row.RemoveAt(row.Count - 1); }
            if (options.Header && CsvHeader.IsAgain(row, names))
            {
                if (rows.Count > 0 && !row.SequenceEqual(names)) { break; }
            }
            else if (row.Count == names.Count) { rows.Add(row); }
            else if (options.SkipBadRows) { other ??= (line, row.Count); }
            else { throw Refused(path, line, $"expected {names.Count} values, got {row.Count}"); }
        }

        if (rows.Count == 0 && other is { } first)
        {
            throw Refused(path, first.Line, $"expected {names.Count} values in each row, one per header column, got {first.Values}");
        }

        return (names, rows);
    }

    private static ByteWindow FirstBytes(string path, CsvOptions options)
    {
        var window = new ByteWindow();
        try
        {
            using var text = new FileText(path, options.Encoding);
            bool isCut;
            while (window.TryFill(text, options.MaxRowBytes, out isCut)) { }
            if (!isCut) { window.Finish(); }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw Refused(path, 0, e.Message, e);
        }

        if (window.Rest.StartsWith(Encoding.UTF8.Preamble)) { window.At = Encoding.UTF8.Preamble.Length; }
        while (window.Line <= options.SkipLines && window.TryPassLine()) { }
        return window;
    }

    private static FileRowsException Refused(string path, long line, string message, Exception? inner = null) =>
        new(new(path, line, null, FileFault.BadHeader, ""), $"{path}{(line > 0 ? $":{line}" : "")}: {message}", inner);
}
