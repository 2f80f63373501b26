using System.Buffers;

namespace StreamLearn.Learning.Tests;

/// <summary>Messages as bytes and back.</summary>
internal static class Frames
{
    internal static BatchPool Pool { get; } = new(guard: true);

    internal static byte[] Encoded<T>(ICodec<T> codec, T value)
        where T : class
    {
        var buffer = new ArrayBufferWriter<byte>();
        codec.Encode(value, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    internal static bool Decodes<T>(ICodec<T> codec, byte[] bytes)
        where T : class => codec.TryDecode(new ReadOnlySequence<byte>(bytes), Pool, out _);

    internal static T? Same<T>(ICodec<T> codec, T value)
        where T : class => codec.TryDecode(new ReadOnlySequence<byte>(Encoded(codec, value)), Pool, out var got) ? got : null;

    internal static byte[] Flipped(byte[] bytes, int bit)
    {
        var copy = bytes.ToArray();
        copy[bit / 8] ^= (byte)(1 << (bit % 8));
        return copy;
    }

    /// <summary>The bytes with others in their place, behind a right checksum.</summary>
    internal static byte[] Forged(byte[] bytes, int offset, params ReadOnlySpan<byte> others)
    {
        var copy = bytes.ToArray();
        others.CopyTo(copy.AsSpan(offset));
        BitConverter.TryWriteBytes(copy.AsSpan(copy.Length - 4), Crc32C.Of(copy.AsSpan(0, copy.Length - 4)));
        return copy;
    }
}
