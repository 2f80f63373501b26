using System.Buffers;

namespace StreamLearn;

/// <summary>The bytes that a <see cref="StateStream"/> writes; the memory is reused after <see cref="Clear"/>.</summary>
/// <remarks>For programs that save states themselves, and for tests. Not thread-safe.</remarks>
public sealed class StateBuffer : IBufferWriter<byte>
{
    private byte[] _bytes = new byte[256];

    internal int Length { get; private set; }

    /// <summary>The bytes written since the last <see cref="Clear"/>; valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    internal ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, Length);

    /// <inheritdoc />
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _bytes.Length - Length);
        Length += count;
    }

    /// <inheritdoc />
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _bytes.AsMemory(Length);
    }

    /// <inheritdoc />
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Discards the written bytes.</summary>
    public void Clear() => Length = 0;

    internal Span<byte> At(int start, int count) => _bytes.AsSpan(start, count);

    internal Span<byte> Next(int count)
    {
        Reserve(count);
        var next = _bytes.AsSpan(Length, count);
        Length += count;
        return next;
    }

    private void Reserve(int count)
    {
        if (_bytes.Length - Length >= count) { return; }
        if (count < 0 || (long)Length + count > Array.MaxLength)
        {
            throw new InvalidOperationException($"expected a state of at most {Array.MaxLength} bytes together, got more");
        }

        Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(2L * _bytes.Length, (long)Length + count)));
    }
}
