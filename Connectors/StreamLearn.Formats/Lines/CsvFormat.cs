using System.Buffers;

namespace StreamLearn.Formats;

/// <summary>Reads CSV payloads, and writes batches in the same form.</summary>
/// <remarks>A payload is some lines, the last with or without a line end; with <see cref="CsvOptions.Header"/>, the first names the
/// columns. A payload with an unreadable row is refused. Cost: as <c>FromCsv</c>, plus a copy of the payload; in steady state allocates
/// only the batch's handle, unless there is a header. It writes UTF-8 with decimal points in the order of columns; missing and non-finite
/// values become <c>NA</c>. Source: RFC 4180.</remarks>
public sealed class CsvFormat : PayloadFormat
{
    private readonly CsvOptions _options;
    private readonly IReadOnlyList<FileColumn> _columns;
    private Scratch? _scratch;      // cached while unused

    /// <summary>Creates a codec.</summary>
    /// <param name="options">Columns and format, at most <see cref="RowFileOptions.BatchRows"/> rows per payload; other file settings
    /// are ignored.</param>
    /// <exception cref="ArgumentException">There are no columns, or a setting is out of range.</exception>
    public CsvFormat(CsvOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_options, _columns) = (options.Checked(), ColumnsOf(options));
        Schema = SchemaOf(_columns);
        options.Check(Schema);
        _scratch = new(_options, _columns, Schema);
        Name = CodecName.Of("csv/1", [options.Text(_columns)]);
    }

    /// <inheritdoc />
    public override string Name { get; }

    /// <inheritdoc />
    public override Schema Schema { get; }

    private protected override Refusal Read(in ReadOnlySequence<byte> bytes, BatchPool pool, out Batch? value)
    {
        var scratch = Interlocked.Exchange(ref _scratch, null) ?? new(_options, _columns, Schema);
        var refusal = scratch.Read(bytes);
        value = refusal.Reason == RefusalReason.None ? scratch.Stage.Take(pool) : null;
        Volatile.Write(ref _scratch, scratch);
        return refusal;
    }

    private protected override void Write(Batch value, IBufferWriter<byte> buffer)
    {
        var rows = FileFlowExtensions.CsvRows(_columns, _options.Delimiter, _options.Header, context: null);
        rows.Begin(Schema);
        var bytes = new ArrayBufferWriter<byte>();
        bytes.Write(rows.Head(value.Rows));
        rows.Encode(value, bytes);
        buffer.Write(bytes.WrittenSpan);
    }

    internal static IReadOnlyList<FileColumn> ColumnsOf(CsvOptions options) => options.Columns.Count > 0
        ? [.. options.Columns.Select(static c => c.Checked())]
        : throw new ArgumentException("expected the columns of lines, got none", nameof(options));

    internal static Schema SchemaOf(IReadOnlyList<FileColumn> columns) => new(columns.Select(static c => c.Field));

    private sealed class Scratch(CsvOptions options, IReadOnlyList<FileColumn> columns, Schema schema)
    {
        private readonly CsvRecords _reader = new(options, columns, 0);
        private readonly ByteWindow _window = new();
        private char[] _characters = [];
        private byte[] _text = [];

        internal RowStage Stage { get; } = new(schema, options.BatchRows);

        internal Refusal Read(in ReadOnlySequence<byte> bytes)
        {
            Stage.Clear();
            Load(bytes);
            var end = _reader.ReadHead(_window);
            if (end == RecordEnd.NeedsMore) { return default; }         // there are only empty lines
            if (end == RecordEnd.IsFull) { end = _reader.Read(_window, Stage); }
            if (end == RecordEnd.IsFull && !_window.Rest.Trim("\r\n \t"u8).IsEmpty)
            {
                return new(RefusalReason.TooManyRows, _window.Offset, null);
            }

            if (end == RecordEnd.NeedsMore && _window.At < _window.End && !_window.Rest.Trim("\r\n \t"u8).IsEmpty)
            {
                return new(RefusalReason.BadCsv, _window.Offset, null);     // a quote is not closed
            }

            return end == RecordEnd.Refused
                ? new(ReasonOf(_reader.Fault), _reader.FaultBytes.Start.Value, _reader.FaultColumn) : default;
        }

        private void Load(in ReadOnlySequence<byte> bytes)
        {
            Span<byte> start = stackalloc byte[(int)Math.Min(2, bytes.Length)];
            bytes.Slice(0, start.Length).CopyTo(start);
            if (TextEncoding.Of(start, options.Encoding) is not { } other)
            {
                _window.Load(bytes);
                return;
            }

            using var whole = new WholePayload(bytes);
            var most = other.GetMaxCharCount(whole.Bytes.Length);
            if (_characters.Length < most) { (_characters, _text) = (new char[most], new byte[Encoding.UTF8.GetMaxByteCount(most)]); }
            var count = other.GetChars(whole.Bytes, _characters);
            _window.Load(new(_text, 0, Encoding.UTF8.GetBytes(_characters.AsSpan(0, count), _text)));
        }

        private static RefusalReason ReasonOf(FileFault fault) => fault switch
        {
            FileFault.MissingValue => RefusalReason.MissingValue,
            FileFault.WrongType => RefusalReason.WrongType,
            FileFault.NotFinite => RefusalReason.NotFinite,
            FileFault.BadTime => RefusalReason.BadTime,
            FileFault.UnknownClass => RefusalReason.UnknownClass,
            FileFault.WrongWidth => RefusalReason.UnequalLengths,
            _ => RefusalReason.BadCsv,
        };
    }
}
