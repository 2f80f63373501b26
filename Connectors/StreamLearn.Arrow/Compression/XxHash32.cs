using System.Buffers.Binary;
using System.Numerics;

namespace StreamLearn.Arrow;

/// <summary>The checksum of LZ4 frames. Source: xxHash fast digest algorithm 0.1.1, XXH32.</summary>
internal static class XxHash32
{
    private const int StripeBytes = 16;
    private const uint Prime1 = 0x9E37_79B1, Prime2 = 0x85EB_CA77, Prime3 = 0xC2B2_AE3D, Prime4 = 0x27D4_EB2F, Prime5 = 0x1656_67B1;

    /// <summary>The checksum of bytes.</summary>
    internal static uint Of(ReadOnlySpan<byte> bytes, uint seed = 0)
    {
        unchecked
        {
            var (length, sum) = ((uint)bytes.Length, seed + Prime5);
            if (bytes.Length >= StripeBytes)
            {
                var (a, b, c, d) = (seed + Prime1 + Prime2, seed + Prime2, seed, seed - Prime1);
                while (bytes.Length >= StripeBytes)
                {
                    a = Round(a, BinaryPrimitives.ReadUInt32LittleEndian(bytes));
                    b = Round(b, BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]));
                    c = Round(c, BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]));
                    d = Round(d, BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]));
                    bytes = bytes[StripeBytes..];
                }

                sum = BitOperations.RotateLeft(a, 1) + BitOperations.RotateLeft(b, 7)
                    + BitOperations.RotateLeft(c, 12) + BitOperations.RotateLeft(d, 18);
            }

            sum += length;
            for (; bytes.Length >= sizeof(uint); bytes = bytes[sizeof(uint)..])
            {
                sum = BitOperations.RotateLeft(sum + (BinaryPrimitives.ReadUInt32LittleEndian(bytes) * Prime3), 17) * Prime4;
            }

            foreach (var one in bytes) { sum = BitOperations.RotateLeft(sum + (one * Prime5), 11) * Prime1; }
            sum = (sum ^ (sum >> 15)) * Prime2;
            sum = (sum ^ (sum >> 13)) * Prime3;
            return sum ^ (sum >> 16);
        }
    }

    private static uint Round(uint sum, uint lane) => unchecked(BitOperations.RotateLeft(sum + (lane * Prime2), 13) * Prime1);
}
