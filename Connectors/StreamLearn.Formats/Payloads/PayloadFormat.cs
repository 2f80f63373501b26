using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Formats;

/// <summary>Reads payloads into columns, counts those it refuses, and writes batches in the same form; thread-safe.</summary>
public abstract class PayloadFormat : ICodec<Batch>
{
    private readonly Lock _lock = new();
    private readonly long[] _refused = new long[(int)RefusalReason.BadCsv + 1];

    private readonly byte[] _text = new byte[256];        // begin of the payload refused last
    private int _textBytes;

    private protected PayloadFormat() { }

    /// <inheritdoc />
    public abstract string Name { get; }

    /// <summary>The batches' columns.</summary>
    public abstract Schema Schema { get; }

    /// <summary>The reason and the position of the last refusal; <see cref="RefusalReason.None"/> if there is none.</summary>
    public Refusal LastRefusal
    {
        get
        {
            lock (_lock) { return field; }
        }

        private set;
    }

    /// <summary>The payload refused last, or its first 256 bytes, as text; empty if there is none.</summary>
    public string LastRefusedText
    {
        get
        {
            lock (_lock) { return Encoding.UTF8.GetString(_text.AsSpan(0, _textBytes)); }
        }
    }

    /// <summary>Returns the number of payloads refused for a reason since creation.</summary>
    public long Refused(RefusalReason reason) => Interlocked.Read(ref _refused[(int)reason]);

    /// <inheritdoc />
    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out Batch value) =>
        TryDecode(bytes, pool, out value, out _);

    /// <summary>Reads a payload, or returns why it is refused.</summary>
    /// <param name="bytes">The payload.</param>
    /// <param name="pool">The pool for the batch.</param>
    /// <param name="value">The rows.</param>
    /// <param name="refusal">The reason if the message is refused.</param>
    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out Batch value, out Refusal refusal)
    {
        ArgumentNullException.ThrowIfNull(pool);
        refusal = Read(bytes, pool, out value);
        if (value is not null) { return true; }
        Interlocked.Increment(ref _refused[(int)refusal.Reason]);
        lock (_lock)
        {
            (LastRefusal, _textBytes) = (refusal, (int)Math.Min(_text.Length, bytes.Length));
            bytes.Slice(0, _textBytes).CopyTo(_text);
        }

        return false;
    }

    /// <summary>Writes a batch in the format read.</summary>
    /// <param name="value">A batch of <see cref="Schema"/>.</param>
    /// <param name="buffer">The target.</param>
    /// <exception cref="SchemaException">The batch has other columns.</exception>
    /// <exception cref="ArgumentException">The format has no place for the batch's number of rows.</exception>
    public void Encode(Batch value, IBufferWriter<byte> buffer)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(buffer);
        if (!value.Schema.Equals(Schema)) { throw new SchemaException($"expected {Schema}, got {value.Schema}"); }
        Write(value, buffer);
    }

    private protected abstract Refusal Read(in ReadOnlySequence<byte> bytes, BatchPool pool, out Batch? value);

    private protected abstract void Write(Batch value, IBufferWriter<byte> buffer);
}
