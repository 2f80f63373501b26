using System.Buffers;

namespace StreamLearn.Formats;

internal enum FieldEnd
{
    Delimiter,

    Line,

    Unknown,

    Bad,
}

/// <summary>Finds the ends of values. Source: RFC 4180; quotes occur only in quoted values, doubled.</summary>
internal sealed class CsvField
{
    private readonly byte _delimiter;
    private readonly SearchValues<byte> _ends;
    private readonly bool _isOneLine;       // a quoted value ends before its line
    private byte[] _plain = [];

    internal CsvField(char delimiter, bool isOneLine = false) => (_delimiter, _ends, _isOneLine) =
        ((byte)delimiter, SearchValues.Create([(byte)delimiter, (byte)'\n', (byte)'"']), isOneLine);

    internal int Lines { get; private set; }

    /// <summary><paramref name="at"/>: its start; on return, the start of the next value or line. <paramref name="value"/>: without
    /// quotes.</summary>
    internal FieldEnd Find(ReadOnlySpan<byte> bytes, ref int at, out ReadOnlySpan<byte> value)
    {
        Lines = 0;
        if (at < bytes.Length && bytes[at] == '"') { return FindQuoted(bytes, ref at, out value); }
        var length = bytes[at..].IndexOfAny(_ends);
        value = default;
        if (length < 0) { return FieldEnd.Unknown; }
        var end = at + length;
        if (bytes[end] == '"') { return FieldEnd.Bad; }
        value = bytes[at..end];
        var isLine = bytes[end] == '\n';
        if (isLine) { value = value.TrimEnd((byte)'\r'); }
        at = end + 1;
        return isLine ? FieldEnd.Line : FieldEnd.Delimiter;
    }

    /// <summary>Returns the cells of a line; null if its end is not in <paramref name="bytes"/>. <paramref name="at"/>: its start; on
    /// return, that of the next. <paramref name="end"/>: bad if a quote is misplaced.</summary>
    internal List<string>? Cells(ReadOnlySpan<byte> bytes, ref int at, out FieldEnd end, out int lines)
    {
        List<string> cells = [];
        (end, lines) = (FieldEnd.Delimiter, 0);
        while (end == FieldEnd.Delimiter)
        {
            end = Find(bytes, ref at, out var cell);
            if (end == FieldEnd.Unknown) { return null; }
            cells.Add(Encoding.UTF8.GetString(cell));
            lines += Lines;
        }

        return cells;
    }

    private FieldEnd FindQuoted(ReadOnlySpan<byte> bytes, ref int at, out ReadOnlySpan<byte> value)
    {
        value = default;
        var (close, doubled) = (at + 1, false);
        var line = _isOneLine ? bytes[at..].IndexOf((byte)'\n') : -1;
        if (line >= 0) { bytes = bytes[..(at + line + 1)]; }
        while (true)
        {
            var length = bytes[close..].IndexOf((byte)'"');
            if (length < 0) { return line < 0 ? FieldEnd.Unknown : FieldEnd.Bad; }
            close += length;
            if (close + 1 >= bytes.Length) { return FieldEnd.Unknown; }
            if (bytes[close + 1] != '"') { break; }
            (close, doubled) = (close + 2, true);
        }

        value = bytes[(at + 1)..close];
        Lines = value.Count((byte)'\n');
        if (doubled) { value = Undoubled(value); }
        var next = close + 1;
        if (bytes[next] == '\r' && next + 1 >= bytes.Length) { return FieldEnd.Unknown; }
        if (bytes[next] == '\r' && bytes[next + 1] == '\n') { next++; }
        if (bytes[next] != _delimiter && bytes[next] != '\n') { return FieldEnd.Bad; }
        at = next + 1;
        return bytes[next] == '\n' ? FieldEnd.Line : FieldEnd.Delimiter;
    }

    private ReadOnlySpan<byte> Undoubled(ReadOnlySpan<byte> value)
    {
        if (_plain.Length < value.Length) { _plain = new byte[2 * value.Length]; }
        var length = 0;
        for (var i = 0; i < value.Length; i++, length++)
        {
            _plain[length] = value[i];
            if (value[i] == '"') { i++; }
        }

        return _plain.AsSpan(0, length);
    }
}
