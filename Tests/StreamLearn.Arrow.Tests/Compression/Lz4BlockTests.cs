using K4os.Compression.LZ4;

namespace StreamLearn.Arrow.Tests;

public sealed class Lz4BlockTests
{
    [Fact]
    public void Block_is_decoded_as_a_plain_reading_of_the_format_says_also_if_it_is_damaged()
    {
        var random = new Random(5);
        var blocks = new List<(byte[] Block, int Length)>();
        foreach (var length in new[] { 13, 30, 64, 200, 1000, 5000 })
        {
            foreach (var content in Lz4Contents.Of(length, random))
            {
                var target = new byte[(2 * length) + 100];
                blocks.Add((target[..LZ4Codec.Encode(content, target)], length));
            }
        }

        var (read, refused) = (0, 0);
        for (var round = 0; round < 30_000; round++)
        {
            var (block, length) = blocks[round % blocks.Count];
            block = [.. block];
            for (var changes = random.Next(0, 3); changes > 0; changes--) { Lz4Contents.Damage(ref block, random); }
            var (before, linked) = (random.Next(0, 40), random.Next(2) == 0);
            var room = before + (random.Next(2) == 0 ? length : random.Next(0, (2 * length) + 100));
            var plain = new byte[room];
            random.NextBytes(plain.AsSpan(0, Math.Min(before, room)));
            var target = plain.ToArray();
            before = Math.Min(before, room);

            var expected = Plain(block, plain, before, linked ? 0 : before);
            var end = Fast(block, target, before, linked ? 0 : before);

            Assert.Equal(expected, end);
            if (end < 0) { refused++; }
            else
            {
                read++;
                Assert.True(plain.AsSpan(0, end).SequenceEqual(target.AsSpan(0, end)));
            }
        }

        Assert.InRange(read, 5000, 30_000);
        Assert.InRange(refused, 5000, 30_000);
    }

    [Fact]
    public void Every_offset_and_length_is_copied_near_the_end_and_far_from_it()
    {
        foreach (var room in new[] { 5, 20, 100 })
        {
            for (var offset = 1; offset <= 40; offset++)
            {
                for (var match = 4; match <= 90; match++)
                {
                    byte[] length = match >= 19 ? [(byte)(match - 19)] : [];
                    byte[] block =
                    [
                        (byte)(0xF0 | Math.Min(match - 4, 15)), 40 - 15, .. Lz4Golden.Noise(40), (byte)offset, 0, .. length,
                        0x50, 1, 2, 3, 4, 5,
                    ];
                    var (plain, target) = (new byte[40 + match + room], new byte[40 + match + room]);

                    Assert.Equal(45 + match, Plain(block, plain, 0, 0));
                    Assert.Equal(45 + match, Fast(block, target, 0, 0));
                    Assert.True(plain.AsSpan(0, 45 + match).SequenceEqual(target.AsSpan(0, 45 + match)));
                }
            }
        }
    }

    [Theory]
    [InlineData("no block", "")]
    [InlineData("literals beyond the end", "50 01020304")]
    [InlineData("a length without its end", "F0")]
    [InlineData("a length without its end, of 255s", "F0 FFFFFF")]
    [InlineData("half an offset", "10 01 01")]
    [InlineData("offset 0", "10 01 0000 50 0102030405")]
    [InlineData("an offset before the start", "10 01 0200 50 0102030405")]
    [InlineData("a match's length without its end", "1F 01 0100 FF")]
    [InlineData("a match at the end", "10 01 0100")]
    [InlineData("a match longer than the target", "1F 01 0100 FFFF00 50 0102030405")]
    [InlineData("literals longer than the target", "F0 C0 00")]
    public void Malformed_block_is_refused(string what, string hex)
    {
        var block = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

        Assert.True(Fast(block, new byte[100], 0, 0) < 0, what);
    }

    // The reference decoder asks for five last literals; the format leaves it to a decoder, and none is unsafe without them.
    [Theory]
    [InlineData("00", 0)]
    [InlineData("10 01", 1)]
    [InlineData("10 01 0100 00", 5)]
    [InlineData("10 01 0100 10 02", 6)]
    public void Block_may_end_in_few_literals(string hex, int length) =>
        Assert.Equal(length, Fast(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), new byte[length], 0, 0));

    private static int Fast(byte[] block, byte[] target, int start, int floor)
    {
        try { return Lz4Block.Decode(block, target, start, floor); }
        catch (ArrowFormatException) { return -1; }
    }

    /// <summary>The format byte by byte; −1 for what it does not allow.</summary>
    private static int Plain(byte[] block, byte[] target, int start, int floor)
    {
        var (from, to) = (0, start);
        try
        {
            while (true)
            {
                var token = block[from++];
                for (var literals = Length(block, token >> 4, ref from); literals > 0; literals--) { target[to++] = block[from++]; }
                if (from == block.Length) { return to; }
                var offset = block[from] + (block[from + 1] << 8);
                from += 2;
                if (offset == 0 || to - offset < floor) { return -1; }
                for (var match = 4 + Length(block, token & 15, ref from); match > 0; match--, to++) { target[to] = target[to - offset]; }
            }
        }
        catch (IndexOutOfRangeException) { return -1; }
    }

    private static int Length(ReadOnlySpan<byte> block, int length, ref int from)
    {
        for (var more = length == 15 ? 255 : 0; more == 255;)
        {
            more = block[from++];
            length += more;
        }

        return length;
    }
}
