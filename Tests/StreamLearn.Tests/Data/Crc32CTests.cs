namespace StreamLearn.Tests;

public sealed class Crc32CTests
{
    [Fact]
    public void Published_values_come_out()
    {
        // RFC 3720, appendix B.4, and the usual check value
        Assert.Equal(0x8A9136AAu, Crc32C.Of(new byte[32]));
        Assert.Equal(0x62A8AB43u, Crc32C.Of([.. Enumerable.Repeat((byte)0xFF, 32)]));
        Assert.Equal(0xE3069283u, Crc32C.Of(Encoding.ASCII.GetBytes("123456789")));
    }

    [Theory, InlineData(3071), InlineData(3072), InlineData(3073), InlineData(6144), InlineData(100_003)]
    public void Long_inputs_have_the_checksum_of_their_bits_one_after_the_other(int length)
    {
        var random = new RandomStream(1, "bytes");
        var bytes = new byte[length];
        for (var i = 0; i < length; i++) { bytes[i] = (byte)random.NextInt32(256); }
        Assert.Equal(BitByBit(bytes), Crc32C.Of(bytes));
        Assert.Equal(BitByBit(bytes), Crc32C.Of(Crc32C.Of(bytes.AsSpan(0, 1000)), bytes.AsSpan(1000)));
    }

    private static uint BitByBit(byte[] bytes)
    {
        const uint Polynomial = 0x82F63B78;
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++) { crc = (crc >> 1) ^ ((crc & 1) == 0 ? 0 : Polynomial); }
        }
        return ~crc;
    }
}
