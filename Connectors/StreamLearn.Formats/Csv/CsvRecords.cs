using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamLearn.Formats;

/// <summary>Reads CSV rows. Plain numbers are parsed in place; other values are delimited first. Source: RFC 4180.</summary>
internal sealed class CsvRecords : RecordReader
{
    private const int MaxCommaBytes = 128;

    private static readonly byte[] Mark = [0xEF, 0xBB, 0xBF];     // UTF-8 byte order mark

    private readonly CsvOptions _options;
    private readonly IReadOnlyList<FileColumn> _asked;
    private readonly int _first;
    private readonly CsvField _field;
    private readonly byte[][] _missing;
    private readonly byte _delimiter;
    private readonly int _comment;
    private readonly bool _isByNumber;      // without a header, columns are named by index
    private readonly double[] _missingNumbers;
    private RowColumn[] _columns;
    private List<string> _names = [];
    private long _headAt;
    private bool _isBelowOther;       // the header above does not have all columns

    internal CsvRecords(CsvOptions options, IReadOnlyList<FileColumn> columns, int first, bool isOneLine = false)
    {
        (_options, _asked, _first, _field) = (options, columns, first, new(options.Delimiter, isOneLine));
        (_delimiter, _comment) = ((byte)options.Delimiter, options.Comment ?? -1);
        _missing = [.. options.Missing.Select(Encoding.UTF8.GetBytes)];
        _isByNumber = !options.Header && options.Names.Count == 0 && columns.All(static c => CsvHeader.IsNumbered(c.Source));
        _missingNumbers = options.MissingNumbers;
        _columns = options.Names.Count == 0 ? [.. columns.Select((c, i) => new RowColumn(first + i, c))]
            : CsvHeader.Match([.. options.Names], columns, first, out var wrong) ?? throw new ArgumentException(
                $"expected column '{wrong}' once, in its unit, among the names of columns, got {string.Join(", ", options.Names)}");
    }

    internal override bool HasHead => true;       // at least a byte order mark

    internal override long HeadAt => _headAt;

    internal override RecordEnd ReadHead(ByteWindow window)
    {
        if (window.End < Mark.Length && !window.IsFinished) { return RecordEnd.NeedsMore; }
        if (window.Offset == 0 && window.Rest.StartsWith(Mark)) { window.At += Mark.Length; }
        if (window.Line <= _options.SkipLines)
        {
            var lines = window.Rest.Count((byte)'\n') + window.Line - 1;
            if (lines < _options.SkipLines && !window.IsFinished) { return RecordEnd.NeedsMore; }
            while (window.Line <= _options.SkipLines && window.TryPassLine()) { }
        }

        if (!_options.Header && !_isByNumber) { return RecordEnd.IsFull; }
        if (!TryPassBlank(window)) { return RecordEnd.NeedsMore; }
        (_headAt, _isBelowOther) = (0, false);
        var at = window.At;
        if (_field.Cells(window.Bytes.AsSpan(0, window.End), ref at, out var end, out var passed) is not { } names)
        {
            return RecordEnd.NeedsMore;
        }

        if (end == FieldEnd.Bad) { return RefuseHead(window, null); }
        if (!_options.Header) { names = [.. names.Select(static (_, i) => CsvHeader.NameOf(i))]; }
        if (CsvHeader.Match(names, _asked, _first, out var wrong) is not { } columns) { return RefuseHead(window, wrong); }
        (_columns, _names) = (columns, names);
        if (!_options.Header) { return RecordEnd.IsFull; }
        (window.At, window.Line) = (at, window.Line + passed + 1);
        return RecordEnd.IsFull;
    }

    internal override RecordEnd ReadLaterHead(ByteWindow window)
    {
        var at = window.At;
        if (_field.Cells(window.Bytes.AsSpan(0, window.End), ref at, out _, out _) is not { } names) { return RecordEnd.NeedsMore; }
        Begin(window, names);
        return RecordEnd.IsFull;
    }

