using System.Buffers.Binary;

namespace StreamLearn;

/// <summary>Named parts of a state, each with a length and a checksum, in one reused buffer.</summary>
/// <remarks>Magic <c>SLCP</c>, version; each part's length (int64, of what follows the checksum), CRC-32C (of length and what follows),
/// name, format, content; finally an unnamed part with the part count. Little-endian. Detects any changed or lost byte.</remarks>
internal sealed class StateFrames
{
    internal const uint Magic = 0x50434C53;      // SLCP
    internal const int Version = 2;
    internal const int PrefixBytes = 8;
    internal const int HeaderBytes = 12;
    private readonly List<int> _starts = [];

    internal StateBuffer Buffer { get; } = new();

    internal void Clear()
    {
        Buffer.Clear();
        _starts.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(Buffer.Next(4), Magic);
        BinaryPrimitives.WriteInt32LittleEndian(Buffer.Next(4), Version);
    }

    internal StateStream Begin(string name, string format)
    {
        _starts.Add(Buffer.Length);
        Buffer.Next(HeaderBytes);
        StateStream s = new(Buffer);
        s.Value(name);
        s.Value(format);
        return s;
    }

    /// <summary>Writes lengths and checksums, after the blocks have resumed.</summary>
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

    internal static uint Checksum(ReadOnlySpan<byte> frame) => Crc32C.Of(Crc32C.Of(frame[..8]), frame[HeaderBytes..]);
}
