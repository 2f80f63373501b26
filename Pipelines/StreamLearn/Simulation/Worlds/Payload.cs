using System.Buffers;
using System.Numerics;

namespace StreamLearn.Simulation;

/// <summary>The bytes of a message. Its receivers share them, and they are reused after the last one releases them.</summary>
internal sealed class Payload(PayloadPool pool, int sizeClass)
{
    private readonly byte[] _bytes = new byte[1 << sizeClass];
    private int _references;

    internal int SizeClass { get; } = sizeClass;

    internal int Length { get; private set; }

    internal MessageProperties? Properties { get; private set; }

    internal MessageOrigin Origin { get; private set; }

    internal Topic Topic { get; private set; }

    internal ReadOnlySequence<byte> Sequence => new(_bytes, 0, Length);

    internal ReadOnlySpan<byte> Span => _bytes.AsSpan(0, Length);

    internal void Open(Topic topic, ReadOnlySpan<byte> bytes, MessageProperties? properties, in MessageOrigin origin)
    {
        bytes.CopyTo(_bytes);
        (Topic, Length, Properties, Origin, _references) = (topic, bytes.Length, properties, origin, 1);
    }

    internal void Retain() => _references++;

    internal void Release()
    {
        if (--_references == 0) { pool.Return(this); }
    }
}

/// <summary>Reusable payloads by size, so that small messages do not hold large buffers.</summary>
internal sealed class PayloadPool
{
    private readonly Stack<Payload>?[] _free = new Stack<Payload>?[31];
    private readonly ArrayBufferWriter<byte> _buffer = new(256);

    internal Payload Encode(PublishWork work, Topic topic, object value, in MessageOrigin origin)
    {
        _buffer.ResetWrittenCount();
        work.Encode(value, _buffer);
        return Rent(topic, _buffer.WrittenSpan, work.Properties?.Invoke(value), origin);
    }

    internal Payload Rent(Topic topic, ReadOnlySpan<byte> bytes, MessageProperties? properties, in MessageOrigin origin)
    {
        var sizeClass = bytes.Length <= 64 ? 6 : BitOperations.Log2((uint)bytes.Length - 1) + 1;
        if (sizeClass >= _free.Length)
        {
            throw new InvalidOperationException($"a payload of {Sizes.Text(bytes.Length)} is larger than 1 GiB");
        }


        var payload = _free[sizeClass] is { Count: > 0 } free ? free.Pop() : new(this, sizeClass);
        payload.Open(topic, bytes, properties, origin);
        return payload;
    }

    internal void Return(Payload payload) => (_free[payload.SizeClass] ??= new()).Push(payload);
}
