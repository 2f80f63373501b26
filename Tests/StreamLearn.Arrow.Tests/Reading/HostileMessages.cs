using System.Buffers.Binary;

namespace StreamLearn.Arrow.Tests;

/// <summary>Makes messages that no writer would: every number is as the test says.</summary>
internal static class HostileMessages
{
    /// <summary>What ends a stream.</summary>
    internal static byte[] End => Messages.End.ToArray();

    /// <summary>What the reader says of a stream; both ways of reading say the same, but for where.</summary>
    internal static string Refusal(ArrowLimits? limits, params ReadOnlySpan<byte[]> messages)
    {
        ReadOnlyMemory<byte> bytes = Joined(messages);
        var stream = new ArrowStreamReader(new MemoryStream(bytes.ToArray()), limits);
        var reader = new MessageReader(limits);
        var refusal = Assert.Throws<ArrowFormatException>(() =>
        {
            while (reader.Read(ref bytes) is not null) { }
        }).Message;
        var other = Assert.Throws<ArrowFormatException>(() =>
        {
            while (stream.Read() is not null) { }
        });
        var whole = string.Create(CultureInfo.InvariantCulture, $"message {other.MessageNumber} at byte {other.Position}: {refusal}");
        Assert.StartsWith(other.Message.TrimEnd('…'), whole, StringComparison.Ordinal);
        Assert.Equal(Math.Min(whole.Length, 1001), other.Message.Length);
        return refusal;
    }

    /// <summary>Values of all batches of a stream.</summary>
    internal static List<string> Rows(ArrowLimits? limits, params ReadOnlySpan<byte[]> messages)
    {
        ReadOnlyMemory<byte> bytes = Joined(messages);
        var reader = new MessageReader(limits);
        var rows = new List<string>();
        while (reader.Read(ref bytes) is { } batch) { rows.AddRange(ArrowText.Rows(batch)); }
        return rows;
    }

    internal static byte[] Joined(params ReadOnlySpan<byte[]> messages)
    {
        using var stream = new MemoryStream();
        foreach (var message in messages) { stream.Write(message); }
        return stream.ToArray();
    }

    /// <summary>A message with its frame.</summary>
    internal static byte[] Message(
        int type, Func<FlatBuilder, int> header, byte[]? body = null, long? bodyBytes = null, int version = Ipc.V5)
    {
        body ??= [];
        var flat = new FlatBuilder();
        var place = header(flat);
        flat.Begin();
        flat.Int64((int)Ipc.MessageField.BodyLength, bodyBytes ?? body.Length);
        flat.Offset((int)Ipc.MessageField.Header, place);
        flat.Int16((int)Ipc.MessageField.Version, version);
        flat.Byte((int)Ipc.MessageField.HeaderType, type);
        return Framed(flat.Finish(flat.End()), body);
    }

    internal static byte[] Framed(byte[] metadata, byte[] body)
    {
        var bytes = new byte[MessageHead.PrefixBytes + metadata.Length + body.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, uint.MaxValue);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), metadata.Length);
        metadata.CopyTo(bytes, MessageHead.PrefixBytes);
        body.CopyTo(bytes, MessageHead.PrefixBytes + metadata.Length);
        return bytes;
    }

    internal static byte[] Schema(params ArrowField[] fields) => AnySchema.Message(new([.. fields]));

    /// <summary>The message of a schema of one column, whose type is as the test says.</summary>
    internal static byte[] SchemaOfType(Ipc.TypeKind number, Action<FlatBuilder>? type = null, bool hasType = true) =>
        Message((int)Ipc.HeaderType.Schema, flat => Fields(flat, Field(flat, number, type, hasType)));

    internal static int Field(
        FlatBuilder flat, Ipc.TypeKind number, Action<FlatBuilder>? type = null, bool hasType = true, int children = 0)
    {
        var place = 0;
        if (hasType)
        {
            flat.Begin();
            type?.Invoke(flat);
            place = flat.End();
        }
        var name = flat.Text("x");
        flat.Begin();
        flat.Offset((int)Ipc.ColumnField.Name, name);
        flat.Offset((int)Ipc.ColumnField.Type, place);
        flat.Offset((int)Ipc.ColumnField.Children, children);
        flat.Byte((int)Ipc.ColumnField.TypeType, (int)number);
        flat.Byte((int)Ipc.ColumnField.Nullable, 1);
        return flat.End();
    }

    internal static int Fields(FlatBuilder flat, params ReadOnlySpan<int> fields)
    {
        var places = flat.Tables(fields);
        flat.Begin();
        flat.Offset((int)Ipc.SchemaField.Fields, places);
        return flat.End();
    }

    internal static byte[] Batch(
        long rows, (long, long)[] nodes, (long, long)[] buffers, byte[]? body = null, int codec = -1, int method = 0) =>
        Message((int)Ipc.HeaderType.RecordBatch, flat => BatchHeader(flat, rows, nodes, buffers, codec, method), body);

    internal static byte[] Dictionary(
        long id, bool isDelta, long rows, (long, long)[] nodes, (long, long)[] buffers, byte[]? body = null) =>
        Message((int)Ipc.HeaderType.DictionaryBatch, flat =>
        {
            var data = BatchHeader(flat, rows, nodes, buffers, -1, 0);
            flat.Begin();
            flat.Int64((int)Ipc.EntriesField.Id, id);
            flat.Offset((int)Ipc.EntriesField.Data, data);
            flat.Byte((int)Ipc.EntriesField.IsDelta, isDelta ? 1 : 0);
            return flat.End();
        }, body);

    /// <summary>A body of buffers, each at a multiple of 8 bytes, and where they stand.</summary>
    internal static ((long, long)[] Buffers, byte[] Body) Body(params ReadOnlySpan<byte[]> buffers)
    {
        using var body = new MemoryStream();
        var places = new List<(long, long)>();
        foreach (var buffer in buffers)
        {
            places.Add((body.Length, buffer.Length));
            body.Write(buffer);
            body.Write(new byte[-(int)body.Length & 7]);
        }
        return ([.. places], body.ToArray());
    }

    private static int BatchHeader(FlatBuilder flat, long rows, (long, long)[] nodes, (long, long)[] buffers, int codec, int method)
    {
        var compression = 0;
        if (codec >= 0)
        {
            flat.Begin();
            flat.Byte(0, codec);
            flat.Byte(1, method);
            compression = flat.End();
        }
        var (bufferPlace, nodePlace) = (flat.Structs(Pairs(buffers), buffers.Length), flat.Structs(Pairs(nodes), nodes.Length));
        flat.Begin();
        flat.Int64((int)Ipc.BatchField.Length, rows);
        flat.Offset((int)Ipc.BatchField.Nodes, nodePlace);
        flat.Offset((int)Ipc.BatchField.Buffers, bufferPlace);
        flat.Offset((int)Ipc.BatchField.Compression, compression);
        return flat.End();
    }

    private static byte[] Pairs((long First, long Second)[] pairs) =>
        [.. pairs.SelectMany(static p => BitConverter.GetBytes(p.First).Concat(BitConverter.GetBytes(p.Second)))];
}
