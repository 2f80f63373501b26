using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace StreamLearn.Arrow;

/// <summary>Batches as messages of Arrow IPC.</summary>
/// <remarks>
/// <see cref="Batches"/>: each message is a complete stream that begins with its schema. <see cref="BatchesOf"/>: each message is a record
/// batch without a schema, for receivers that know the columns. Reading accepts what <see cref="ArrowReader"/> accepts, and columns of
/// <see cref="ArrowColumns"/>; a message has one batch. Cost: a copy of the values; no allocation per message in steady state but the
/// batch's handle, as long as the columns stay. One codec serves many threads. Source: Apache Arrow, IPC format 1.5.
/// </remarks>
public sealed class ArrowCodec : ICodec<Batch>
{
    private readonly ArrowLimits _limits;
    private readonly ArrowBatchOptions _options;
    private readonly ArrowBatchWriter? _alone;
    private readonly ConditionalWeakTable<Schema, ArrowBatchWriter> _writers = [];
    private BatchDecoding? _decoding;       // the one that is free
    private string? _lastRefusal;

    /// <summary>Creates a codec for messages that contain their schema.</summary>
    /// <param name="options">How columns become those of a batch; null: all, as they are.</param>
    /// <param name="limits">The largest sizes accepted; null: <see cref="ArrowLimits.Default"/>.</param>
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

    /// <summary>Batches of any columns, each message with its schema.</summary>
    public static ArrowCodec Batches { get; } = new();

    /// <inheritdoc />
    public string Name { get; }

    /// <summary>The columns, if they are the same for all messages; null if each message contains them.</summary>
    public Schema? Schema { get; }

    /// <summary>Why the last refused message was refused; null if none was.</summary>
    public string? LastRefusal => Volatile.Read(ref _lastRefusal);

    /// <summary>Creates a codec for record batches without a schema, which the receiver has to know.</summary>
    /// <param name="schema">The columns.</param>
    /// <param name="limits">The largest sizes accepted; null: <see cref="ArrowLimits.Default"/>.</param>
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

    /// <summary>Reads a message, or gives the reason why it is refused.</summary>
    /// <param name="bytes">The message.</param>
    /// <param name="pool">Where the batch is rented.</param>
    /// <param name="value">The rows, if the message was read.</param>
    /// <param name="refusal">The reason, if it was refused.</param>
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
        finally
        {
            Volatile.Write(ref _decoding, decoding);
        }
    }
}
