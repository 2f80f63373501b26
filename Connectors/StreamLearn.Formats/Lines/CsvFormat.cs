using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Formats;

/// <summary>Reads CSV payloads, and writes batches in the same form.</summary>
/// <remarks>A payload is some lines, the last with or without a line end; with <see cref="CsvOptions.Header"/>, the first names the
/// columns. A payload with an unreadable row is refused. Cost: as <c>FromCsv</c>, plus a copy of the payload; in steady state allocates
/// only the batch's handle, unless there is a header. Thread-safe. Source: RFC 4180.</remarks>
public sealed class CsvFormat : ICodec<Batch>
{
    private readonly CsvOptions _options;
    private readonly IReadOnlyList<FileColumn> _columns;
    private readonly RefusalCounts _refused = new();
    private Scratch? _scratch;      // cached while unused

    /// <summary>Creates a codec.</summary>
    /// <param name="options">Columns and format, at most <see cref="RowFileOptions.BatchRows"/> rows per payload; file settings are
    /// ignored.</param>
    /// <exception cref="ArgumentException">There are no columns, or a setting is out of range.</exception>
    public CsvFormat(CsvOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_options, _columns) = (options.Checked(), ColumnsOf(options));
        Schema = SchemaOf(_columns);
        options.Check(Schema);
        Name = CodecName.Of("csv/1", [options.Text(_columns)]);
    }

    /// <inheritdoc />
    public string Name { get; }

    /// <summary>The batches' columns.</summary>
    public Schema Schema { get; }

    /// <summary>Returns the number of payloads refused for a reason since creation.</summary>
    /// <param name="reason">The reason.</param>
    public long Refused(RefusalReason reason) => _refused[reason];

    /// <summary>Reason and place of the last refusal; <see cref="RefusalReason.None"/> if none.</summary>
    public Refusal LastRefusal => _refused.Last;

    /// <inheritdoc />
    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out Batch value) =>
        TryDecode(bytes, pool, out value, out _);

    /// <summary>Reads a payload, or returns why it is refused.</summary>
    /// <param name="bytes">The payload.</param>
    /// <param name="pool">The pool for the batch.</param>
    /// <param name="value">The rows.</param>
    /// <param name="refusal">The reason, if refused.</param>
    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out Batch value, out Refusal refusal)
    {
        ArgumentNullException.ThrowIfNull(pool);
        value = null;
        var scratch = Interlocked.Exchange(ref _scratch, null) ?? new(_options, _columns, Schema);
        refusal = scratch.Read(bytes);
        if (refusal.Reason == RefusalReason.None) { value = scratch.Stage.Take(pool); }
        else { _refused.Add(refusal); }
        Volatile.Write(ref _scratch, scratch);
        return value is not null;
    }

    /// <summary>Writes a batch in the format read; missing and non-finite values become <c>NA</c>.</summary>
    /// <param name="value">A batch of <see cref="Schema"/>.</param>
    /// <param name="buffer">The target.</param>
    /// <exception cref="SchemaException">The batch has other columns.</exception>
    public void Encode(Batch value, IBufferWriter<byte> buffer)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(buffer);
        if (!value.Schema.Equals(Schema)) { throw new SchemaException($"expected {Schema}, got {value.Schema}"); }
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

        internal RowStage Stage { get; } = new(schema, options.BatchRows);

        internal Refusal Read(in ReadOnlySequence<byte> bytes)
        {
            Stage.Clear();
            _window.Load(bytes);
            var end = _reader.ReadHead(_window);
            if (end == RecordEnd.NeedsMore) { return default; }         // only empty lines
            if (end == RecordEnd.IsFull) { end = _reader.Read(_window, Stage); }
            if (end == RecordEnd.IsFull && !_window.Rest.Trim("\r\n \t"u8).IsEmpty)
            {
                return new(RefusalReason.TooManyRows, _window.Offset, null);
            }

            if (end == RecordEnd.NeedsMore && _window.At < _window.End && !_window.Rest.Trim("\r\n \t"u8).IsEmpty)
            {
                return new(RefusalReason.BadCsv, _window.Offset, null);     // an unclosed quote
            }

            return end == RecordEnd.Refused
                ? new(ReasonOf(_reader.Fault), _reader.FaultBytes.Start.Value, _reader.FaultColumn) : default;
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
