using static StreamLearn.Arrow.Tests.HostileMessages;

namespace StreamLearn.Arrow.Tests;

/// <summary>What compressed bodies may not be, each rule by its own case.</summary>
public sealed class HostilePackingTests
{
    private static readonly byte[] Bytes = Schema(new ArrowField("x", new(ArrowKind.Int8)));

    [Fact]
    public void Each_way_to_compress_that_is_not_read_is_refused_by_name()
    {
        Assert.StartsWith("Zstandard: ", Refusal(null, Bytes, Packed(1, codec: 1)), StringComparison.Ordinal);
        Assert.Equal("expected compression by LZ4 or Zstandard, got codec 2", Refusal(null, Bytes, Packed(1, codec: 2)));
        Assert.Equal("expected each buffer compressed separately, got another method", Refusal(null, Bytes, Packed(1, method: 1)));
    }

    [Fact]
    public void A_buffer_unpacks_to_as_many_bytes_as_it_says()
    {
        Assert.Equal(100, Rows(null, Bytes, Packed(100)).Count);
        Assert.Equal(
            "LZ4: expected a block of at most 99 bytes, got a longer or malformed one", Refusal(null, Bytes, Packed(100, says: 99)));
        Assert.Equal("expected a compressed buffer of 101 bytes, its declared length, got 100",
            Refusal(null, Bytes, Packed(100, says: 101)));
        Assert.Equal("expected compressed buffers of at most 16777216 bytes together, got -2", Refusal(null, Bytes, Packed(100, says: -2)));
        Assert.Equal(
            "expected compressed buffers of at most 16777216 bytes together, got 9223372036854775807",
            Refusal(null, Bytes, Packed(100, says: long.MaxValue)));
        Assert.Equal(
            "expected the length of a compressed buffer, got its end",
            Refusal(null, Bytes, Batch(1, [(1, 0)], [(0, 0), (0, 7)], new byte[8], 0)));
        Assert.Equal("column 'x': expected at least 1 bytes of values, got 0", Refusal(null, Bytes, Packed(1, says: 0)));
        Assert.Equal(["7"], Rows(null, Bytes, Batch(1, [(1, 0)], [(0, 0), (0, 9)], [.. BitConverter.GetBytes(-1L), 7], 0)));
        Assert.Equal(
            "column 'x': expected at least 2 bytes of values, got 1",
            Refusal(null, Bytes, Batch(2, [(2, 0)], [(0, 0), (0, 9)], [.. BitConverter.GetBytes(-1L), 7], 0)));
    }

    [Fact]
    public void What_is_unpacked_is_as_long_as_the_limit_and_no_longer()
    {
        var limits = new ArrowLimits { MaxMessageBytes = 1000 };
        Assert.Equal(1000, Rows(limits, Bytes, Packed(1000)).Count);
        Assert.Equal("expected compressed buffers of at most 1000 bytes together, got 1001", Refusal(limits, Bytes, Packed(1001)));
        Assert.Equal(
            "expected compressed buffers of at most 1000 bytes together, got 1022",
            Refusal(limits, Bytes, Batch(1, [(1, 0)], [(0, 0), .. Enumerable.Repeat((0L, 8L), 14)], BitConverter.GetBytes(146L), 0)));
    }

    [Fact]
    public void What_is_unpacked_is_within_the_ratio_above_a_mebibyte()
    {
        const int Many = (1 << 20) + 64;
        var message = Packed(Many);
        var packed = Lz4FrameTests.Encoded(new byte[Many]).Length + 8;
        var ratio = (Many / ((packed + 7) & ~7)) + 1;
        Assert.Equal(Many, Rows(new() { MaxRatio = ratio }, Bytes, message).Count);
        Assert.StartsWith(
            $"expected at most {ratio / 2} uncompressed bytes per compressed byte, got {Many} of ",
            Refusal(new() { MaxRatio = ratio / 2 }, Bytes, message), StringComparison.Ordinal);
        Assert.Equal(1 << 20, Rows(new() { MaxRatio = 1 }, Bytes, Packed(1 << 20)).Count);
    }

    [Fact]
    public void Limits_beyond_what_arrays_hold_are_refused_at_once()
    {
        foreach (var limits in (ArrowLimits[])
        [
            new() { MaxMessageBytes = (1 << 30) + 1 }, new() { MaxMetadataBytes = int.MaxValue }, new() { MaxColumns = int.MaxValue },
            new() { MaxDictionaryBytes = int.MaxValue }, new() { MaxDictionaryEntries = int.MaxValue }, new() { MaxDepth = 257 },
            new() { MaxMessageBytes = 0 }, new() { MaxRatio = 0 }, new() { MaxFileMessages = -1 },
        ])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => new MessageReader(limits));
        }
    }

    private static byte[] Packed(int rows, long? says = null, int codec = 0, int method = 0)
    {
        var (buffers, body) = Body([], [.. BitConverter.GetBytes(says ?? rows), .. Lz4FrameTests.Encoded(new byte[rows])]);
        return Batch(rows, [(rows, 0)], buffers, body, codec, method);
    }
}
