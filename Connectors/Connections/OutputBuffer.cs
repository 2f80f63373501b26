using System.Buffers;

namespace StreamLearn.Connections;

/// <summary>Unsent bytes: one buffer is filled while the other is sent.</summary>
internal sealed class OutputBuffer : IBufferWriter<byte>
{
    private const int Least = 256;
    private const int Kept = 256 * 1024;        // a larger buffer is released when it is empty
    internal const int MaxRepeats = 100_000;   // more than there are packet identifiers
    private byte[] _filling = [];
    private byte[] _sending = [];
    private int _count;
    private int _repeats;

    internal int Count => _count;

    public void Advance(int count) => _count += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Grow(sizeHint);
        return _filling.AsMemory(_count);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Grow(sizeHint);
        return _filling.AsSpan(_count);
    }

    /// <summary>Valid until the next call.</summary>
    internal ReadOnlyMemory<byte> Take()
    {
        if (_count == 0) { return default; }
        if (_sending.Length > Kept)
        {
            ArrayPool<byte>.Shared.Return(_sending);
            _sending = [];
        }

        (_filling, _sending) = (_sending, _filling);
        var taken = _sending.AsMemory(0, _count);
        _count = _repeats = 0;
        return taken;
    }

    /// <summary>Counts a reply to a packet that a server may repeat without limit.</summary>
    internal bool TryRepeat() => ++_repeats <= MaxRepeats;

    /// <summary>Discards the bytes and frees the memory. No send may be in progress.</summary>
    internal void Clear()
    {
        _count = _repeats = 0;
        if (_filling.Length > 0) { ArrayPool<byte>.Shared.Return(_filling, clearArray: true); }
        if (_sending.Length > 0) { ArrayPool<byte>.Shared.Return(_sending, clearArray: true); }
        _filling = _sending = [];
    }

    private void Grow(int sizeHint)
    {
        var need = checked(_count + Math.Max(sizeHint, 1));
        if (need <= _filling.Length) { return; }
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(need, Math.Max(Least, _filling.Length * 2)));
        _filling.AsSpan(0, _count).CopyTo(larger);
        if (_filling.Length > 0) { ArrayPool<byte>.Shared.Return(_filling, clearArray: true); }
        _filling = larger;
    }
}
