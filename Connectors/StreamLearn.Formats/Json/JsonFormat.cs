using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Formats;

/// <summary>Reads JSON payloads into columns by a path map, and writes batches in the same form.</summary>
/// <remarks> Accepts what <see cref="System.Text.Json.Utf8JsonReader"/> accepts, if values match their columns. Numbers equal
/// <c>float.Parse</c> and <c>double.Parse</c> bit for bit; integer columns accept whole numbers, true as 1 and false as 0. Other keys are
/// skipped; a repeated mapped key is refused. An absent or null value is missing if the column allows it, otherwise the payload is refused.
/// Cost: about a nanosecond per byte in number arrays; no steady-state allocation, except for bad JSON. Thread-safe. Source: RFC 8259.
/// </remarks>
public sealed class JsonFormat : ICodec<Batch>
{
    private const int FirstGuess = 64;

    private readonly JsonPlan _plan;
    private readonly RefusalCounts _refused = new();
    private JsonScratch? _scratch;      // cached while unused
    private int _rows;      // rows of the last payload, as a size estimate

    /// <summary>Creates a codec.</summary>
    /// <param name="options">The path map.</param>
    /// <exception cref="ArgumentException">A path is invalid, paths conflict, names repeat, or an option is out of range.</exception>
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

    /// <summary>The batches' columns.</summary>
    public Schema Schema => _plan.Schema;

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
        if (bytes.Length > Array.MaxLength)
        {
            (value, refusal) = (null, new(RefusalReason.WrongLength, bytes.Length, null));
            _refused.Add(refusal);
            return false;
        }

        using var whole = new WholePayload(bytes);
        return TryRead(whole.Bytes, pool, out value, out refusal);
    }

    /// <summary>Writes a batch in the path map's form.</summary>
    /// <remarks>A path without a star takes the first row's value, null or 0 without rows. Missing and non-finite values become
    /// null.</remarks>
    /// <param name="value">A batch of <see cref="Schema"/>.</param>
    /// <param name="buffer">The target.</param>
    /// <exception cref="SchemaException">The batch has other columns.</exception>
    /// <exception cref="ArgumentException">No path has a star, and there is not exactly one row.</exception>
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