    /// <summary>Reads rows by a header that is not the first; without all columns, refuses them.</summary>
    private void Begin(ByteWindow window, List<string> names)
    {
        var columns = CsvHeader.Match(names, _asked, _first, out _);
        (_columns, _names, _headAt, _isBelowOther) = (columns ?? _columns, names, window.Offset, columns is null);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]      // profile-guided code would fit only the first columns
    internal override RecordEnd Read(ByteWindow window, RowStage stage)
    {
        var (columns, delimiter, last, most) = (_columns, _delimiter, _columns.Length - 1, _options.MaxRowBytes);
        var isPlain = !_options.DecimalComma && _missingNumbers.Length == 0;       // with decimal commas a point separates thousands
        ref var text = ref MemoryMarshal.GetArrayDataReference(window.Bytes);
        while (stage.Rows < stage.Capacity)
        {
            var at = window.At;
            var first = Unsafe.Add(ref text, at);       // 0 after the end
            if (first <= ' ' || first == _comment)
            {
                if (!TryPassBlank(window)) { return RecordEnd.NeedsMore; }
                at = window.At;
            }

            var (row, c, lines) = (stage.Rows, 0, 1);
            if (_isBelowOther) { return RefuseOrBegin(window, FileFault.OtherHeader, 0, at, FieldEnd.Delimiter, 1); }
            for (; c <= last; c++)
            {
                while (Unsafe.Add(ref text, at) == ' ' && columns[c].IsNumber && delimiter != ' ') { at++; }
                if (isPlain && columns[c].TryPlain(ref Unsafe.Add(ref text, at), stage, row, out var length))
                {
                    var next = Unsafe.Add(ref text, at + length);
                    if (c < last ? next == delimiter : next == '\n')
                    {
                        at += length + 1;
                        continue;
                    }

                    if (c == last && next == '\r' && Unsafe.Add(ref text, at + length + 1) == '\n')
                    {
                        at += length + 2;
                        continue;
                    }
                }

                var fault = ReadValue(window, c, ref at, stage, row, out var end);
                if (end == FieldEnd.Unknown) { return RecordEnd.NeedsMore; }
                lines += _field.Lines;
                if (c == last && end == FieldEnd.Delimiter && !TryPassEmpty(window, ref at, ref end)) { return RecordEnd.NeedsMore; }
                if (fault == FileFault.None && end != (c < last ? FieldEnd.Delimiter : FieldEnd.Line)) { fault = FileFault.WrongWidth; }
                if (fault != FileFault.None) { return RefuseOrBegin(window, fault, c, at, end, lines); }
            }

            if (at - window.At > most) { return Refuse(window, FileFault.TooLong, last, at, FieldEnd.Line, lines); }
            (window.At, window.Line) = (at, window.Line + lines);
            stage.Rows = row + 1;
        }

        return RecordEnd.IsFull;
    }

    /// <summary>Skips empty values behind the last column, which some loggers write; returns false if their end is not in memory.</summary>
    private bool TryPassEmpty(ByteWindow window, ref int at, ref FieldEnd end)
    {
        var rest = window.Bytes.AsSpan(at, window.End - at);
        var length = rest.IndexOfAnyExcept(_delimiter, (byte)' ', (byte)'\r');
        if (length < 0) { return window.IsFinished; }
        if (rest[length] == '\n') { (at, end) = (at + length + 1, FieldEnd.Line); }
        return true;
    }

    /// <summary>Refuses a row; a line that is a header again begins other rows.</summary>
    private RecordEnd RefuseOrBegin(ByteWindow window, FileFault fault, int column, int at, FieldEnd end, int lines)
    {
        var next = window.At;
        if (!_options.Header || end == FieldEnd.Bad || !CsvHeader.MayBegin(window.Bytes[next]))
        {
            return Refuse(window, fault, column, at, end, lines);
        }

        if (_field.Cells(window.Bytes.AsSpan(0, window.End), ref next, out var last, out var passed) is not { } cells)
        {
            return RecordEnd.NeedsMore;
        }

        if (cells.Count > 0) { cells[0] = cells[0].TrimStart('\uFEFF'); }       // files that were joined have a mark at each start
        if (last != FieldEnd.Line || !CsvHeader.IsAgain(cells, _names)) { return Refuse(window, fault, column, at, end, lines); }
        (Fault, FaultColumn, FaultLine, FaultBytes) = (FileFault.RepeatedHeader, null, window.Line, window.At..next);
        if (!cells.SequenceEqual(_names)) { Begin(window, cells); }
        (window.At, window.Line) = (next, window.Line + passed + 1);
        return RecordEnd.Refused;
    }

