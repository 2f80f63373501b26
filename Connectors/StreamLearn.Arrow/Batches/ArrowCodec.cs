using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace StreamLearn.Arrow;

/// <summary>Encodes batches as Arrow IPC messages.</summary>
/// <remarks> <see cref="Batches"/>: each message is a complete stream with its schema. <see cref="BatchesOf"/>: each message is a record
/// batch without a schema. Reads what <see cref="ArrowReader"/> accepts, with columns of <see cref="ArrowExtensions"/> and one batch per
/// message. Cost: one copy of the values; while the columns stay the same, allocates only the batch's handle. Thread-safe. Source: Apache
/// Arrow, IPC format 1.5. </remarks>
public sealed class ArrowCodec : ICodec<Batch>
{
    private readonly ArrowLimits _limits;
    private readonly ArrowBatchOptions _options;
    private readonly ArrowBatchWriter? _alone;
    private readonly ConditionalWeakTable<Schema, ArrowBatchWriter> _writers = [];
    private BatchDecoding? _decoding;       // cached while unused
    private string? _lastRefusal;

    /// <summary>Creates a codec for messages with a schema.</summary>
    /// <param name="options">The column conversion; null: all, unchanged.</param>
    /// <param name="limits">The limits; null: <see cref="ArrowLimits.Default"/>.</param>
    public ArrowCodec(ArrowBatchOptions? options = null, ArrowLimits? limits = null)
        : this(null, options, limits)
    {
    }

    private ArrowCodec(Schema? schema, ArrowBatchOptions? options, ArrowLimits? limits)
    {
        (_options, _limits, Schema) = (options ?? new(), (limits ?? ArrowLimits.Default).Checked(), schema);
        if (schema is not null) { _alone = new(schema); }
        Name = schema is null ? "arrow/1" : $"arrow-batch/1 {schema.Hash:x16}";
    }

    /// <summary>The codec for any columns, each message with its schema.</summary>
    public static ArrowCodec Batches { get; } = new();

    /// <inheritdoc />
    public string Name { get; }

    /// <summary>The columns of all messages; null: each message contains them.</summary>
    public Schema? Schema { get; }

    /// <summary>Why the last message was refused; null: none was.</summary>
    public string? LastRefusal => Volatile.Read(ref _lastRefusal);

    /// <summary>Creates a codec for record batches without a schema; the receiver must know it.</summary>
    /// <param name="schema">The columns.</param>
    /// <param name="limits">The limits; null: <see cref="ArrowLimits.Default"/>.</param>
    public static ArrowCodec BatchesOf(Schema schema, ArrowLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return new(schema, null, limits);
    }

    /// <inheritdoc />
    public void Encode(Batch value, IBufferWriter<byte> buffer)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(buffer);
        if (_alone is not null)
        {
            _alone.Write(value, buffer);
            return;
        }

        var writer = _writers.GetValue(value.Schema, static schema => new(schema));
        buffer.Write(writer.SchemaMessage.Span);
        writer.Write(value, buffer);
        buffer.Write(ArrowBatchWriter.EndOfStream);
    }

    /// <inheritdoc />
    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out Batch value) =>
        TryDecode(bytes, pool, out value, out _);

    /// <summary>Reads a message, or returns why it is refused.</summary>
    /// <param name="bytes">The message.</param>
    /// <param name="pool">The pool for the batch.</param>
    /// <param name="value">The rows.</param>
    /// <param name="refusal">The reason if the message is refused.</param>
    public bool TryDecode(
        in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out Batch value, [NotNullWhen(false)] out string? refusal)
    {
        ArgumentNullException.ThrowIfNull(pool);
        var decoding = Interlocked.Exchange(ref _decoding, null) ?? new(_alone?.ArrowSchema, _options, _limits);
        try
        {
            (value, refusal) = (decoding.Read(bytes, pool), null);
            return true;
        }
        catch (Exception e) when (e is ArrowFormatException or SchemaException)
        {
            (value, refusal) = (null, ArrowFormatException.OneLine(e.Message));
            Volatile.Write(ref _lastRefusal, refusal);
            return false;
        }
        finally { Volatile.Write(ref _decoding, decoding); }
    }
}
