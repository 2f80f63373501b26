namespace StreamLearn.Formats;

/// <summary>Why a row or a file was refused.</summary>
public enum FileFault
{
    /// <summary>The payload was not refused.</summary>
    None,

    /// <summary>The row has too few or too many values.</summary>
    WrongWidth,

    /// <summary>A required value is missing.</summary>
    MissingValue,

    /// <summary>A value has the wrong type, such as a string for a number.</summary>
    WrongType,

    /// <summary>A number is infinite, or too large for its column.</summary>
    NotFinite,

    /// <summary>A time is not in the declared format, or not between 1678 and 2262.</summary>
    BadTime,

    /// <summary>A value is not a class of the column.</summary>
    UnknownClass,

    /// <summary>A quote is misplaced or not closed.</summary>
    BadQuotes,

    /// <summary>A line is not a JSON object, or repeats a key.</summary>
    BadJson,

    /// <summary>The row is too long.</summary>
    TooLong,

    /// <summary>A requested column is missing or repeated in the header, or has another unit.</summary>
    BadHeader,

    /// <summary>The file is damaged, or its compressed data is truncated; earlier rows were read.</summary>
    DamagedFile,

    /// <summary>A followed file was truncated; it is read again from its start.</summary>
    Truncated,

    /// <summary>A followed file was replaced; the new file is read from its start.</summary>
    Rotated,

    /// <summary>A line is a header again, as loggers write it at each start; rows below are read by it.</summary>
    RepeatedHeader,

    /// <summary>The header above the row is not the first of the file, and does not have all columns.</summary>
    OtherHeader,
}

/// <summary>An unreadable row, or a notice about a file.</summary>
/// <param name="File">The file.</param>
/// <param name="Line">The first line of the row, from 1; 0: none.</param>
/// <param name="Column">The name of the column in the file; null: none.</param>
/// <param name="Reason">The reason.</param>
/// <param name="Text">The row, or its first 256 bytes.</param>
public sealed record RefusedRow(string File, long Line, string? Column, FileFault Reason, string Text)
{
    internal const int MaxTextBytes = 256;
    private const int MaxShown = 100;

    internal static MessageCodec Codec { get; } = MessageCodec.Of<RefusedRow>("refused-row/1", State);

    /// <summary>Returns for example <c>data.csv:17, column 'ax': wrong type</c>.</summary>
    public override string ToString()
    {
        var (place, got) = (Line > 0 ? $"{File}:{Line}" : File, Shown(Text));
        var column = Column is null ? "" : $", column '{Shown(Column)}'";
        return $"{place}{column}: {Words(Reason)}{(got.Length == 0 ? "" : $", got '{got}'")}";
    }

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
        FileFault.RepeatedHeader => "repeated header",
        FileFault.OtherHeader => "below another header",
        _ => "none",
    };

    internal static void State(ref StateStream s, ref RefusedRow row)
    {
        var (file, line, column) = (s.Value(row?.File ?? ""), s.Value(row?.Line ?? 0), s.Value(row?.Column ?? ""));
        var (reason, text) = ((FileFault)s.Value((int)(row?.Reason ?? default), 0, (int)FileFault.OtherHeader), s.Value(row?.Text ?? ""));
        if (s.IsReading) { row = new(file, line, column.Length == 0 ? null : column, reason, text); }
    }
}

/// <summary>The exception for an unreadable file, or for a row that must not be skipped.</summary>
/// <param name="row">The row and reason.</param>
/// <param name="message">A message in one line; null: the text of the row.</param>
/// <param name="inner">The exception of the file system or decompressor, if there is one.</param>
public sealed class FileRowsException(RefusedRow row, string? message = null, Exception? inner = null)
    : Exception(message ?? row?.ToString(), inner)
{
    /// <summary>File, line, column and reason.</summary>
    public RefusedRow Row { get; } = row ?? throw new ArgumentNullException(nameof(row));
}
