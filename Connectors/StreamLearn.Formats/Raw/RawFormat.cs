using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Formats;

/// <summary>Reads little-endian number payloads into columns, and writes batches in the same form.</summary>
/// <remarks> A value is number × scale + offset, in float64, rounded once. Without scale and offset, float32 and float64 bits are kept; NaN
/// is refused or missing like infinities. Cost: O(rows × columns), no steady-state allocation. Thread-safe. </remarks>
public sealed class RawFormat : ICodec<Batch>
{
    private const int StampBytes = sizeof(long);

    private readonly RefusalCounts _refused = new();
    private readonly RawLayout _layout;

    /// <summary>Creates a codec.</summary>
    /// <param name="options">The payload format.</param>
    /// <exception cref="ArgumentException">An option is out of range, or names repeat.</exception>
    public RawFormat(RawFormatOptions options)
    {
        _layout = new(options);
        Name = CodecName.Of("raw/1",
        [
            options.Text,
            .. options.Columns.Select(c => c.ToString()),
        ]);
    }

    /// <inheritdoc />
    public string Name { get; }

    /// <summary>The payload format.</summary>
    public RawFormatOptions Options => _layout.Options;

    /// <summary>The batches' columns.</summary>
    public Schema Schema => _layout.Schema;

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
        if (!_layout.TryRows(bytes.Length, out var rows, out refusal))
        {
            _refused.Add(refusal);
            return false;
        }

        using var whole = new WholePayload(bytes);
        refusal = Read(whole.Bytes, rows, pool, out value);
        if (value is null) { _refused.Add(refusal); }
        return value is not null;
    }

    /// <summary>Writes a batch in the format read.</summary>
    /// <remarks>A number is (value − offset) / scale; integers are rounded and saturated. Missing values become NaN, or 0 for integers. A
    /// leading time is truncated to its unit; 0 without rows.</remarks>
    /// <param name="value">A batch of <see cref="Schema"/>.</param>
    /// <param name="buffer">The target.</param>
    /// <exception cref="SchemaException">The batch has other columns.</exception>
    /// <exception cref="ArgumentException">The batch does not have the fixed number of rows.</exception>
    public void Encode(Batch value, IBufferWriter<byte> buffer)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(buffer);
        if (!value.Schema.Equals(Schema)) { throw new SchemaException($"expected {Schema}, got {value.Schema}"); }
        if (Options.Rows > 0 && value.Rows != Options.Rows)
        {
            throw new ArgumentException($"expected {Options.Rows} rows, got {value.Rows}", nameof(value));
        }

        var bytes = checked((int)_layout.BytesOf(value.Rows));
        var target = buffer.GetSpan(bytes)[..bytes];
        if (_layout.HasStamp)
        {
            BinaryPrimitives.WriteInt64LittleEndian(target, value.Rows == 0 ? 0 : value.Columns[0].Values<long>()[0] / _layout.StampScale);
            target = target[StampBytes..];
        }

        for (var c = 0; c < Options.Columns.Count; c++)
        {
            var place = target[_layout.Start(c, value.Rows)..];
            RawNumbers.Write(value.Columns[c + _layout.FirstColumn], Options.Columns[c], Options.Number, place, _layout.Stride);
        }

        buffer.Advance(bytes);
    }

    private Refusal Read(ReadOnlySpan<byte> bytes, int rows, BatchPool pool, out Batch? value)
    {
        value = null;
        var batch = pool.Rent(Schema, rows);
        var refusal = Fill(bytes, batch);
        if (refusal.Reason == RefusalReason.None) { value = batch; }
        else { batch.Dispose(); }
        return refusal;
    }

    private Refusal Fill(ReadOnlySpan<byte> bytes, Batch batch)
    {
        if (Options.SamplesPerSecond is { } rate)
        {
            var start = Options.StartNanoseconds;
            if (_layout.HasStamp)
            {
                var wide = (Int128)BinaryPrimitives.ReadInt64LittleEndian(bytes) * _layout.StampScale;
                if (wide < long.MinValue || wide > long.MaxValue) { return new(RefusalReason.BadTime, 0, Schema.TimeColumn); }
                start = (long)wide;
                bytes = bytes[StampBytes..];
            }

            if (!TimeUnits.TryFill(batch.Columns[0].Writable<long>(), start, rate))
            {
                return new(RefusalReason.BadTime, 0, Schema.TimeColumn);
            }
        }

        for (var c = 0; c < Options.Columns.Count; c++)
        {
            var first = _layout.Start(c, batch.Rows);
            var bad = RawNumbers.Read(bytes[first..], _layout.Stride, Options, Options.Columns[c], batch.Columns[c + _layout.FirstColumn]);
            if (bad.Row < 0) { continue; }
            var position = _layout.HeadBytes + first + ((long)bad.Row * _layout.Stride);
            return new(bad.Reason, position, Options.Columns[c].Field.Name);
        }

        return default;
    }
}
