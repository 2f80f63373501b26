using System.Buffers.Binary;
using System.Numerics;

namespace StreamLearn;

/// <summary>The Castagnoli checksum. Source: RFC 3720, appendix B.4.</summary>
internal static class Crc32C
{
    /// <summary>The checksum of some bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    public static uint Of(ReadOnlySpan<byte> bytes) => Of(0, bytes);

    /// <summary>The checksum of bytes that follow others.</summary>
    /// <param name="before">The checksum of those before them; 0 if there are none.</param>
    /// <param name="bytes">The bytes.</param>
    public static uint Of(uint before, ReadOnlySpan<byte> bytes)
    {
        var crc = ~before;
        for (; bytes.Length >= 8; bytes = bytes[8..]) { crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes)); }
        foreach (var value in bytes) { crc = BitOperations.Crc32C(crc, value); }
        return ~crc;
    }
}
