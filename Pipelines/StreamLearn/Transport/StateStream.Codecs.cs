using System.Buffers;
using System.Buffers.Binary;

namespace StreamLearn;

/// <content>Saves messages in a state with their codecs.</content>
public ref partial struct StateStream
{
    /// <summary>A message; after reading, the caller owns it.</summary>
    /// <exception cref="StateException">The bytes are not a message of this codec.</exception>
    public void Value<T>(ref T value, ICodec<T> codec)
        where T : class => value = Value(value, codec);

    /// <inheritdoc cref="Value{T}(ref T, ICodec{T})" />
    public T Value<T>(T? value, ICodec<T> codec)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(codec);
        if (IsReading)
        {
            var bytes = new ReadOnlySequence<byte>(Reader.ReadArray<byte>(int.MaxValue));
            return codec.TryDecode(bytes, Reader.Pool, out var read) ? read
                : throw new StateException($"expected a message of {codec.Name}");
        }

        var buffer = Writer.Buffer;
        var at = buffer.Length;
        Writer.Write(0);
        codec.Encode(value!, buffer);
        BinaryPrimitives.WriteInt32LittleEndian(buffer.At(at, 4), buffer.Length - at - 4);
        return value!;
    }

    /// <summary>An optional message; after reading, the caller owns it.</summary>
    /// <param name="value">The message, or null.</param>
    /// <param name="codec">The codec.</param>
    /// <exception cref="StateException">The bytes are not a message of this codec.</exception>
    public void Optional<T>(ref T? value, ICodec<T> codec)
        where T : class => value = Optional(value, codec);

    /// <inheritdoc cref="Optional{T}(ref T, ICodec{T})" />
    public T? Optional<T>(T? value, ICodec<T> codec)
        where T : class => Value(value is not null) ? Value(value, codec) : null;
}
