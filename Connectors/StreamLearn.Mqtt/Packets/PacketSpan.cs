using System.Buffers.Binary;
using System.Text;

namespace StreamLearn.Mqtt;

/// <summary>Writes the data types of the standard into sufficient space. Source: MQTT 5.0, 1.5.</summary>
internal ref struct PacketSpan(Span<byte> bytes)
{
    private readonly Span<byte> _bytes = bytes;

    internal int Length { get; private set; }

    internal static int SizeOfVariable(uint value) => value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : 4;

    /// <summary>With its length prefix.</summary>
    internal static int SizeOf(string text) => 2 + Encoding.UTF8.GetByteCount(text);

    internal void Byte(int value) => _bytes[Length++] = (byte)value;

    internal void TwoBytes(int value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_bytes[Length..], checked((ushort)value));
        Length += 2;
    }

    internal void Variable(uint value)
    {
        for (; value >= 0x80; value >>= 7) { Byte((int)(value | 0x80)); }
        Byte((int)value);
    }

    internal void Counted(ReadOnlySpan<byte> value)
    {
        TwoBytes(value.Length);
        Raw(value);
    }

    internal void Raw(ReadOnlySpan<byte> value)
    {
        value.CopyTo(_bytes[Length..]);
        Length += value.Length;
    }

    internal void Counted(string text)
    {
        var length = Encoding.UTF8.GetBytes(text, _bytes[(Length + 2)..]);
        TwoBytes(length);
        Length += length;
    }

    internal void Property(PropertyId id, uint value)
    {
        Byte((int)id);
        switch (PropertySets.KindOf((uint)id))
        {
            case PropertyKind.Flag: Byte((int)value); break;
            case PropertyKind.TwoBytes: TwoBytes((int)value); break;
            default:
                BinaryPrimitives.WriteUInt32BigEndian(_bytes[Length..], value);
                Length += 4;
                break;
        }
    }

    internal void Property(PropertyId id, uint value, uint absent)
    {
        if (value != absent) { Property(id, value); }
    }

    internal void Property(PropertyId id, uint? value)
    {
        if (value is { } number) { Property(id, number); }
    }

    internal void Property(PropertyId id, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty) { return; }
        Byte((int)id);
        Counted(value);
    }

    /// <summary>Inserts the length of the bytes after a position.</summary>
    internal void Prefix(int place)
    {
        var length = (uint)(Length - place);
        var size = SizeOfVariable(length);
        _bytes[place..Length].CopyTo(_bytes[(place + size)..]);
        Length = place;
        Variable(length);
        Length += (int)length;
    }
}
