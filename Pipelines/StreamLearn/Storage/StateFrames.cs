using System.Buffers.Binary;

namespace StreamLearn;

/// <summary>Named parts of a state, each with its length and checksum, in one piece of memory that is used again and again.</summary>
/// <remarks>
/// Layout: magic <c>SLCP</c>, version; then for each part its length (int64, of what follows the checksum), CRC-32C (of length and what
/// follows), name, format, content; at last a part without a name that holds how many there are. Little-endian. A byte that is changed or
/// missing anywhere is found.
/// </remarks>
internal sealed class StateFrames
{
    internal const uint Magic = 0x50434C53;      // SLCP
    internal const int Version = 2;
    internal const int PrefixBytes = 8;
    internal const int HeaderBytes = 12;
    private readonly List<int> _starts = [];

    internal StateBuffer Buffer { get; } = new();

    /// <summary>Begins anew.</summary>
    internal void Clear()
    {
        Buffer.Clear();
        _starts.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(Buffer.Next(4), Magic);
        BinaryPrimitives.WriteInt32LittleEndian(Buffer.Next(4), Version);
    }

    /// <summary>Begins a part.</summary>
    internal StateStream Begin(string name, string format)
    {
        _starts.Add(Buffer.Length);
        Buffer.Next(HeaderBytes);
        StateStream s = new(Buffer);
        s.Value(name);
        s.Value(format);
        return s;
    }

    /// <summary>Writes lengths and checksums: once all parts are there, and nobody waits for it any more.</summary>
    internal ReadOnlyMemory<byte> Seal()
    {
        Begin("", "").Value(_starts.Count - 1);
        for (var i = 0; i < _starts.Count; i++)
        {
            var (from, to) = (_starts[i], i + 1 < _starts.Count ? _starts[i + 1] : Buffer.Length);
            var frame = Buffer.At(from, to - from);
            BinaryPrimitives.WriteInt64LittleEndian(frame, frame.Length - HeaderBytes);
            BinaryPrimitives.WriteUInt32LittleEndian(frame[8..], Checksum(frame));
        }

        return Buffer.Memory;
    }

    /// <summary>The checksum of a part.</summary>
    internal static uint Checksum(ReadOnlySpan<byte> frame) => Crc32C.Of(Crc32C.Of(frame[..8]), frame[HeaderBytes..]);
}
