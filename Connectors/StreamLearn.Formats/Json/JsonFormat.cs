using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Formats;

/// <summary>Reads JSON payloads into columns by a path map, and writes batches in the same form.</summary>
/// <remarks>
/// Accepts: what <see cref="System.Text.Json.Utf8JsonReader"/> accepts, with every path's value of the column's kind. Numbers have the bits
/// of <c>float.Parse</c> and <c>double.Parse</c>; integer columns take whole numbers, and true and false as 1 and 0. Keys that no path
/// names are passed over; a key of a path that an object has twice is refused. What is missing or null is a missing value where the column
/// may be missing, otherwise the payload is refused.
/// Cost: about a nanosecond per byte in arrays of numbers; no allocation per payload once pool and codec are warm, unless it is refused as
/// bad JSON. One codec serves many threads.
/// Source: RFC 8259.
/// </remarks>
public sealed class JsonFormat : ICodec<Batch>
{
    private const int FirstGuess = 64;

    private readonly JsonPlan _plan;
    private readonly RefusalCounts _refused = new();
    private JsonScratch? _scratch;      // the one that is free
    private int _rows;      // of the last payload: streams repeat themselves

    /// <summary>Makes a codec.</summary>
    /// <param name="options">The path map.</param>
    /// <exception cref="ArgumentException">A path is none, paths do not go together, columns have one name, or an option is out of
    /// range.</exception>
    public JsonFormat(JsonFormatOptions options)
    {
        _plan = new(options);
        _rows = _plan.IsOneRow ? 1 : Math.Min(FirstGuess, options.MaxRows);
        Name = CodecName.Of("json/1",
        [
            $"{options.Time} {options.MaxRows} {options.NonFinite}",
            .. options.Columns.Select(static c => $"{c.Field} {c.Path}" + (c.Classes.IsEmpty ? "" : $" {string.Join('|', c.Classes)}")),
        ]);
    }

    /// <inheritdoc />
    public string Name { get; }

    /// <summary>The path map.</summary>
    public JsonFormatOptions Options => _plan.Options;

    /// <summary>The columns that it gives.</summary>
    public Schema Schema => _plan.Schema;

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
        if (bytes.Length > Array.MaxLength)
        {
            (value, refusal) = (null, new(RefusalReason.WrongLength, bytes.Length, null));
            _refused.Add(refusal);
            return false;
        }

        using var whole = new WholePayload(bytes);
        return TryRead(whole.Bytes, pool, out value, out refusal);
    }

    /// <summary>Writes a batch in the form that the path map reads.</summary>
    /// <remarks>A path without a star is written from the first row, and as null or 0 where there is none. Missing values and numbers
    /// that are not finite become null.</remarks>
    /// <param name="value">A batch of <see cref="Schema"/>.</param>
    /// <param name="buffer">Where to.</param>
    /// <exception cref="SchemaException">The batch has other columns.</exception>
    /// <exception cref="ArgumentException">No path has a star, and there are no rows or more than one.</exception>
    public void Encode(Batch value, IBufferWriter<byte> buffer)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(buffer);
        if (!value.Schema.Equals(Schema)) { throw new SchemaException($"expected {Schema}, got {value.Schema}"); }
        if (value.Rows != 1 && _plan.IsOneRow)
        {
            throw new ArgumentException($"the path map has no place for {value.Rows} rows", nameof(value));
        }

        new JsonWriting(_plan, value, buffer).Write();
    }

    private bool TryRead(ReadOnlySpan<byte> json, BatchPool pool, [MaybeNullWhen(false)] out Batch value, out Refusal refusal)
    {
        var scratch = Interlocked.Exchange(ref _scratch, null) ?? new(_plan);
        var read = new JsonReading(_plan, scratch, json, pool, Volatile.Read(ref _rows)).TryRead(out value, out refusal);
        Volatile.Write(ref _scratch, scratch);
        if (read) { Volatile.Write(ref _rows, value!.Rows); }
        else { _refused.Add(refusal); }
        return read;
    }
}
