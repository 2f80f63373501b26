using System.Buffers;
using System.Buffers.Binary;

namespace StreamLearn;

/// <summary>Messages in a state, by their codecs.</summary>
public static class StateCodecExtensions
{
    /// <summary>A message. One that is read is the caller's.</summary>
    /// <typeparam name="T">The messages.</typeparam>
    /// <param name="s">Writes or reads it.</param>
    /// <param name="value">The message.</param>
    /// <param name="codec">Turns it into bytes, and back.</param>
    /// <exception cref="StateException">The bytes that are read are no such message.</exception>
    public static void Value<T>(this ref StateStream s, ref T value, ICodec<T> codec)
        where T : class => value = s.Value(value, codec);

    /// <inheritdoc cref="Value{T}(ref StateStream, ref T, ICodec{T})" />
    public static T Value<T>(this ref StateStream s, T? value, ICodec<T> codec)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(codec);
        if (s.IsReading)
        {
            var bytes = new ReadOnlySequence<byte>(s.Reader.ReadArray<byte>(int.MaxValue));
            return codec.TryDecode(bytes, s.Reader.Pool, out var read) ? read
                : throw new StateException($"expected a message of {codec.Name}");
        }

        var buffer = s.Writer.Buffer;
        var at = buffer.Length;
        s.Writer.Write(0);
        codec.Encode(value!, buffer);
        BinaryPrimitives.WriteInt32LittleEndian(buffer.At(at, 4), buffer.Length - at - 4);
        return value!;
    }

    /// <summary>A message, or none. One that is read is the caller's.</summary>
    /// <typeparam name="T">The messages.</typeparam>
    /// <param name="s">Writes or reads it.</param>
    /// <param name="value">The message; null for none.</param>
    /// <param name="codec">Turns it into bytes, and back.</param>
    /// <exception cref="StateException">The bytes that are read are no such message.</exception>
    public static void Optional<T>(this ref StateStream s, ref T? value, ICodec<T> codec)
        where T : class => value = s.Optional(value, codec);

    /// <inheritdoc cref="Optional{T}(ref StateStream, ref T, ICodec{T})" />
    public static T? Optional<T>(this ref StateStream s, T? value, ICodec<T> codec)
        where T : class => s.Value(value is not null) ? s.Value(value, codec) : null;
}
