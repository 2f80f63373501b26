using System.IO.Hashing;
using K4os.Compression.LZ4;

namespace StreamLearn.Arrow;

/// <summary>Decodes LZ4 frames without dictionaries and verifies all checksums. Source: LZ4 Frame Format Description 1.6.1.</summary>
internal static class Lz4Frame
{
    private const uint Magic = 0x184D_2204;
    private const uint LegacyMagic = 0x184C_2102;
    private const uint SkippableMagic = 0x184D_2A50;
    private const uint SkippableMask = 0xFFFF_FFF0;

    private const int VersionShift = 6;
    private const int Version = 1;
    private const int IndependentFlag = 1 << 5;
    private const int BlockChecksumFlag = 1 << 4;
    private const int ContentSizeFlag = 1 << 3;
    private const int ContentChecksumFlag = 1 << 2;
    private const int ReservedFlag = 1 << 1;
    private const int DictionaryFlag = 1;
    private const int SizeCodeShift = 4;
    private const int SizeCodeMask = 7 << SizeCodeShift;
    private const int MinSizeCode = 4;
    private const int MaxSizeCode = 7;
    private const uint RawBlockFlag = 1U << 31;
    private const uint EndMark = 0;

    private const int FlagBytes = 2;        // FLG and BD
    private const int NumberBytes = 4;      // size of the magic number, block sizes, checksums and dictionary ids
    private const int ContentSizeBytes = 8;

    internal static int Decode(ReadOnlySpan<byte> frame, Span<byte> target)
    {
        var rest = frame;
        var head = Head.Read(ref rest);
        if (head.Size > (ulong)target.Length)
        {
            throw new ArrowFormatException($"LZ4: expected content of at most {target.Length} bytes, got {head.Size}");
        }

        var written = 0;
        for (var size = Number(ref rest, "a block's size"); size != EndMark; size = Number(ref rest, "a block's size"))
        {
            written = DecodeBlock(head, size, ref rest, target, written);
        }

        if (head.Size is { } promised && promised != (ulong)written)
        {
            throw new ArrowFormatException($"LZ4: expected content of {promised} bytes, got {written}");
        }

        if (head.ContentChecksum) { Check(ref rest, target[..written], "the content"); }
        return rest.IsEmpty ? written : throw new ArrowFormatException($"LZ4: expected the end of the frame, got {rest.Length} bytes more");
    }

    private static int DecodeBlock(in Head head, uint size, ref ReadOnlySpan<byte> rest, Span<byte> target, int written)
    {
        var length = size & ~RawBlockFlag;
        if (length > head.BlockBytes)
        {
            throw new ArrowFormatException($"LZ4: expected a block of at most {head.BlockBytes} bytes, got {length}");
        }

        var block = Take(ref rest, (int)length, "a block");
        if (head.BlockChecksums) { Check(ref rest, block, "a block"); }
        var room = Math.Min(head.BlockBytes, target.Length - written);
        if ((size & RawBlockFlag) == 0)
        {
            return DecodeBlock(block, target.Slice(written, room), head.Linked ? target[..written] : default) + written;
        }

        if (block.Length > room) { throw new ArrowFormatException($"LZ4: expected a block of at most {room} bytes, got {length}"); }
        block.CopyTo(target[written..]);
        return written + block.Length;
    }

    private static int DecodeBlock(ReadOnlySpan<byte> block, Span<byte> target, ReadOnlySpan<byte> before)
    {
        // an empty block is only a token; the codec rejects an empty target
        if (block is [0]) { return 0; }
        var length = target.IsEmpty ? -1 : before.IsEmpty ? LZ4Codec.Decode(block, target) : LZ4Codec.Decode(block, target, before);
        return length >= 0 ? length
            : throw new ArrowFormatException($"LZ4: expected a block of at most {target.Length} bytes, got a longer or malformed one");
    }

    private static int BlockBytes(int code) => 1 << (8 + (2 * code));       // 64 KiB for 4, …, 4 MiB for 7

    private static byte HeadChecksum(ReadOnlySpan<byte> head) => (byte)(XxHash32.HashToUInt32(head) >> 8);

    private static void Check(ref ReadOnlySpan<byte> rest, scoped ReadOnlySpan<byte> bytes, string of)
    {
        var (given, made) = (Number(ref rest, "a checksum"), XxHash32.HashToUInt32(bytes));
        if (given != made) { throw new ArrowFormatException($"LZ4: expected {of} with checksum {given:x8}, got {made:x8}"); }
    }

    private static uint Number(ref ReadOnlySpan<byte> rest, string what) =>
        BinaryPrimitives.ReadUInt32LittleEndian(Take(ref rest, NumberBytes, what));

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest, int count, string what)
    {
        if (count > rest.Length) { throw new ArrowFormatException($"LZ4: expected {what} of {count} bytes, got {rest.Length}: cut short"); }
        var taken = rest[..count];
        rest = rest[count..];
        return taken;
    }

    private readonly record struct Head(int BlockBytes, bool Linked, bool BlockChecksums, bool ContentChecksum, ulong? Size)
    {
        internal static Head Read(ref ReadOnlySpan<byte> rest)
        {
            CheckMagic(Number(ref rest, "a magic number"));
            var start = rest;
            var bytes = Take(ref rest, FlagBytes, "a descriptor");
            var (flags, sizes) = (bytes[0], bytes[1]);
            if (flags >> VersionShift != Version)
            {
                throw new ArrowFormatException($"LZ4: expected version {Version} of the format, got {flags >> VersionShift}");
            }

            if ((flags & ReservedFlag) != 0 || (sizes & ~SizeCodeMask) != 0)
            {
                throw new ArrowFormatException($"LZ4: expected reserved bits of 0, got {flags:x2} {sizes:x2}");
            }

            var code = sizes >> SizeCodeShift;
            if (code < MinSizeCode)
            {
                throw new ArrowFormatException($"LZ4: expected a block size of {MinSizeCode} to {MaxSizeCode}, got {code}");
            }

            var hasSize = (flags & ContentSizeFlag) != 0;
            var hasDictionary = (flags & DictionaryFlag) != 0;
            ulong? size = hasSize ? BinaryPrimitives.ReadUInt64LittleEndian(Take(ref rest, ContentSizeBytes, "the content's size")) : null;
            var dictionary = hasDictionary ? Number(ref rest, "a dictionary's name") : 0;
            var made = HeadChecksum(start[..^rest.Length]);
            var given = Take(ref rest, 1, "a descriptor's checksum")[0];
            if (given != made) { throw new ArrowFormatException($"LZ4: expected a descriptor with checksum {given:x2}, got {made:x2}"); }
            if (hasDictionary) { throw new ArrowFormatException($"LZ4: dictionaries are not supported, got {dictionary:x8}"); }
            return new(
                Lz4Frame.BlockBytes(code), (flags & IndependentFlag) == 0, (flags & BlockChecksumFlag) != 0,
                (flags & ContentChecksumFlag) != 0, size);
        }

        private static void CheckMagic(uint magic)
        {
            if (magic == LegacyMagic) { throw new ArrowFormatException("LZ4: legacy frames are not supported"); }
            if ((magic & SkippableMask) == SkippableMagic) { throw new ArrowFormatException("LZ4: skippable frames are not supported"); }
            if (magic != Magic) { throw new ArrowFormatException($"LZ4: expected magic number {Magic:x8}, got {magic:x8}"); }
        }
    }
}