    private FileFault ReadValue(ByteWindow window, int column, ref int at, RowStage stage, int row, out FieldEnd end)
    {
        end = _field.Find(window.Bytes.AsSpan(0, window.End), ref at, out var value);
        if (end == FieldEnd.Unknown) { return FileFault.None; }
        if (end == FieldEnd.Bad) { return FileFault.BadQuotes; }
        var to = _columns[column];
        if (to.Value == RowValue.Passed) { return FileFault.None; }
        if (IsMissing(value)) { return to.Miss(stage, row); }
        var mayHaveComma = _options.DecimalComma && (to.IsNumber || to.Value == RowValue.TimeNumber);
        var fault = mayHaveComma ? ReadComma(to, value, stage, row) : to.Read(value, stage, row);
        return fault == FileFault.WrongType && to.IsNumber ? ReadDressed(to, value, stage, row) : fault;
    }

    private static FileFault ReadComma(RowColumn to, ReadOnlySpan<byte> value, RowStage stage, int row)
    {
        if (value.Length > MaxCommaBytes || value.Contains((byte)'.')) { return FileFault.WrongType; }
        Span<byte> plain = stackalloc byte[MaxCommaBytes];
        value.Replace(plain, (byte)',', (byte)'.');
        return to.Read(plain[..value.Length], stage, row);
    }

    private FileFault ReadDressed(RowColumn to, ReadOnlySpan<byte> value, RowStage stage, int row)
    {
        Span<byte> plain = stackalloc byte[DressedNumber.MaxBytes];
        return DressedNumber.TryPlain(value, plain, _options.DecimalComma, out var length, out var unit)
            && (unit.IsEmpty || to.IsUnit(unit))
            ? to.Read(plain[..length], stage, row) : FileFault.WrongType;
    }

    private bool IsMissing(ReadOnlySpan<byte> value)
    {
        foreach (var text in _missing)
        {
            if (value.SequenceEqual(text)) { return true; }
        }

        if (_missingNumbers.Length == 0 || !_options.DecimalComma) { return _missingNumbers.Length > 0 && IsMissingNumber(value); }
        if (value.Length > MaxCommaBytes) { return false; }
        Span<byte> plain = stackalloc byte[MaxCommaBytes];
        value.Replace(plain, (byte)',', (byte)'.');
        return IsMissingNumber(plain[..value.Length]);
    }

    private bool IsMissingNumber(ReadOnlySpan<byte> value) => Utf8Parser.TryParse(value, out double number, out var read)
        && read == value.Length && Array.IndexOf(_missingNumbers, number) >= 0;

    /// <summary>Refuses a row and skips it: to its quoted end, or to the end of its first line if quotes are wrong.</summary>
    private RecordEnd Refuse(ByteWindow window, FileFault fault, int column, int at, FieldEnd end, int lines)
    {
        var start = window.At;
        while (end == FieldEnd.Delimiter)
        {
            end = _field.Find(window.Bytes.AsSpan(0, window.End), ref at, out _);
            lines += _field.Lines;
            if (end == FieldEnd.Unknown) { return RecordEnd.NeedsMore; }
        }

        (Fault, FaultLine) = (fault, window.Line);
        FaultColumn = fault is FileFault.WrongWidth or FileFault.BadQuotes or FileFault.TooLong or FileFault.OtherHeader
            ? null : _columns[column].Name;
        if (end == FieldEnd.Line) { (window.At, window.Line) = (at, window.Line + lines); }
        else if (!window.TryPassLine())
        {
            window.At = start;
            if (!window.IsFinished) { return RecordEnd.NeedsMore; }
            window.At = window.End;
        }

        FaultBytes = start..window.At;
        return RecordEnd.Refused;
    }

    private RecordEnd RefuseHead(ByteWindow window, string? column)
    {
        (Fault, FaultColumn, FaultLine) = (FileFault.BadHeader, column, window.Line);
        var end = window.Rest.IndexOf((byte)'\n');
        FaultBytes = window.At..(end < 0 ? window.End : window.At + end);
        return RecordEnd.Refused;
    }

    /// <summary>Skips blank lines and comments; returns false if memory contains nothing else.</summary>
    private bool TryPassBlank(ByteWindow window)
    {
        while (true)
        {
            var rest = window.Rest;
            if (rest.IsEmpty) { return false; }
            var isBlank = rest[0] == _comment;
            if (!isBlank)
            {
                var some = rest.IndexOfAnyExcept((byte)' ', (byte)'\t', (byte)'\r');
                if (some < 0) { return false; }
                isBlank = rest[some] == '\n' && (_delimiter != '\t' || !rest[..some].Contains((byte)'\t'));
            }

            if (!isBlank) { return true; }
            if (rest.IndexOf((byte)'\n') < 0) { return false; }
            window.TryPassLine();
        }
    }
}
