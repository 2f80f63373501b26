using System.Buffers;

namespace StreamLearn;

/// <summary>Messages in a state, by their codecs.</summary>
internal static class StateCodecExtensions
{
    /// <summary>Writes a message.</summary>
    /// <typeparam name="T">The messages.</typeparam>
    /// <param name="writer">Where to.</param>
    /// <param name="codec">Turns it into bytes.</param>
    /// <param name="value">The message; it stays the caller's.</param>
    public static void Write<T>(this StateWriter writer, ICodec<T> codec, T value)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(codec);
        var buffer = writer.Buffer;
        var at = buffer.Length;
        writer.Write(0);
        codec.Encode(value, buffer);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(buffer.At(at, 4), buffer.Length - at - 4);
    }

    /// <summary>Reads a message, the caller's from here on.</summary>
    /// <typeparam name="T">The messages.</typeparam>
    /// <param name="reader">Where from.</param>
    /// <param name="codec">Reads it.</param>
    /// <exception cref="StateException">The bytes are no such message.</exception>
    public static T Read<T>(this ref StateReader reader, ICodec<T> codec)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(codec);
        var bytes = new ReadOnlySequence<byte>(reader.ReadArray<byte>(int.MaxValue));
        return codec.TryDecode(bytes, reader.Pool, out var value) ? value : throw new StateException($"expected a message of {codec.Name}");
    }
}
