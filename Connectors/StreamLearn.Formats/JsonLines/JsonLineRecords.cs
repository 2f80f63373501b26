using System.Text.Json;

namespace StreamLearn.Formats;

/// <summary>Reads rows of one JSON object per line.</summary>
/// <remarks>Plain numbers are parsed in place if keys are in the order of the previous line; other lines use <see cref="Utf8JsonReader"/>.
/// Source: RFC 8259; jsonlines.org.</remarks>
internal sealed class JsonLineRecords : RecordReader
{
    private readonly RowColumn[] _columns;
    private readonly byte[][] _names;
    private readonly long[] _seen;       // the row in which a key was last seen
    private readonly int _maxRowBytes;
    private readonly JsonLineForm _form;
    private long _row;
    private int _wrong;         // the column with the fault, or −1
    private byte[] _plain = [];

    internal JsonLineRecords(RowFileOptions options, IReadOnlyList<FileColumn> columns, int first)
    {
        _columns = [.. columns.Select((c, i) => new RowColumn(first + i, c))];
        _names = [.. columns.Select(c => Encoding.UTF8.GetBytes(c.Source))];
        (_seen, _maxRowBytes, _form) = (new long[_columns.Length], options.MaxRowBytes, new(_names));
    }

    internal override RecordEnd Read(ByteWindow window, RowStage stage)
    {
        while (stage.Rows < stage.Capacity)
        {
            var plain = _form.TryRead(window, _columns, stage);
            if (plain > 0 && plain <= _maxRowBytes)
            {
                (window.At, window.Line, stage.Rows) = (window.At + plain, window.Line + 1, stage.Rows + 1);
                continue;
            }

            var rest = window.Rest;
            var length = rest.IndexOf((byte)'\n');
            if (length < 0) { return RecordEnd.NeedsMore; }
            var line = rest[..length];
            if (window.Offset == 0 && line is [0xEF, 0xBB, 0xBF, ..]) { line = line[3..]; }
            if (!line.Trim(" \t\r"u8).IsEmpty)
            {
                _wrong = -1;
                var fault = length >= _maxRowBytes ? FileFault.TooLong : ReadLine(line, stage);
                if (fault != FileFault.None)
                {
                    (Fault, FaultColumn, FaultLine) = (fault, _wrong < 0 ? null : _columns[_wrong].Name, window.Line);
                    FaultBytes = window.At..(window.At + length);
                    window.TryPassLine();
                    return RecordEnd.Refused;
                }

                stage.Rows++;
                _form.Learn(line);
            }

            window.TryPassLine();
        }

        return RecordEnd.IsFull;
    }

    private FileFault ReadLine(ReadOnlySpan<byte> line, RowStage stage)
    {
        var reader = new Utf8JsonReader(line);
        try
        {
            return ReadObject(ref reader, stage);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)      // the latter: a string that is not Unicode
        {
            _wrong = -1;
            return FileFault.BadJson;
        }
    }

    private FileFault ReadObject(ref Utf8JsonReader reader, RowStage stage)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) { return FileFault.BadJson; }
        var (number, expected) = (++_row, 0);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var c = Find(reader, expected);
            reader.Read();
            if (c < 0)
            {
                reader.Skip();
                continue;
            }

            (_wrong, expected) = (c, c + 1);
            if (_seen[c] == number) { return FileFault.BadJson; }
            _seen[c] = number;
            var fault = ReadValue(reader, _columns[c], stage);
            if (fault != FileFault.None) { return fault; }
        }

        _wrong = -1;
        if (reader.Read()) { return FileFault.BadJson; }
        for (var c = 0; c < _columns.Length; c++)
        {
            if (_seen[c] == number || _columns[c].Miss(stage, stage.Rows) == FileFault.None) { continue; }
            _wrong = c;
            return FileFault.MissingValue;
        }

        return FileFault.None;
    }

    /// <summary>Tries the key after the last one first.</summary>
    private int Find(in Utf8JsonReader reader, int expected)
    {
        for (var i = 0; i < _names.Length; i++)
        {
            var at = expected + i < _names.Length ? expected + i : expected + i - _names.Length;
            if (reader.ValueTextEquals(_names[at])) { return at; }
        }

        return -1;
    }

    private FileFault ReadValue(in Utf8JsonReader reader, RowColumn column, RowStage stage) => reader.TokenType switch
    {
        JsonTokenType.Null => column.Miss(stage, stage.Rows),
        JsonTokenType.Number when column.IsNumber || column.Value == RowValue.Flag => column.Read(reader.ValueSpan, stage, stage.Rows),
        JsonTokenType.True or JsonTokenType.False when column.Value == RowValue.Flag =>
            column.ReadFlag(reader.ValueSpan, stage, stage.Rows),
        JsonTokenType.String when column.IsNumber => reader.ValueTextEquals("NaN"u8) ? column.Miss(stage, stage.Rows) : FileFault.WrongType,
        JsonTokenType.String when column.Value != RowValue.Flag => column.Read(Text(reader), stage, stage.Rows),
        _ => FileFault.WrongType,
    };

    private ReadOnlySpan<byte> Text(in Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped) { return reader.ValueSpan; }
        if (_plain.Length < reader.ValueSpan.Length) { _plain = new byte[2 * reader.ValueSpan.Length]; }
        return _plain.AsSpan(0, reader.CopyString(_plain));
    }
}
