using System.Buffers;

namespace StreamLearn.Compression.Tests;

public sealed class HuffmanTests
{
    /// <summary>Bytes of several distributions: even, geometric, Fibonacci (whose code would be longer than 12 bits), two bytes,
    /// one.</summary>
    public static TheoryData<string, byte[]> Inputs
    {
        get
        {
            var random = new RandomStream(seed: 3, "huffman");
            byte[] Of(int count, Func<double, double> draw) => [.. Enumerable.Range(0, count).Select(_ => (byte)draw(random.NextDouble()))];
            List<byte> fibonacci = [];
            for (var (symbol, a, b) = (0, 1, 1); symbol < 22; symbol++, (a, b) = (b, a + b))
            {
                fibonacci.AddRange(Enumerable.Repeat((byte)(3 * symbol), a));
            }

            return new()
            {
                { "empty", [] }, { "one", [7] }, { "run", [9, 9, 9] }, { "two", Of(100, x => x < 0.1 ? 255 : 0) },
                { "even", Of(1000, x => 256 * x) }, { "geometric", Of(5003, x => -4 * Math.Log(1 - x)) }, { "fibonacci", [.. fibonacci] },
            };
        }
    }

    [Theory, MemberData(nameof(Inputs))]
    public void What_is_decoded_is_what_was_encoded(string name, byte[] bytes)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var written = Huffman.Encode(bytes, buffer);
        var decoded = new byte[bytes.Length];
        Assert.Equal(buffer.WrittenCount, written);
        Assert.InRange(written, 1, Huffman.MaxBytes(bytes.Length));
        Assert.True(Huffman.TryDecode(buffer.WrittenSpan, decoded), name);
        Assert.Equal(bytes, decoded);
    }

    /// <summary>A Huffman code takes less than a bit a byte more than the entropy, with its lengths beside it.</summary>
    [Fact]
    public void Codes_are_about_as_short_as_the_entropy()
    {
        var bytes = (byte[])Inputs.Single(static row => row.Data.Item1 == "geometric").Data.Item2;
        var entropy = bytes.CountBy(static b => b).Sum(c => -c.Value * Math.Log2(c.Value / (double)bytes.Length)) / 8;
        Assert.InRange(Huffman.Encode(bytes, new ArrayBufferWriter<byte>()), entropy, (1.02 * entropy) + 20);
    }

    /// <summary>Of the same counts always the same code: golden bytes.</summary>
    [Fact]
    public void The_code_is_canonical()
    {
        var buffer = new ArrayBufferWriter<byte>();
        byte[] bytes = [1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 4];
        Huffman.Encode(bytes, buffer);
        // lengths 1, 2, 3, 3: codes 0, 10, 110, 111
        Assert.Equal([2, 1, 4, 0x21, 0x33, 0b0000_0000, 0b1010_1010, 0b1101_1011, 0b1111_0000], buffer.WrittenSpan.ToArray());
    }

    [Fact]
    public void What_is_cut_longer_or_of_another_count_is_refused()
    {
        foreach (var row in Inputs)
        {
            var bytes = row.Data.Item2;
            if (bytes.Length > 6000) { continue; }
            var buffer = new ArrayBufferWriter<byte>();
            Huffman.Encode(bytes, buffer);
            var codes = buffer.WrittenSpan.ToArray();
            for (var cut = 0; cut < codes.Length; cut++) { Assert.False(Huffman.TryDecode(codes.AsSpan(0, cut), new byte[bytes.Length])); }
            Assert.False(Huffman.TryDecode([.. codes, 0], new byte[bytes.Length]));
            Assert.False(codes.Length > 2 && Huffman.TryDecode(codes, new byte[bytes.Length + 9]));
        }
    }

    /// <summary>Any bytes are refused or read: nothing is thrown.</summary>
    [Fact]
    public void Other_bytes_never_throw()
    {
        var random = new RandomStream(seed: 4, "noise");
        var bytes = new byte[64];
        var target = new byte[100];
        for (var round = 0; round < 20_000; round++)
        {
            for (var i = 0; i < bytes.Length; i++) { bytes[i] = (byte)(256 * random.NextDouble()); }
            (bytes[0], bytes[1], bytes[2]) = (2, (byte)(bytes[1] & 3), (byte)(bytes[2] & 7));
            Huffman.TryDecode(bytes.AsSpan(0, 4 + (round % 60)), target);
        }
        Assert.False(Huffman.TryDecode([3, 1, 2], target));
    }
}
