using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace StreamLearn.Fleets;

internal sealed class NameCodec<T>(string codec, int minBytes, Func<T, string> nameOf, Func<string, T> of) : ICodec<T>
    where T : class
{
    private const int MaxBytes = 256;

    public string Name => codec;

    public void Encode(T value, IBufferWriter<byte> buffer) => buffer.Write(Encoding.UTF8.GetBytes(nameOf(value)));

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out T value)
    {
        value = bytes.Length >= minBytes && bytes.Length <= MaxBytes ? of(Encoding.UTF8.GetString(bytes)) : null;
        return value is not null;
    }
}
