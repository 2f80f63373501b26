using System.Buffers.Binary;

namespace StreamLearn.Arrow.Tests;

/// <summary>Changes sound bytes at random: one to four changes, most of them where lengths and offsets stand.</summary>
internal sealed class HostileMutation(long seed)
{
    private static readonly long[] Interesting =
    [
        0, 1, -1, 2, 4, 7, 8, 16, 64, 127, 128, 255, 256, 32767, 32768, 65535, 65536, int.MaxValue, int.MaxValue - 1, int.MinValue,
        uint.MaxValue, 1L << 31, 1L << 32, (1L << 32) + 8, long.MaxValue, long.MinValue, long.MaxValue - 7,
    ];

    private static readonly byte[] Mark = [255, 255, 255, 255];
    private readonly RandomStream _random = new(seed, "arrow");
    private byte[] _bytes = new byte[1 << 16];
    private int _length;

    /// <summary>Changes an input, which is chosen at random.</summary>
    /// <returns>The form that it has, and the bytes, good until the next call.</returns>
    internal (HostileForm Form, ReadOnlyMemory<byte> Bytes) Next()
    {
        var (form, bytes) = HostileCorpus.All[_random.NextInt32(HostileCorpus.All.Count)];
        Begin(bytes);
        for (var changes = 1 + _random.NextInt32(4); changes > 0; changes--) { Change(); }
        return (form, _bytes.AsMemory(0, _length));
    }

    private void Begin(byte[] bytes)
    {
        bytes.CopyTo(_bytes, 0);
        _length = bytes.Length;
    }

    private void Change()
    {
        if (_length < 16) { return; }
        switch (_random.NextInt32(20))
        {
            case < 3: _bytes[Place()] ^= (byte)(1 << _random.NextInt32(8)); break;
            case < 5: _bytes[Place()] = (byte)_random.NextInt32(256); break;
            case < 11: Number(); break;
            case < 13: Copy(); break;
            case 13: _length = _random.NextInt32(_length); break;
            case 14: Remove(); break;
            case 15: Double(); break;
            case 16: Swap(); break;
            case 17: Splice(); break;
            default: Lengths(); break;
        }
    }

    /// <summary>A place, most often in the metadata of a message.</summary>
    private int Place()
    {
        if (_random.NextInt32(8) == 0) { return _random.NextInt32(_length); }
        for (var tries = 0; tries < 4; tries++)
        {
            var from = _random.NextInt32(_length) & ~7;
            while (from >= 0 && !(from + 8 <= _length && BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(from)) == uint.MaxValue))
            {
                from -= 8;
            }
            if (from < 0) { continue; }
            var metadata = BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(from + 4));
            if (metadata > 0 && metadata < _length - from - 8) { return from + 4 + _random.NextInt32(metadata + 4); }
        }
        return _random.NextInt32(2) == 0 ? _length - 1 - _random.NextInt32(Math.Min(_length, 1000)) : _random.NextInt32(_length);
    }

    private void Number()
    {
        var width = _random.NextInt32(5) switch { 0 => 2, 1 or 2 => 4, _ => 8 };
        var at = Math.Min(Place() & -width, _length - width);
        var target = _bytes.AsSpan(at, width);
        var old = width == 8 ? BinaryPrimitives.ReadInt64LittleEndian(target) : width == 4
            ? BinaryPrimitives.ReadInt32LittleEndian(target) : BinaryPrimitives.ReadInt16LittleEndian(target);
        var value = _random.NextInt32(8) switch
        {
            0 => old + 1,
            1 => old - 1,
            2 => old + (8L * (_random.NextInt32(9) - 4)),
            3 => _length + _random.NextInt32(3) - 1,
            4 => (old * 2) + _random.NextInt32(2),
            _ => Interesting[_random.NextInt32(Interesting.Length)],
        };
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        bytes[..width].CopyTo(target);
    }

    /// <summary>Copies a number to where another stands: tables and buffers become shared.</summary>
    private void Copy()
    {
        var width = 4 << _random.NextInt32(2);
        var (from, to) = (Math.Min(Place() & -width, _length - width), Math.Min(Place() & -width, _length - width));
        _bytes.AsSpan(from, width).CopyTo(_bytes.AsSpan(to));
    }

    private void Remove()
    {
        var at = Place();
        var count = Math.Min(_length - at, Count());
        _bytes.AsSpan(at + count, _length - at - count).CopyTo(_bytes.AsSpan(at));
        _length -= count;
    }

    private void Double()
    {
        var at = Place();
        var count = Math.Min(_length - at, Count());
        if (_length + count > _bytes.Length) { return; }
        _bytes.AsSpan(at, _length - at).CopyTo(_bytes.AsSpan(at + count));
        _length += count;
    }

    private void Swap()
    {
        var count = Count();
        var (one, other) = (Place(), Place());
        if (Math.Max(one, other) + count > _length || Math.Abs(one - other) < count) { return; }
        for (var i = 0; i < count; i++) { (_bytes[one + i], _bytes[other + i]) = (_bytes[other + i], _bytes[one + i]); }
    }

    /// <summary>Goes on with the rest of another input, from one of its messages where there is one.</summary>
    private void Splice()
    {
        var other = HostileCorpus.All[_random.NextInt32(HostileCorpus.All.Count)].Bytes;
        var (at, from) = (Message(_bytes.AsSpan(0, _length)), Message(other));
        var count = Math.Min(other.Length - from, _bytes.Length - at);
        other.AsSpan(from, count).CopyTo(_bytes.AsSpan(at));
        _length = at + count;
    }

    /// <summary>Changes the numbers of nodes, buffers and blocks alone: those with zeros above.</summary>
    private void Lengths()
    {
        for (var tries = 0; tries < 20; tries++)
        {
            var at = Math.Min(Place() & ~7, _length - 8);
            var value = BinaryPrimitives.ReadInt64LittleEndian(_bytes.AsSpan(at));
            if (value is < 0 or > 1 << 16) { continue; }
            var other = _random.NextInt32(4) == 0 ? Interesting[_random.NextInt32(Interesting.Length)] : _random.NextInt32(1 << 9);
            BinaryPrimitives.WriteInt64LittleEndian(_bytes.AsSpan(at), other);
            return;
        }
    }

    private int Message(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == 0) { return 0; }
        var at = _random.NextInt32(bytes.Length);
        var next = bytes[at..].IndexOf(Mark);
        return next < 0 || _random.NextInt32(4) == 0 ? at : at + next;
    }

    /// <summary>Bytes of a range: a number, or any.</summary>
    private int Count() => _random.NextInt32(3) switch { 0 => 4, 1 => 8 << _random.NextInt32(4), _ => 1 + _random.NextInt32(_length / 2) };
}
