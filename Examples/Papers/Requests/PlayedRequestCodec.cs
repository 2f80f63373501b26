using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using StreamLearn;

namespace Partition;

/// <summary>Requests as exactly as many bytes as they say, of which most are zeros.</summary>
internal sealed class PlayedRequestCodec : ICodec<PlayedRequest>
{
    private const int Fields = 3 * sizeof(int);

    internal static PlayedRequestCodec Instance { get; } = new();

    public string Name => "played-request/1";

    public void Encode(PlayedRequest value, IBufferWriter<byte> buffer)
    {
        var bytes = buffer.GetSpan(Math.Max(Fields, value.Bytes))[..Math.Max(Fields, value.Bytes)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value.Number);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], value.Cut);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], value.Bytes);
        bytes[Fields..].Clear();
        buffer.Advance(bytes.Length);
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out PlayedRequest value)
    {
        value = null;
        Span<byte> fields = stackalloc byte[Fields];
        if (bytes.Length < Fields) { return false; }
        bytes.Slice(0, Fields).CopyTo(fields);
        value = new(BinaryPrimitives.ReadInt32LittleEndian(fields), BinaryPrimitives.ReadInt32LittleEndian(fields[4..]),
            BinaryPrimitives.ReadInt32LittleEndian(fields[8..]));
        return value.Bytes <= bytes.Length || bytes.Length == Fields;
    }
}
