using System.Buffers;

namespace StreamLearn;

/// <summary>The bytes of a message on its way through a <see cref="LoopbackTransport"/>.</summary>
internal sealed class LoopMessage : IOwned, ISized, IBufferWriter<byte>
{
    private const int LeastBytes = 256;

    private byte[] _bytes;
    private int _length;
    private int _owners = 1;

    internal LoopMessage(Topic topic, MessageProperties? properties, int rows, int expectedBytes = LeastBytes) =>
        (Topic, Properties, Rows, _bytes) = (topic, properties, rows, ArrayPool<byte>.Shared.Rent(Math.Max(LeastBytes, expectedBytes)));

    /// <summary>Where it goes.</summary>
    internal Topic Topic { get; }

    /// <summary>What it carries beside its bytes.</summary>
    internal MessageProperties? Properties { get; }

    internal ReadOnlySequence<byte> Payload => new(_bytes, 0, _length);

    internal ReadOnlySpan<byte> Span => _bytes.AsSpan(0, _length);

    /// <inheritdoc />
    public long SizeBytes => _length;

    /// <inheritdoc />
    public int Rows { get; }

    /// <inheritdoc />
    public IOwned Retain()
    {
        Interlocked.Increment(ref _owners);
        return this;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _owners) == 0) { ArrayPool<byte>.Shared.Return(Interlocked.Exchange(ref _bytes, [])); }
    }

    /// <inheritdoc />
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _bytes.Length - _length);
        _length += count;
    }

    /// <inheritdoc />
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Grow(sizeHint);
        return _bytes.AsMemory(_length);
    }

    /// <inheritdoc />
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Grow(sizeHint);
        return _bytes.AsSpan(_length);
    }

    private void Grow(int sizeHint)
    {
        var needed = checked(_length + Math.Max(1, sizeHint));
        if (needed <= _bytes.Length) { return; }
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Array.MaxLength, Math.Max(needed, 2L * _bytes.Length)));
        Span.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
