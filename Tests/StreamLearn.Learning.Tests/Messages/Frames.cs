using System.Buffers;

namespace StreamLearn.Learning.Tests;

/// <summary>Messages as bytes and back.</summary>
internal static class Frames
{
    internal static BatchPool Pool { get; } = new(guard: true);

    internal static byte[] Encoded<T>(ICodec<T> codec, T value) where T : class
    {
        var buffer = new ArrayBufferWriter<byte>();
        codec.Encode(value, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    internal static bool Decodes<T>(ICodec<T> codec, byte[] bytes)
        where T : class => codec.TryDecode(new ReadOnlySequence<byte>(bytes), Pool, out _);

    internal static T? Same<T>(ICodec<T> codec, T value)
        where T : class => codec.TryDecode(new ReadOnlySequence<byte>(Encoded(codec, value)), Pool, out var got) ? got : null;

    internal static bool SameBits(IEnumerable<float> a, IEnumerable<float> b) =>
        a.Select(BitConverter.SingleToInt32Bits).SequenceEqual(b.Select(BitConverter.SingleToInt32Bits));

    internal static byte[] Flipped(byte[] bytes, int bit)
    {
        var copy = bytes.ToArray();
        copy[bit / 8] ^= (byte)(1 << (bit % 8));
        return copy;
    }

    /// <summary>The bytes with others in their place, with a right checksum.</summary>
    internal static byte[] Forged(byte[] bytes, int offset, params ReadOnlySpan<byte> others)
    {
        var copy = bytes.ToArray();
        others.CopyTo(copy.AsSpan(offset));
        BitConverter.TryWriteBytes(copy.AsSpan(copy.Length - 4), Crc32C.Of(copy.AsSpan(0, copy.Length - 4)));
        return copy;
    }

    /// <summary>Sees to it that a message is refused when it is cut anywhere or when any of its bits is flipped.</summary>
    internal static void Refuses<T>(ICodec<T> codec, T value) where T : class
    {
        var bytes = Encoded(codec, value);
        Assert.True(Decodes(codec, bytes));
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.False(Decodes(codec, bytes[..length]));
            if (length >= 16) { Assert.False(Decodes(codec, Forged(bytes[..length], 0))); }      // cut, with a right checksum
        }
        for (var bit = 0; bit < 8 * bytes.Length; bit++) { Assert.False(Decodes(codec, Flipped(bytes, bit))); }
    }

    /// <summary>
    /// Puts every value into every byte, and cuts the message everywhere, with a right checksum: what is not refused is a message that
    /// goes and comes again.
    /// </summary>
    internal static void Survives<T>(ICodec<T> codec, T value) where T : class
    {
        var bytes = Encoded(codec, value);
        for (var at = 0; at < bytes.Length - 4; at++)
        {
            for (var other = 0; other < 256; other++) { Comes(codec, Forged(bytes, at, (byte)other)); }
            if (at >= 16) { Assert.False(Decodes(codec, Forged(bytes[..at], 0, bytes[0]))); }
        }
    }

    /// <summary>Reads a message that may be malformed.</summary>
    private static void Comes<T>(ICodec<T> codec, byte[] bytes) where T : class
    {
        if (codec.TryDecode(new ReadOnlySequence<byte>(bytes), Pool, out var got)) { Assert.True(Decodes(codec, Encoded(codec, got))); }
    }

    /// <summary>An update of device "d" with so many values, of which some are not zero.</summary>
    internal static WeightDelta Update(int count, params ReadOnlySpan<(int At, float Value)> values)
    {
        var all = new float[count];
        foreach (var (at, value) in values) { all[at] = value; }
        return Update(all);
    }

    internal static WeightDelta Update(float[] values) => new()
    {
        Device = "d",
        Epoch = 1,
        Sequence = 2,
        BaseVersion = 3,
        Samples = 64,
        SchemaHash = 0x0102030405060708,
        Values = [.. values],
        Steps = 4,
        Loss = 1.5f,
    };
}
