using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Formats;

/// <summary>Reads payloads of little-endian numbers into columns, and writes batches in the same form.</summary>
/// <remarks>
/// A column's value is number × scale + offset, computed in float64 and rounded once. Bits of float32 and float64 numbers without scale and
/// offset are kept, those of NaN excepted, which is refused or missing like the infinities.
/// Cost: O(rows × columns), no allocation per payload once the pool is warm. One codec serves many threads.
/// </remarks>
public sealed class RawFormat : ICodec<Batch>
{
    private const int StampBytes = sizeof(long);

    private readonly RefusalCounts _refused = new();
    private readonly RawLayout _layout;

    /// <summary>Makes a codec.</summary>
    /// <param name="options">What a payload looks like.</param>
    /// <exception cref="ArgumentException">An option is out of range, or columns have one name.</exception>
    public RawFormat(RawFormatOptions options)
    {
        _layout = new(options);
        Name = CodecName.Of("raw/1",
        [
            $"{options.Number} {options.Order} {options.Rows} {options.MaxRows} {options.Time} {options.NonFinite}",
            .. options.Columns.Select(c => c.ToString()),
        ]);
    }

    /// <inheritdoc />
    public string Name { get; }

    /// <summary>What a payload looks like.</summary>
    public RawFormatOptions Options => _layout.Options;

    /// <summary>The columns that it gives.</summary>
    public Schema Schema => _layout.Schema;

    /// <summary>Payloads refused for a reason since the codec was made.</summary>
    /// <param name="reason">The reason.</param>
    public long Refused(RefusalReason reason) => _refused[reason];

    /// <summary>Why and where the last payload that was refused was; of the reason <see cref="RefusalReason.None"/> if none was.</summary>
    public Refusal LastRefusal => _refused.Last;

    /// <inheritdoc />
    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out Batch value) =>
        TryDecode(bytes, pool, out value, out _);

    /// <summary>Reads a payload, or says why not.</summary>
    /// <param name="bytes">The payload.</param>
    /// <param name="pool">Where the batch is rented.</param>
    /// <param name="value">The rows, if it was read.</param>
    /// <param name="refusal">Why it was not.</param>
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

    /// <summary>Writes a batch in the form that is read.</summary>
    /// <remarks>A number is (value − offset) / scale; integers are rounded to the nearest, and to the nearest of those that there are. A
    /// missing value becomes NaN, or 0 among integers. A leading time is cut off below its unit; without rows it is 0.</remarks>
    /// <param name="value">A batch of <see cref="Schema"/>.</param>
    /// <param name="buffer">Where to.</param>
    /// <exception cref="SchemaException">The batch has other columns.</exception>
    /// <exception cref="ArgumentException">The batch has other rows than the fixed number.</exception>
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
        if (Options.Time is { } time)
        {
            var start = time.StartNanoseconds;
            if (_layout.HasStamp)
            {
                var wide = (Int128)BinaryPrimitives.ReadInt64LittleEndian(bytes) * _layout.StampScale;
                if (wide < long.MinValue || wide > long.MaxValue) { return new(RefusalReason.BadTime, 0, Schema.TimeColumn); }
                start = (long)wide;
                bytes = bytes[StampBytes..];
            }

            if (!TimeUnits.TryFill(batch.Columns[0].Writable<long>(), start, time.SamplesPerSecond))
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
