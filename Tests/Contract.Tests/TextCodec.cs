using System.Buffers;
using System.Text;

namespace Contract.Tests;

internal sealed class TextCodec : ICodec<string>
{
    internal static TextCodec Default { get; } = new();

    public string Name => "text/1";

    public void Encode(string value, IBufferWriter<byte> buffer) => Encoding.UTF8.GetBytes(value, buffer);

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, out string value)
    {
        value = Encoding.UTF8.GetString(bytes);
        return true;
    }
}
