using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace StreamLearn;

/// <summary>The Castagnoli checksum of envelopes and states, also for codecs. Source: RFC 3720, appendix B.4.</summary>
/// <remarks>Long inputs are computed in three parallel lanes, because CRC instructions on one checksum are sequential, and then joined with
/// a table.</remarks>
public static class Crc32C
{
    private const int LaneBytes = 1024;
    private const int LaneWords = LaneBytes / sizeof(ulong);

    /// <summary>The state after a lane of zeros, per byte of the checksum: 4 × 256.</summary>
    private static readonly uint[] AfterZeros = MakeAfterZeros();

    /// <summary>Computes a checksum.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes) => Of(0, bytes);

    /// <summary>Continues a checksum.</summary>
    /// <param name="before">The checksum of the preceding bytes; 0 if none.</param>
    /// <param name="bytes">The bytes.</param>
    public static uint Of(uint before, ReadOnlySpan<byte> bytes)
    {
        var crc = ~before;
        if (BitConverter.IsLittleEndian)
        {
            for (; bytes.Length >= 3 * LaneBytes; bytes = bytes[(3 * LaneBytes)..])
            {
                crc = OfLanes(crc, MemoryMarshal.Cast<byte, ulong>(bytes[..(3 * LaneBytes)]));
            }
        }

        for (; bytes.Length >= 8; bytes = bytes[8..]) { crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes)); }
        foreach (var value in bytes) { crc = BitOperations.Crc32C(crc, value); }
        return ~crc;
    }

    private static uint OfLanes(uint crc, ReadOnlySpan<ulong> words)
    {
        var (first, second, third) = (crc, 0u, 0u);
        var seconds = words.Slice(LaneWords, LaneWords);
        var thirds = words.Slice(2 * LaneWords, LaneWords);
        for (var i = 0; i < LaneWords; i++)
        {
            first = BitOperations.Crc32C(first, words[i]);
            second = BitOperations.Crc32C(second, seconds[i]);
            third = BitOperations.Crc32C(third, thirds[i]);
        }

        return Append(Append(first) ^ second) ^ third;
    }

    private static uint Append(uint crc) =>
        AfterZeros[crc & 255] ^ AfterZeros[256 + ((crc >> 8) & 255)]
            ^ AfterZeros[512 + ((crc >> 16) & 255)] ^ AfterZeros[768 + (crc >> 24)];

    private static uint[] MakeAfterZeros()
    {
        var table = new uint[4 * 256];
        for (var i = 0; i < 32; i++)
        {
            var (bit, crc) = (1 << (i % 8), 1u << i);
            for (var word = 0; word < LaneWords; word++) { crc = BitOperations.Crc32C(crc, 0UL); }
            for (var value = 0; value < 256; value++)
            {
                if ((value & bit) != 0) { table[(i / 8 * 256) + value] ^= crc; }
            }
        }

        return table;
    }
}
