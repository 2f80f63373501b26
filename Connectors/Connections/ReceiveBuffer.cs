using System.Buffers;

namespace StreamLearn.Connections;

/// <summary>Bytes not consumed yet. Grows with the bytes received, never by a length in a header; shrinks after many small reads.</summary>
internal sealed class ReceiveBuffer
{
    private const int Least = 4 * 1024;
    private const int Usual = 256 * 1024;
    private const int Growth = 8;
    private const int SmallReads = 64;          // number of consecutive small reads before the buffer shrinks
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(Least);
    private int _from;
    private int _to;
    private int _small;

    internal ReadOnlySpan<byte> Unread => _bytes.AsSpan(_from, _to - _from);

    /// <summary>Returns space for the next read: enlarges a full buffer, releases a large empty one.</summary>
    internal Memory<byte> Room()
    {
        var unread = _to - _from;
        if (unread == 0)
        {
            if (_bytes.Length > Usual) { Replace(Usual, 0); }
            else if (_to == _bytes.Length && _bytes.Length < Usual) { Replace(Math.Min(_bytes.Length * Growth, Usual), 0); }
            else if (_small >= SmallReads && _bytes.Length > Least) { Replace(Math.Max(_bytes.Length / Growth, Least), 0); }
            (_from, _to) = (0, 0);
        }
        else if (unread > _bytes.Length / 2)
        {
            if (_to < _bytes.Length) { return _bytes.AsMemory(_to); }
            Replace(checked(_bytes.Length * 2), unread);
            (_from, _to) = (0, unread);
        }
        else if (_bytes.Length - _to < _bytes.Length / 2)
        {
            if (_to == _bytes.Length && _bytes.Length < Usual) { Replace(Math.Min(_bytes.Length * Growth, Usual), unread); }
            else { Unread.CopyTo(_bytes); }             // a small buffer would mean small reads
            (_from, _to) = (0, unread);
        }

        return _bytes.AsMemory(_to);
    }

    internal void Wrote(int count)
    {
        _to += count;
        _small = count < _bytes.Length / (2 * Growth) ? _small + 1 : 0;
    }

    internal void Consume(int count) => _from += count;

    internal void Clear()
    {
        if (_bytes.Length > 0) { ArrayPool<byte>.Shared.Return(_bytes, clearArray: true); }
        _bytes = [];
        (_from, _to) = (0, 0);
    }

    private void Replace(int length, int unread)
    {
        var other = ArrayPool<byte>.Shared.Rent(length);
        _bytes.AsSpan(_from, unread).CopyTo(other);
        ArrayPool<byte>.Shared.Return(_bytes, clearArray: true);
        _bytes = other;
        _small = 0;
    }
}
