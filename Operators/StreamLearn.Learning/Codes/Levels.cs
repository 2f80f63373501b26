using System.Buffers.Binary;

namespace StreamLearn.Learning;

/// <summary>Packs small integers by bits, lowest first.</summary>
internal static class Levels
{
    internal static int BytesOf(int count, int bits) => checked((int)((((long)count * bits) + 7) / 8));

    /// <summary>Rounds a number up or down at random, without bias. The number is at least 0.</summary>
    internal static uint Round(float number, uint draw)
    {
        var lower = (uint)number;
        return lower + ((draw >> 8) * (1f / (1 << 24)) < number - lower ? 1u : 0u);
    }

    internal ref struct Writer(Span<byte> bytes, int bits)
    {
        private readonly Span<byte> _bytes = bytes;
        private ulong _held;
        private int _count;
        private int _at;

        internal void Put(uint level)
        {
            _held |= (ulong)level << _count;
            _count += bits;
            if (_count < 32) { return; }
            BinaryPrimitives.WriteUInt32LittleEndian(_bytes[_at..], (uint)_held);
            (_held, _count, _at) = (_held >> 32, _count - 32, _at + 4);
        }

        internal void End()
        {
            for (; _count > 0; _count -= 8, _held >>= 8) { _bytes[_at++] = (byte)_held; }
        }
    }

    internal ref struct LevelReader(ReadOnlySpan<byte> bytes, int bits)
    {
        private readonly ReadOnlySpan<byte> _bytes = bytes;
        private ulong _held;
        private int _count;
        private int _at;

        internal uint Take()
        {
            for (; _count < bits; _count += 8) { _held |= (ulong)_bytes[_at++] << _count; }
            var level = (uint)_held & ((1u << bits) - 1);
            (_held, _count) = (_held >> bits, _count - bits);
            return level;
        }

        internal readonly bool IsFilledUp => _held == 0;
    }

    /// <summary>Draws of 32 bits, two per draw of the stream.</summary>
    internal ref struct Draws(RandomStream random)
    {
        private ulong _held;
        private bool _hasHalf;

        internal uint Next()
        {
            _hasHalf = !_hasHalf;
            if (!_hasHalf) { return (uint)(_held >> 32); }
            _held = random.NextUInt64();
            return (uint)_held;
        }
    }
}
