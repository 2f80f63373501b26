using Google.Protobuf;

namespace StreamLearn.Onnx.Tests;

/// <summary>ONNX files by hand, for what no exporter writes.</summary>
internal static class OnnxBytes
{
    internal static byte[] Model(byte[] graph, long version = 13) => Message(
        w => Integer(w, 1, 8), w => Part(w, 7, graph), w => Part(w, 8, Message(o => Integer(o, 2, version))));

    internal static byte[] Graph(long[] input, byte[][] nodes, params byte[][] constants) => Message(w =>
    {
        foreach (var node in nodes) { Part(w, 1, node); }
        foreach (var constant in constants) { Part(w, 5, constant); }
        Part(w, 11, Value("x", [-1, .. input]));
        Part(w, 12, Value("y", null));
    });

    internal static byte[] Node(string operation, string[] inputs, string output, params byte[][] attributes) => Message(w =>
    {
        foreach (var input in inputs) { Text(w, 1, input); }
        Text(w, 2, output);
        Text(w, 3, $"the {operation}");
        Text(w, 4, operation);
        foreach (var attribute in attributes) { Part(w, 5, attribute); }
    });

    internal static byte[] Attribute(string name, params long[] values) => Message(w =>
    {
        Text(w, 1, name);
        foreach (var value in values) { Integer(w, values.Length == 1 ? 3 : 8, value); }
    });

    internal static byte[] List(string name, params long[] values) => Message(w =>
    {
        Text(w, 1, name);
        Integer(w, 20, 7);
        foreach (var value in values) { Integer(w, 8, value); }
    });

    internal static byte[] Text(string name, string value) => Message(w => { Text(w, 1, name); Text(w, 4, value); });

    internal static byte[] Number(string name, float value) => Message(w =>
    {
        Text(w, 1, name);
        w.WriteTag(2, WireFormat.WireType.Fixed32);
        w.WriteFloat(value);
    });

    /// <summary>A constant of ones, or of as many bytes as are said.</summary>
    internal static byte[] Tensor(string name, long[] shape, int type = 1, byte[]? raw = null) => Message(w =>
    {
        foreach (var size in shape) { Integer(w, 1, size); }
        Integer(w, 2, type);
        Text(w, 8, name);
        var ones = Enumerable.Repeat(BitConverter.GetBytes(1f), (int)shape.Aggregate(1L, static (a, b) => a * b));
        Part(w, 9, raw ?? [.. ones.SelectMany(static b => b)]);
    });

    /// <summary>A constant of given values, which end the message.</summary>
    internal static byte[] Numbers(string name, long[] shape, params float[] values) =>
        Tensor(name, shape, raw: [.. values.SelectMany(BitConverter.GetBytes)]);

    /// <summary>A constant whose values lie in another file.</summary>
    internal static byte[] Elsewhere(string name, long[] shape, params (string Key, string Value)[] entries) => Message(w =>
    {
        foreach (var size in shape) { Integer(w, 1, size); }
        Integer(w, 2, 1);
        Text(w, 8, name);
        foreach (var (key, value) in entries) { Part(w, 13, Message(e => { Text(e, 1, key); Text(e, 2, value); })); }
        Integer(w, 14, 1);
    });

    internal static byte[] Whole(string name, params long[] values) =>
        Tensor(name, [values.Length], 7, [.. values.SelectMany(BitConverter.GetBytes)]);

    private static byte[] Value(string name, long[]? shape) => Message(w =>
    {
        Text(w, 1, name);
        Part(w, 2, Message(t => Part(t, 1, Message(e =>
        {
            Integer(e, 1, 1);
            if (shape is null) { return; }
            Part(e, 2, Message(s =>
            {
                foreach (var size in shape) { Part(s, 1, Message(d => { if (size >= 0) { Integer(d, 1, size); } })); }
            }));
        }))));
    });

    internal static byte[] Message(params Action<CodedOutputStream>[] write)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            foreach (var part in write) { part(output); }
        }
        return stream.ToArray();
    }

    internal static void Part(CodedOutputStream output, int field, byte[] message)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(message));
    }

    internal static void Integer(CodedOutputStream output, int field, long value)
    {
        output.WriteTag(field, WireFormat.WireType.Varint);
        output.WriteInt64(value);
    }

    private static void Text(CodedOutputStream output, int field, string text)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteString(text);
    }
}
