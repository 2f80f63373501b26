using System.Globalization;
using System.Text;

namespace StreamLearn.Formats;

/// <summary>Settings of <c>FromCsv</c>.</summary>
public sealed record CsvOptions : RowFileOptions
{
    /// <summary>Texts that stand for a missing value unless said otherwise: nothing, <c>NA</c>, <c>N/A</c>, <c>NaN</c>, <c>nan</c>,
    /// <c>null</c>, <c>NULL</c>, <c>None</c>.</summary>
    public static IReadOnlyList<string> DefaultMissing { get; } = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "None"];

    /// <summary>What separates values: an ASCII character that is no letter, digit, quote or line end; default a comma.</summary>
    public char Delimiter { get; init; } = ',';

    /// <summary>True: numbers have a comma before their fraction, <c>1,5</c>, and none has a point; not beside the delimiter comma. Default
    /// false.</summary>
    public bool DecimalComma { get; init; }

    /// <summary>True, the default: the first line names the columns, with units where they have one: <c>ax [m/s^2]</c>. False: columns are
    /// those of <see cref="RowFileOptions.Columns"/> in their order, or <c>c0</c>, <c>c1</c>, …</summary>
    public bool Header { get; init; } = true;

    /// <summary>How texts are encoded; null, the default: UTF-8, or UTF-16 where the file begins with its mark of the order of
    /// bytes.</summary>
    public Encoding? Encoding { get; init; }

    /// <summary>Lines before the header, or before the first row, that are passed over, 0 to 10,000; default 0.</summary>
    public int SkipLines { get; init; }

    /// <summary>The character with which a line begins that is passed over; null, the default: none.</summary>
    public char? Comment { get; init; }

    /// <summary>Texts that stand for a missing value; default <see cref="DefaultMissing"/>. A number does so however it is written:
    /// <c>-200</c> is <c>-200.0</c> too.</summary>
    public IReadOnlyList<string> Missing { get; init; } = DefaultMissing;

    /// <summary>Where columns are found: the one in the file that becomes the class label, of texts or of whole numbers; null, the default:
    /// a column of texts named <c>label</c>.</summary>
    public string? Label { get; init; }

    /// <summary>Rows that are looked at to find out of which types the columns are, at least 1; default 1,000.</summary>
    public int SurveyRows { get; init; } = 1000;

    internal override Encoding? TextEncoding => Encoding;

    internal double[] MissingNumbers => [.. Missing.Select(static m =>
        double.TryParse(m, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN).Where(double.IsFinite)];

    internal CsvOptions Checked()
    {
        CheckCharacter(Delimiter, nameof(Delimiter));
        if (Comment is { } comment) { CheckCharacter(comment, nameof(Comment)); }
        if (Comment == Delimiter) { throw new ArgumentException($"expected two characters, got '{Comment}' as delimiter and comment"); }
        if (DecimalComma && Delimiter == ',')
        {
            throw new ArgumentException("expected another delimiter beside decimal commas, got a comma");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(SurveyRows, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(SkipLines);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(SkipLines, 10_000);
        return this;
    }

    internal string Text(IReadOnlyList<FileColumn> columns) =>
        FormattableString.Invariant($"{string.Join("; ", columns)}; '{Delimiter}'{(Header ? "" : ", no header")}")
            + (DecimalComma ? ", decimal commas" : "")
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
