using System.Text;
using Google.Protobuf;
using WireType = Google.Protobuf.WireFormat.WireType;

namespace StreamLearn.Onnx;

/// <summary>Nested messages share the same memory.</summary>
internal sealed class Fields(byte[] bytes, int from, int length, string what)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly int _end = from + length;
    private int _at = from;
    private WireType _type;

    internal int Number { get; private set; }

    /// <summary>Its value must then be read or skipped; false at the end.</summary>
    internal bool Next()
    {
        var tag = Read(static input => input.ReadTag());
        (Number, _type) = (WireFormat.GetTagFieldNumber(tag), WireFormat.GetTagWireType(tag));
        return tag != 0;
    }

    internal void Skip()
    {
        switch (_type)
        {
            case WireType.LengthDelimited: Range(); break;
            case WireType.Varint: Integer(); break;
            case WireType.Fixed32: Single(); break;
            case WireType.Fixed64: Read(static input => input.ReadFixed64()); break;
            default: throw new ModelFormatException($"ONNX {what}: expected no group, got one in field {Number}");
        }
    }

    internal Fields Message(string name)
    {
        var part = Range();
        return new(bytes, part.Start.Value, part.End.Value - part.Start.Value, name);
    }

    internal ReadOnlyMemory<byte> Bytes() => bytes.AsMemory(Range());

    internal string Text() => Strict.GetString(Bytes().Span);

    internal long Integer()
    {
        Expect(WireType.Varint);
        return Read(static input => input.ReadInt64());
    }

    internal float Single()
    {
        Expect(WireType.Fixed32);
        return Read(static input => input.ReadFloat());
    }

    /// <summary>Packed or not.</summary>
    internal void Integers(List<long> list, int max)
    {
        if (_type == WireType.LengthDelimited)
        {
            var part = Range();
            using var packed = new CodedInputStream(bytes, part.Start.Value, part.End.Value - part.Start.Value);
            while (!packed.IsAtEnd) { Add(packed.ReadInt64()); }
        }
        else { Add(Integer()); }

        void Add(long value)
        {
            if (list.Count == max) { throw new ModelFormatException($"ONNX {what}: expected at most {max} integers in field {Number}"); }
            list.Add(value);
        }
    }

    internal void Singles(List<float> list)
    {
        if (_type == WireType.LengthDelimited)
        {
            var part = Range();
            using var packed = new CodedInputStream(bytes, part.Start.Value, part.End.Value - part.Start.Value);
            while (!packed.IsAtEnd) { list.Add(packed.ReadFloat()); }
        }
        else { list.Add(Single()); }
    }

    private Range Range()
    {
        Expect(WireType.LengthDelimited);
        var count = Read(static input => input.ReadLength());
        if (count < 0 || count > _end - _at)
        {
            throw new ModelFormatException($"ONNX {what}: expected {count} bytes in field {Number}, got {_end - _at}: cut short");
        }

        _at += count;
        return (_at - count).._at;
    }

    private T Read<T>(Func<CodedInputStream, T> read)
    {
        using var input = new CodedInputStream(bytes, _at, _end - _at);
        var value = read(input);
        _at = (int)input.Position;
        return value;
    }

    private void Expect(WireType type)
    {
        if (_type != type) { throw new ModelFormatException($"ONNX {what}: expected {type} in field {Number}, got {_type}"); }
    }
}
