using System.Buffers.Binary;
using System.Text;

namespace StreamLearn.Onnx;

/// <summary>Collects the fields of protocol buffers without copying nested messages. Source: the encoding of Protocol Buffers.</summary>
internal sealed class FieldWriter
{
    private const int Varint = 0, LengthDelimited = 2, Fixed32 = 5;

    private readonly List<ReadOnlyMemory<byte>> _parts = [];

    internal long Length { get; private set; }

    internal void Integer(int field, long value)
    {
        Tag(field, Varint);
        Number((ulong)value);
    }

    internal void Single(int field, float value)
    {
        var bytes = new byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        Tag(field, Fixed32);
        Add(bytes);
    }

    internal void Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    internal void Bytes(int field, ReadOnlyMemory<byte> value)
    {
        Tag(field, LengthDelimited);
        Number((ulong)value.Length);
        Add(value);
    }

    internal void Message(int field, FieldWriter inner)
    {
        Tag(field, LengthDelimited);
        Number((ulong)inner.Length);
        foreach (var part in inner._parts) { Add(part); }
    }

    internal void CopyTo(Stream stream)
    {
        foreach (var part in _parts) { stream.Write(part.Span); }
    }

    private void Tag(int field, int type) => Number(((ulong)field << 3) | (uint)type);

    /// <summary>Writes a varint: seven bits per byte, lowest first.</summary>
    private void Number(ulong value)
    {
        var bytes = new List<byte>();
        for (; value > 0x7F; value >>= 7) { bytes.Add((byte)(value | 0x80)); }
        bytes.Add((byte)value);
        Add(bytes.ToArray());
    }

    private void Add(ReadOnlyMemory<byte> part)
    {
        _parts.Add(part);
        Length += part.Length;
    }
}
