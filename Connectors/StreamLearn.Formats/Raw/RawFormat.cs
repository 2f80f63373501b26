using System.Buffers;
using System.Buffers.Binary;

namespace StreamLearn.Formats;

/// <summary>Reads little-endian number payloads into columns, and writes batches in the same form.</summary>
/// <remarks> A value is number × scale + offset, in float64, rounded once. Without scale and offset, float32 and float64 bits are kept; NaN
/// is refused or missing like infinities. A written number is (value − offset) / scale; integers are rounded and saturated. Missing values
/// become NaN, or 0 for integers. A leading time is truncated to its unit; 0 without rows. Cost: O(rows × columns), no steady-state
/// allocation.</remarks>
public sealed class RawFormat : PayloadFormat
{
    private const int StampBytes = sizeof(long);

    private readonly RawLayout _layout;

    /// <summary>Creates a codec.</summary>
    /// <exception cref="ArgumentException">An option is out of range, or names are repeated.</exception>
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
    public override string Name { get; }

    /// <summary>The payload format.</summary>
    public RawFormatOptions Options => _layout.Options;

    /// <inheritdoc />
    public override Schema Schema => _layout.Schema;

    private protected override Refusal Read(in ReadOnlySequence<byte> bytes, BatchPool pool, out Batch? value)
    {
        value = null;
        if (!_layout.TryRows(bytes.Length, out var rows, out var refusal)) { return refusal; }
        using var whole = new WholePayload(bytes);
        var batch = pool.Rent(Schema, rows);
        refusal = Fill(whole.Bytes, batch);
        if (refusal.Reason == RefusalReason.None) { value = batch; }
        else { batch.Dispose(); }
        return refusal;
    }

    private protected override void Write(Batch value, IBufferWriter<byte> buffer)
    {
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
