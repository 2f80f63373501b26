namespace StreamLearn.Formats;

/// <summary>Why a row or a file was refused.</summary>
public enum FileFault
{
    /// <summary>It was not refused.</summary>
    None,

    /// <summary>The row has fewer or more values than there are columns.</summary>
    WrongWidth,

    /// <summary>A value is missing where none may be.</summary>
    MissingValue,

    /// <summary>A value is not what its column holds, such as a text where a number is due.</summary>
    WrongType,

    /// <summary>A number is infinite, or too large for its column.</summary>
    NotFinite,

    /// <summary>A time is not written as declared, or not between 1678 and 2262.</summary>
    BadTime,

    /// <summary>A text is none of the column's classes.</summary>
    UnknownClass,

    /// <summary>A quote stands inside a value, or is never closed.</summary>
    BadQuotes,

    /// <summary>A line is not a JSON object, or has a key twice.</summary>
    BadJson,

    /// <summary>A row is longer than allowed.</summary>
    TooLong,

    /// <summary>The first line does not name a column that is asked for, names it twice, or with another unit.</summary>
    BadHeader,

    /// <summary>The file is cut off inside compressed data, or damaged; what came before was read.</summary>
    DamagedFile,

    /// <summary>A file that is followed became shorter than what was read of it: it is read from its beginning.</summary>
    Truncated,

    /// <summary>Another file has the name of the file that is followed: it is read from its beginning.</summary>
    Rotated,
}

/// <summary>What becomes of rows that cannot be read.</summary>
public enum BadRows
{
    /// <summary>The first one fails the run, with a <see cref="FileRowsException"/>.</summary>
    Stop,

    /// <summary>They are left out, and counted by their reason.</summary>
    Skip,
}

/// <summary>A row that was not read, or a notice about a file.</summary>
/// <param name="File">The file.</param>
/// <param name="Line">The line at which the row begins, from 1; 0: no line is concerned.</param>
/// <param name="Column">The column concerned, by its name in the file; null: none.</param>
/// <param name="Reason">Why.</param>
/// <param name="Text">The row, or its first 256 bytes.</param>
public sealed record RefusedRow(string File, long Line, string? Column, FileFault Reason, string Text)
{
    internal const int MaxTextBytes = 256;
    private const int MaxShown = 100;

    internal static MessageCodec Codec { get; } = MessageCodec.Of<RefusedRow>("refused-row/1", State);

    /// <summary>Says it in a sentence: <c>data.csv:17, column 'ax': wrong type</c>.</summary>
    public override string ToString()
    {
        var (place, got) = (Line > 0 ? $"{File}:{Line}" : File, Shown(Text));
        var column = Column is null ? "" : $", column '{Shown(Column)}'";
        return $"{place}{column}: {Words(Reason)}{(got.Length == 0 ? "" : $", got '{got}'")}";
    }

    /// <summary>The beginning of a text from a file, as it may stand in a log: a dot for each character that would control a
    /// terminal.</summary>
    private static string Shown(string text)
    {
        var begin = text.AsSpan(0, Math.Min(text.Length, MaxShown));
        var end = begin.IndexOfAny('\n', '\r');
        var isCut = begin.Length < text.Length || (end >= 0 && !begin[end..].Trim("\r\n").IsEmpty);
        if (end >= 0) { begin = begin[..end]; }
        return PrintableText.Of(begin.ToString()) + (isCut ? "…" : "");
    }

    internal static string Words(FileFault reason) => reason switch
    {
        FileFault.WrongWidth => "wrong width",
        FileFault.MissingValue => "missing value",
        FileFault.WrongType => "wrong type",
        FileFault.NotFinite => "not finite",
        FileFault.BadTime => "bad time",
        FileFault.UnknownClass => "unknown class",
        FileFault.BadQuotes => "bad quotes",
        FileFault.BadJson => "bad json",
        FileFault.TooLong => "too long",
        FileFault.BadHeader => "bad header",
        FileFault.DamagedFile => "damaged file",
        FileFault.Truncated => "truncated",
        FileFault.Rotated => "rotated",
        _ => "none",
    };

    internal static void State(ref StateStream s, ref RefusedRow row)
    {
        var (file, line, column) = (s.Value(row?.File ?? ""), s.Value(row?.Line ?? 0), s.Value(row?.Column ?? ""));
        var (reason, text) = ((FileFault)s.Value((int)(row?.Reason ?? default), 0, (int)FileFault.Rotated), s.Value(row?.Text ?? ""));
        if (s.IsReading) { row = new(file, line, column.Length == 0 ? null : column, reason, text); }
    }
}

/// <summary>A file cannot be read, or a row of it cannot and rows are not to be left out.</summary>
/// <param name="row">Which row, and why.</param>
/// <param name="message">One line; null: what the row says.</param>
/// <param name="inner">What the file system or the decompression said, if it did.</param>
public sealed class FileRowsException(RefusedRow row, string? message = null, Exception? inner = null)
    : Exception(message ?? row?.ToString(), inner)
{
    /// <summary>File, line, column and reason.</summary>
    public RefusedRow Row { get; } = row ?? throw new ArgumentNullException(nameof(row));
}
