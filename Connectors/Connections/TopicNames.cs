using System.Runtime.InteropServices;

namespace StreamLearn.Connections;

/// <summary>Caches topics by their bytes; a new topic replaces one with the same hash.</summary>
internal sealed class TopicNames(Func<ReadOnlySpan<byte>, Topic> read)
{
    private const int Most = 4096;
    private KnownTopic[] _entries = new KnownTopic[16];
    private int _misses;

    /// <summary>Requires that the bytes are validated.</summary>
    internal Topic Of(ReadOnlySpan<byte> bytes)
    {
        var hash = Hash(bytes);
        ref readonly var entry = ref _entries[hash & (uint)(_entries.Length - 1)];
        if (entry.Bytes is { } known && bytes.SequenceEqual(known)) { return entry.Topic; }
        if (++_misses > _entries.Length && _entries.Length < Most) { Grow(); }
        var topic = read(bytes);
        _entries[hash & (uint)(_entries.Length - 1)] = new(bytes.ToArray(), topic);
        return topic;
    }

    private void Grow()
    {
        var old = _entries;
        _entries = new KnownTopic[old.Length * 4];
        _misses = 0;
        foreach (var entry in old)
        {
            if (entry.Bytes is { } bytes) { _entries[Hash(bytes) & (uint)(_entries.Length - 1)] = entry; }
        }
    }

    private static uint Hash(ReadOnlySpan<byte> bytes)
    {
        var hash = (ulong)bytes.Length * 0x9E3779B97F4A7C15;
        while (bytes.Length >= 8)
        {
            hash = (hash ^ MemoryMarshal.Read<ulong>(bytes)) * 0xD6E8FEB86659FD93;
            hash ^= hash >> 32;
            bytes = bytes[8..];
        }

        foreach (var b in bytes) { hash = (hash ^ b) * 0x100000001B3; }
        hash *= 0xD6E8FEB86659FD93;
        return (uint)(hash >> 32);
    }

    private readonly record struct KnownTopic(byte[]? Bytes, Topic Topic);
}
