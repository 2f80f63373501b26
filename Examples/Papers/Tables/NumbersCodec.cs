using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Papers;

/// <summary>Little-endian 32-bit integers, padded with zeros to a length. Of: converts numbers to a message; null if they are
/// none.</summary>
internal sealed class NumbersCodec<T>(string name, int count, Func<T, int[]> numbers, Func<int[], T?> of, Func<T, int>? length = null)
    : ICodec<T>
    where T : class
{
    public string Name => name;

    public void Encode(T value, IBufferWriter<byte> buffer)
    {
        var bytes = new byte[Math.Max(count * sizeof(int), length?.Invoke(value) ?? 0)];
        foreach (var (i, number) in numbers(value).Index())
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * sizeof(int)), number);
        }

        buffer.Write(bytes);
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out T value)
    {
        value = null;
        if (bytes.Length < count * sizeof(int)) { return false; }
        var read = bytes.Slice(0, count * sizeof(int)).ToArray();
        value = of([.. Enumerable.Range(0, count).Select(i => BinaryPrimitives.ReadInt32LittleEndian(read.AsSpan(i * sizeof(int))))]);
        return value is not null;
    }
}
