using System.Text;

namespace StreamLearn.Arrow.Tests;

public sealed class XxHash32Tests
{
    private const uint Prime = 0x9E37_79B1;

    [Theory]
    [InlineData("", 0x02CC5D05)]
    [InlineData("a", 0x550D7456)]
    [InlineData("abc", 0x32D153FF)]
    [InlineData("Nobody inspects the spammish repetition", 0xE2293B2F)]
    public void Texts_have_their_known_checksums(string text, uint expected) =>
        Assert.Equal(expected, XxHash32.Of(Encoding.ASCII.GetBytes(text)));

    // The vectors of the reference implementation's own check (xsum_sanity_check.c).
    [Theory]
    [InlineData(0, 0, 0x02CC5D05)]
    [InlineData(0, Prime, 0x36B78AE7)]
    [InlineData(1, 0, 0xCF65B03E)]
    [InlineData(1, Prime, 0xB4545AA4)]
    [InlineData(14, 0, 0x1208E7E2)]
    [InlineData(14, Prime, 0x6AF1D1FE)]
    [InlineData(222, 0, 0x5BD11DBD)]
    [InlineData(222, Prime, 0x58803C5F)]
    public void Lengths_and_seeds_have_their_known_checksums(int length, uint seed, uint expected)
    {
        var (bytes, state) = (new byte[length], (ulong)Prime);
        for (var i = 0; i < length; i++)
        {
            bytes[i] = (byte)(state >> 56);
            state = unchecked(state * 11_400_714_785_074_694_797);
        }

        Assert.Equal(expected, XxHash32.Of(bytes, seed));
    }

    [Fact]
    public void Every_byte_counts_at_every_length()
    {
        for (var length = 1; length <= 70; length++)
        {
            var bytes = Lz4Golden.Noise(length);
            var before = XxHash32.Of(bytes);
            for (var i = 0; i < length; i++)
            {
                bytes[i] ^= 1;
                Assert.NotEqual(before, XxHash32.Of(bytes));
                bytes[i] ^= 1;
            }
        }
    }
}
