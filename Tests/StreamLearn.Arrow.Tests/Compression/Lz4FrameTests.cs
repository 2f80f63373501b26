using System.Buffers.Binary;
using System.IO.Hashing;
using K4os.Compression.LZ4.Streams;

namespace StreamLearn.Arrow.Tests;

public sealed class Lz4FrameTests
{
    private const int RoomBehind = 1000;
    private const byte Untouched = 0xA5;

    [Theory, InlineData("default"), InlineData("no content checksum"), InlineData("block checksums"), InlineData("linked")]
    [InlineData("independent"), InlineData("content size"), InlineData("high"), InlineData("incompressible"), InlineData("empty")]
    [InlineData("all")]
    public void Frame_of_the_reference_tool_is_read_into_exact_and_ample_room(string name)
    {
        var (frame, content) = (Lz4Golden.Frame(name), Lz4Golden.Content(name));
        Assert.Equal(content, Decoded(frame, content.Length));
        Assert.Equal(content, Decoded(frame, content.Length + RoomBehind));
        if (content.Length > 0) { Refused(frame, content.Length - 1, "at most"); }
    }

    [Theory, InlineData("no content checksum"), InlineData("all"), InlineData("incompressible"), InlineData("empty")]
    public void Frame_that_is_cut_at_any_byte_or_goes_on_is_refused(string name)
    {
        var (frame, content) = (Lz4Golden.Frame(name), Lz4Golden.Content(name));
        for (var length = 0; length < frame.Length; length++) { Refused(frame[..length], content.Length); }
        Refused([.. frame, 0], content.Length, "1 bytes more");
        Refused([.. frame, .. frame], content.Length, "more");
    }

    [Fact]
    public void Linked_blocks_copy_from_those_before_and_independent_ones_do_not()
    {
        var linked = Lz4Golden.Frame("linked");
        linked[4] |= 1 << 5;
        linked[6] = Checksum(linked.AsSpan(4, 2));
        Refused(linked, Lz4Golden.Content("linked").Length, "malformed");
        var independent = Lz4Golden.Frame("independent");
        independent[4] ^= 1 << 5;
        independent[6] = Checksum(independent.AsSpan(4, 2));
        Assert.Equal(Lz4Golden.Content("independent"), Decoded(independent, Lz4Golden.Content("independent").Length));
    }

    [Theory, InlineData(0x184C2102, "legacy"), InlineData(0x184D2A50, "skippable"), InlineData(0x184D2A5F, "skippable")]
    [InlineData(0x184D2A60, "magic"), InlineData(0x184D2205, "magic")]
    public void Frames_of_other_kinds_are_refused_by_name(uint magic, string message)
    {
        var frame = Made(0x60, 0x40, [], Raw(1, 2, 3));
        BinaryPrimitives.WriteUInt32LittleEndian(frame, magic);
        Refused(frame, 100, message);
    }

    [Theory, InlineData(0x20, 0x40, "version"), InlineData(0xA0, 0x40, "version"), InlineData(0xE0, 0x40, "version")]
    [InlineData(0x62, 0x40, "reserved"), InlineData(0x60, 0xC0, "reserved"), InlineData(0x60, 0x41, "reserved")]
    [InlineData(0x60, 0x42, "reserved"), InlineData(0x60, 0x44, "reserved"), InlineData(0x60, 0x48, "reserved")]
    [InlineData(0x60, 0x00, "block size"), InlineData(0x60, 0x30, "block size")]
    public void Descriptor_that_breaks_a_rule_is_refused_for_it(byte flags, byte sizes, string message)
    {
        Assert.Equal([1, 2, 3], Decoded(Made(0x60, 0x40, [], Raw(1, 2, 3)), 3));
        Refused(Made(flags, sizes, [], Raw(1, 2, 3)), 100, message);
    }

    [Fact]
    public void Dictionaries_are_refused_by_name() =>
        Refused(Made(0x61, 0x40, [1, 0, 0, 0], Raw(1, 2, 3)), 100, "dictionaries are not supported");

