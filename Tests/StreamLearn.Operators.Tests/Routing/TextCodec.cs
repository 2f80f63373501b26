using System.Buffers;
using System.Text;

namespace StreamLearn.Operators.Tests;

/// <summary>Texts in UTF-8.</summary>
internal sealed class TextCodec : ICodec<string>
{
    internal static TextCodec Default { get; } = new();

    /// <inheritdoc />
    public string Name => "text/1";

    /// <inheritdoc />
    public void Encode(string value, IBufferWriter<byte> buffer) => Encoding.UTF8.GetBytes(value, buffer);

    /// <inheritdoc />
    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, out string value)
    {
        value = Encoding.UTF8.GetString(bytes);
        return true;
    }
}
