using System.Buffers;
using System.Globalization;

namespace StreamLearn.Formats;

/// <summary><paramref name="Close"/>: after the last value, with the line end. <paramref name="Quote"/>: around ISO 8601 times.</summary>
internal sealed record TextMarks(string Open, string Between, string Close, string Missing, string Quote);

/// <summary>Writes rows as lines of text; a number is the shortest string that round-trips. <paramref name="columns"/>: empty: all, event
/// time as ISO 8601. <paramref name="key"/>: text before a value.</summary>
internal sealed class TextRows(
    TextMarks marks, IReadOnlyList<FileColumn> columns, Func<IReadOnlyList<FileColumn>, string> head, Func<FileColumn, string> key,
    Func<string, string> text, OperatorContext? context) : IRowEncoder
{
    private const int MaxNumber = 64;

    private readonly byte[] _close = Encoding.UTF8.GetBytes(marks.Close);
    private readonly byte[] _missing = Encoding.UTF8.GetBytes(marks.Missing);
    private readonly byte[] _quote = Encoding.UTF8.GetBytes(marks.Quote);
    private byte[] _head = [];
    private FileColumn[] _columns = [];
    private int[] _places = [];
    private byte[][] _before = [];
    private byte[][][] _classes = [];
    private int _maxRow;

    public bool CountsRows => false;

    public string? Begin(Schema schema)
    {
        _columns = columns.Count > 0 ? [.. columns] : [.. schema.Fields.Select(Default)];
        _places = [.. _columns.Select(c => schema.IndexOf(c.Field.Name))];
        for (var c = 0; c < _columns.Length; c++)
        {
            if (_places[c] < 0 || schema.Fields[_places[c]].Type != _columns[c].Field.Type) { return "schema"; }
        }

        _before = [.. _columns.Select((c, i) => Encoding.UTF8.GetBytes((i == 0 ? marks.Open : marks.Between) + key(c)))];
        _classes = [.. _columns.Select(c => c.Classes.Select(t => Encoding.UTF8.GetBytes(text(t))).ToArray())];
        _head = Encoding.UTF8.GetBytes(head(_columns));
        _maxRow = _close.Length;
        for (var c = 0; c < _columns.Length; c++)
        {
            _maxRow += _before[c].Length + Math.Max(MaxNumber, _classes[c].Append(_missing).Max(t => t.Length));
        }

        return null;
    }

    public ReadOnlySpan<byte> Head(long rows) => _head;

    public void Encode(Batch batch, ArrayBufferWriter<byte> bytes)
    {
        for (var row = 0; row < batch.Rows; row++)
        {
            var line = bytes.GetSpan(_maxRow);
            var at = 0;
            for (var c = 0; c < _columns.Length; c++)
            {
                Put(_before[c], line, ref at);
                Write(batch.Columns[_places[c]], row, c, line, ref at);
            }

            Put(_close, line, ref at);
            bytes.Advance(at);
        }
    }

    private static FileColumn Default(Field field) =>
        field.Name == Schema.TimeColumn && field.Type == ColumnType.Int64 && field.Unit == Unit.Nanosecond
            ? FileColumn.Time(field.Name) : new(field);

    private static void Put(ReadOnlySpan<byte> text, Span<byte> line, ref int at)
    {
        text.CopyTo(line[at..]);
        at += text.Length;
    }

    private void Write(Column from, int row, int c, Span<byte> line, ref int at)
    {
        if (!from.IsValid(row))
        {
            Put(_missing, line, ref at);
            return;
        }

        var column = _columns[c];
        switch (column)
        {
            case { Value: FileValue.Time }:
                WriteTime(from.Values<long>()[row], column.TimeUnit, line, ref at);
                break;
            case { Value: FileValue.Flag }:
                Put(from.Values<int>()[row] == 0 ? "false"u8 : "true"u8, line, ref at);
                break;
            case { Value: FileValue.Class }:
                var code = from.Values<int>()[row];
                if ((uint)code >= (uint)_classes[c].Length) { context?.Record("unknown-classes"); }
                Put((uint)code < (uint)_classes[c].Length ? _classes[c][code] : _missing, line, ref at);
                break;
            case { Field.Type: ColumnType.Float32 }:
                var single = from.Values<float>()[row];
                if (float.IsFinite(single)) { Put(single, line, ref at); }
                else { Put(_missing, line, ref at); }
                break;
            case { Field.Type: ColumnType.Float64 }:
                var number = from.Values<double>()[row];
                if (double.IsFinite(number)) { Put(number, line, ref at); }
                else { Put(_missing, line, ref at); }
                break;
            case { Field.Type: ColumnType.Int32 }:
                Put(from.Values<int>()[row], line, ref at);
                break;
            default:
                Put(from.Values<long>()[row], line, ref at);
                break;
        }
    }

    private static void Put<T>(T value, Span<byte> line, ref int at)
        where T : IUtf8SpanFormattable
    {
        value.TryFormat(line[at..], out var length, default, CultureInfo.InvariantCulture);
        at += length;
    }

    /// <summary>Writes a string, or a number with the decimals needed.</summary>
    private void WriteTime(long nanoseconds, TimeUnit unit, Span<byte> line, ref int at)
    {
        if (unit == TimeUnit.Iso8601)
        {
            Put(_quote, line, ref at);
            IsoTime.Write(nanoseconds, line[at..]);
            at += IsoTime.Length;
            Put(_quote, line, ref at);
            return;
        }

        if (nanoseconds < 0) { line[at++] = (byte)'-'; }
        var magnitude = nanoseconds < 0 ? 0 - (ulong)nanoseconds : (ulong)nanoseconds;
        var scale = PowersOfTen.Whole[unit.Power()];
        Put(magnitude / scale, line, ref at);
        var rest = magnitude % scale;
        if (rest == 0) { return; }
        line[at++] = (byte)'.';
        for (; rest > 0; rest = rest * 10 % scale) { line[at++] = (byte)('0' + (rest * 10 / scale)); }
    }
}