    [Theory, InlineData(4), InlineData(5), InlineData(6)]
    public void Descriptor_whose_checksum_does_not_fit_is_refused(int at)
    {
        var frame = Made(0x60, 0x50, [], Raw(1, 2, 3));
        frame[at] ^= 0x20;
        Refused(frame, 100, "descriptor with checksum");
    }

    [Fact]
    public void Size_of_the_content_must_be_that_of_the_content()
    {
        Assert.Equal([1, 2, 3], Decoded(Made(0x68, 0x40, [3, 0, 0, 0, 0, 0, 0, 0], Raw(1, 2, 3)), 3));
        Refused(Made(0x68, 0x40, [2, 0, 0, 0, 0, 0, 0, 0], Raw(1, 2, 3)), 100, "content of 2 bytes, got 3");
        Refused(Made(0x68, 0x40, [4, 0, 0, 0, 0, 0, 0, 0], Raw(1, 2, 3)), 100, "content of 4 bytes, got 3");
        Refused(Made(0x68, 0x40, [3, 0, 0, 0, 1, 0, 0, 0], Raw(1, 2, 3)), 100, "at most 100 bytes");
        Refused(Made(0x68, 0x40, [255, 255, 255, 255, 255, 255, 255, 255], Raw(1, 2, 3)), 100, "at most 100 bytes");
    }

    [Fact]
    public void Blocks_are_at_most_as_long_as_the_descriptor_says()
    {
        var full = Lz4Golden.Noise(1 << 16);
        Assert.Equal(full, Decoded(Made(0x60, 0x40, [], Raw(full)), full.Length));
        Refused(Made(0x60, 0x40, [], Raw([.. full, 1])), full.Length + 100, "block of at most 65536 bytes, got 65537");
        Refused(Made(0x60, 0x40, [], Packed(new byte[(1 << 16) + 1])), 1 << 20, "block of at most 65536 bytes, got 65537");
        Refused(Made(0x60, 0x40, [], [0xFF, 0xFF, 0xFF, 0x7F]), 100, "block of at most");
        Refused(Made(0x60, 0x40, [], [0xFF, 0xFF, 0xFF, 0xFF]), 100, "block of at most");
        byte[] zeros = [0x1F, 0, 1, 0, .. Enumerable.Repeat<byte>(255, 257), 0, 0x50, 0, 0, 0, 0, 0];     // 1 + 65,554 + 5
        Refused(Made(0x60, 0x40, [], Packed(zeros)), 1 << 20, "at most 65536 bytes");
        Assert.Equal(new byte[65_560], Decoded(Made(0x60, 0x50, [], Packed(zeros)), 65_560));
    }

    [Fact]
    public void Blocks_may_be_empty_and_short_before_others()
    {
        byte[] blocks = [.. Raw(1, 2), .. Raw(), .. Packed(0), .. Packed(0x10, 3), .. Raw(4)];
        Assert.Equal([1, 2, 3, 4], Decoded(Made(0x60, 0x40, [], blocks), 4));
        Refused(Made(0x60, 0x40, [], blocks), 3, "at most 0 bytes");
        Refused(Made(0x60, 0x40, [], [.. Raw(1, 2), .. Raw(3, 4)]), 3, "at most 1 bytes");
    }

    [Theory]
    [InlineData("all", 19 + 4, "a block with checksum")]
    [InlineData("block checksums", 20, "a block with checksum")]
    [InlineData("default", 500, "content with checksum")]
    [InlineData("incompressible", 20, "content with checksum")]
    public void Blocks_and_content_must_fit_their_checksums(string name, int at, string message)
    {
        var frame = Lz4Golden.Frame(name);
        frame[Math.Min(at, frame.Length - 1)] ^= 1;
        Refused(frame, 1 << 20, message);
    }

    [Fact]
    public void Content_comes_back_whatever_it_is()
    {
        var random = new Random(7);
        int[] ends = [255, 256, 270, 271, 1000, 65_535, 65_536, 65_537, 100_000, 262_145, 1_048_577, 5 << 20];
        int[] lengths = [.. Enumerable.Range(0, 70), .. ends];
        foreach (var length in lengths)
        {
            foreach (var content in Lz4Contents.Of(length, random)) { ComesBack(content); }
        }
    }

