using System.Runtime.InteropServices;

namespace StreamLearn.Nats;

/// <summary>
/// The newest ids of messages of a stream. A stream takes each id once, but a server that is killed remembers only those of messages that
/// it still has: one that was acknowledged and is published again gets in twice. Some 16 thousand ids are remembered, by their hash.
/// </summary>
internal sealed class RecentIds
{
    private const int Bits = 14;
    private (UInt128 Id, long Nanoseconds)[] _entries = [];

    /// <summary>True if another message had the id, shortly before.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="nanoseconds">When the stream took it.</param>
    /// <param name="window">How long the stream remembers an id.</param>
    internal bool IsCopy(ReadOnlySpan<byte> id, long nanoseconds, TimeSpan window)
    {
        if (_entries.Length == 0) { _entries = new (UInt128, long)[1 << Bits]; }
        var hash = Hash(id);
        ref var entry = ref _entries[(int)((ulong)hash >> (64 - Bits))];
        var apart = nanoseconds - entry.Nanoseconds;
        if (entry.Id == hash && apart != 0 && Math.Abs(apart) < window.Ticks * 100) { return true; }
        entry = (hash, nanoseconds);
        return false;
    }

    private static UInt128 Hash(ReadOnlySpan<byte> bytes)
    {
        const ulong one = 0x9E3779B97F4A7C15, other = 0xD6E8FEB86659FD93;
        var (low, high) = ((ulong)bytes.Length * one, ~(ulong)bytes.Length * other);
        for (; bytes.Length >= 8; bytes = bytes[8..]) { Mix(MemoryMarshal.Read<ulong>(bytes)); }
        foreach (var rest in bytes) { Mix(rest); }
        Mix(0);
        return new(high, low);

        void Mix(ulong word)
        {
            low = (low ^ word) * other;
            low ^= low >> 32;
            high = (high ^ word) * one;
            high ^= high >> 29;
        }
    }
}
