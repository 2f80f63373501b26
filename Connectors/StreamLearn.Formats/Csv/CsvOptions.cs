using System.Globalization;

namespace StreamLearn.Formats;

/// <summary>Settings of <c>FromCsv</c>.</summary>
public sealed record CsvOptions : RowFileOptions
{
    /// <summary>The default values that mean missing: empty, <c>NA</c>, <c>N/A</c>, <c>NaN</c>, <c>nan</c>, <c>null</c>, <c>NULL</c>,
    /// <c>None</c>.</summary>
    public static IReadOnlyList<string> DefaultMissing { get; } = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "None"];

    /// <summary>The value separator: ASCII, but not a letter, digit, quote or line end; default a comma.</summary>
    public char Delimiter { get; init; } = ',';

    /// <summary>True: numbers have a decimal comma, <c>1,5</c>, and never a point; requires another delimiter. Default false.</summary>
    public bool DecimalComma { get; init; }

    /// <summary>True (default): the first line names the columns, optionally with units: <c>ax [m/s^2]</c>. False: columns are
    /// <see cref="RowFileOptions.Columns"/> in order, or <c>c0</c>, <c>c1</c>, …</summary>
    public bool Header { get; init; } = true;

    /// <summary>The names of the columns of rows without a header, in order, with units as in a header; default empty: <see cref="Header"/>
    /// says the columns.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>The text encoding; null (default): UTF-8, or UTF-16 with a byte order mark.</summary>
    public Encoding? Encoding { get; init; }

    /// <summary>Lines to skip before the header or first row, 0 to 10,000; default 0.</summary>
    public int SkipLines { get; init; }

    /// <summary>The first character of lines to skip; null (default): no lines are skipped.</summary>
    public char? Comment { get; init; }

    /// <summary>Values that mean missing; default <see cref="DefaultMissing"/>. Numbers match in any notation: <c>-200</c> matches
    /// <c>-200.0</c>.</summary>
    public IReadOnlyList<string> Missing { get; init; } = DefaultMissing;

    /// <summary>If columns are detected: the column that becomes the class label, with strings or integers; null (default): a string column
    /// named <c>label</c>.</summary>
    public string? Label { get; init; }

    /// <summary>Rows examined to detect column types, at least 1; default 1,000.</summary>
    public int SurveyRows { get; init; } = 1000;

    internal override Encoding? TextEncoding => Encoding;

    internal double[] MissingNumbers => [.. Missing.Select(static m =>
        double.TryParse(m, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN).Where(double.IsFinite)];

    internal CsvOptions Checked()
    {
        CheckCharacter(Delimiter, nameof(Delimiter));
        if (Comment is { } comment) { CheckCharacter(comment, nameof(Comment)); }
        if (Comment == Delimiter)
        {
            throw new ArgumentException($"expected different characters for delimiter and comment, got '{Comment}' for both");
        }
        if (DecimalComma && Delimiter == ',')
        {
            throw new ArgumentException("expected another delimiter with decimal commas, got a comma");
        }

        if (Header && Names.Count > 0) { throw new ArgumentException("expected no header with names of columns"); }
        ArgumentOutOfRangeException.ThrowIfLessThan(SurveyRows, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(SkipLines);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(SkipLines, 10_000);
        return this;
    }

    internal string Text(IReadOnlyList<FileColumn> columns) =>
        FormattableString.Invariant($"{string.Join("; ", columns)}; '{Delimiter}'{(Header ? "" : ", no header")}")
            + (DecimalComma ? ", decimal commas" : "") + (Names.Count == 0 ? "" : $", names {string.Join("|", Names)}")
            + FormattableString.Invariant($"{(SkipLines == 0 ? "" : $", after {SkipLines} lines")}")
            + FormattableString.Invariant($"{(Comment is null ? "" : $", comments {Comment}")}, batches of {BatchRows} rows, {BadRows}")
            + (ReferenceEquals(Missing, DefaultMissing) ? "" : $", missing {string.Join("|", Missing)}")
            + FormattableString.Invariant($"{(SamplesPerSecond is null ? "" : $", {SamplesPerSecond} rows/s from {Start:O}")}")
            + (Follow is null ? "" : $", followed every {Follow}");

    private static void CheckCharacter(char character, string name)
    {
        if (char.IsAscii(character) && !char.IsAsciiLetterOrDigit(character) && character is not ('"' or '\r' or '\n' or '+' or '-' or '.')
            && (character >= ' ' || character == '\t'))
        {
            return;
        }

        throw new ArgumentException(
            $"expected an ASCII character that is not part of numbers, quotes or line ends, got '{character}'", name);
    }
}