    [Fact]
    public void Frames_cost_no_allocation()
    {
        var content = Lz4Golden.Content("linked");
        var (frame, back) = (Encoded(content), new byte[content.Length]);
        var least = long.MaxValue;      // the first calls are compiled anew, which allocates here and there
        for (var i = 0; i < 100; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Lz4Frame.Decode(frame, back);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.Equal(0, least);
    }

    // Checksums would refuse nearly all of it: most frames have none, and the descriptor's is made to fit.
    [Fact]
    public void Damaged_frames_are_decoded_or_refused_and_nothing_else_is_written()
    {
        var random = new Random(11);
        string[] names = ["no content checksum", "linked", "independent", "content size", "high", "incompressible", "empty", "all"];
        var frames = names.Select(Lz4Golden.Frame).Concat(Lz4Contents.Of(3000, random).Select(Encoded)).ToArray();
        var (read, refused) = (0, 0);
        for (var round = 0; round < 20_000; round++)
        {
            var frame = frames[round % frames.Length].ToArray();
            for (var changes = random.Next(1, 4); changes > 0; changes--) { Lz4Contents.Damage(ref frame, random); }
            if (frame.Length > 7 && round % 8 != 0)
            {
                frame[4] &= 0xEB;       // neither checksum
                frame[5] &= 0x70;
                var head = (frame[4] & 8) != 0 ? 10 : 2;
                if (frame.Length > 4 + head) { frame[4 + head] = Checksum(frame.AsSpan(4, head)); }
            }
            if (TryDecode(frame, random.Next(0, 4) == 0 ? random.Next(0, 4000) : 100_000, out _, out _)) { read++; }
            else { refused++; }
        }
        Assert.InRange(read, 500, 20_000);
        Assert.InRange(refused, 500, 20_000);
    }

    private static void ComesBack(byte[] content) => Assert.True(content.AsSpan().SequenceEqual(Decoded(Encoded(content), content.Length)));

    internal static byte[] Encoded(byte[] content)
    {
        var frame = new ArrayBufferWriter<byte>();
        LZ4Frame.Encode(content.AsSpan(), frame);
        return frame.WrittenSpan.ToArray();
    }

    private static byte[] Decoded(byte[] frame, int room) =>
        TryDecode(frame, room, out var content, out var message) ? content : throw new InvalidDataException(message);

    private static void Refused(byte[] frame, int room, string message = "LZ4: ")
    {
        Assert.False(TryDecode(frame, room, out _, out var said));
        Assert.Contains(message, said);
    }

    /// <summary>Decodes into the middle of a larger array, and sees that the rest of it stays as it was.</summary>
    private static bool TryDecode(byte[] frame, int room, out byte[] content, out string message)
    {
        const int Guard = 64;
        var array = new byte[Guard + room + Guard];
        array.AsSpan(0, Guard).Fill(Untouched);
        array.AsSpan(Guard + room).Fill(Untouched);
        (content, message) = ([], "");
        try { content = array[Guard..(Guard + Lz4Frame.Decode(frame, array.AsSpan(Guard, room)))]; }
        catch (ArrowFormatException refusal) { message = refusal.Message; }
        Assert.False(array.AsSpan(0, Guard).ContainsAnyExcept(Untouched));
        Assert.False(array.AsSpan(Guard + room).ContainsAnyExcept(Untouched));
        return message.Length == 0;
    }

    private static byte Checksum(ReadOnlySpan<byte> descriptor) => (byte)(XxHash32.HashToUInt32(descriptor) >> 8);

    private static byte[] Made(byte flags, byte sizes, byte[] more, byte[] blocks)
    {
        byte[] descriptor = [flags, sizes, .. more];
        return [0x04, 0x22, 0x4D, 0x18, .. descriptor, Checksum(descriptor), .. blocks, 0, 0, 0, 0];
    }

    private static byte[] Raw(params byte[] bytes) => Block((uint)bytes.Length | 0x8000_0000, bytes);
    private static byte[] Packed(params byte[] bytes) => Block((uint)bytes.Length, bytes);

    private static byte[] Block(uint size, byte[] bytes)
    {
        var block = new byte[4 + bytes.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(block, size);
        bytes.CopyTo(block, 4);
        return block;
    }
}
