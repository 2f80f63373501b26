namespace StreamLearn.Arrow;

/// <summary>Message frames: mark, length, metadata; the body is separate.</summary>
internal static class Messages
{
    /// <summary>Alignment of bodies relative to the message, in bytes.</summary>
    internal const int Alignment = 64;

    private const int BlockBytes = 24;

    internal static ReadOnlySpan<byte> End => [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0];

    internal static byte[] OfSchema(ArrowSchema schema)
    {
        var flat = new FlatBuilder();
        return Finish(flat, Ipc.HeaderType.Schema, SchemaWriting.Write(flat, schema), 0).Bytes;
    }

    internal static byte[] Footer(ArrowSchema schema, List<(long Offset, int Metadata, long Body)> batches)
    {
        var flat = new FlatBuilder();
        var (batchBlocks, dictionaryBlocks) = (Blocks(flat, batches), Blocks(flat, []));
        var fields = SchemaWriting.Write(flat, schema);
        flat.Begin();
        flat.Offset((int)Ipc.FooterField.Schema, fields);
        flat.Offset((int)Ipc.FooterField.Dictionaries, dictionaryBlocks);
        flat.Offset((int)Ipc.FooterField.RecordBatches, batchBlocks);
        flat.Int16((int)Ipc.FooterField.Version, Ipc.V5);
        var footer = flat.Finish(flat.End());
        var bytes = new byte[footer.Length + sizeof(int) + ArrowFileReader.Magic.Length];
        footer.CopyTo(bytes, 0);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(footer.Length), footer.Length);
        ArrowFileReader.Magic.CopyTo(bytes.AsSpan(footer.Length + sizeof(int)));
        return bytes;
    }

    /// <summary>Returns the frame of a record batch, to be filled in later, and the end from which builder positions count.</summary>
    internal static (byte[] Bytes, int BodyLengthAt, int End) FinishBatch(FlatBuilder flat, int batch)
    {
        var (bytes, bodyLengthAt) = Finish(flat, Ipc.HeaderType.RecordBatch, batch, 1);
        return (bytes, bodyLengthAt, MessageHead.PrefixBytes + flat.Length);
    }

    internal static (byte[] Bytes, int BodyLengthAt) Finish(FlatBuilder flat, Ipc.HeaderType type, int header, long body)
    {
        flat.Begin();
        var length = flat.Int64((int)Ipc.MessageField.BodyLength, body);
        flat.Offset((int)Ipc.MessageField.Header, header);
        flat.Int16((int)Ipc.MessageField.Version, Ipc.V5);
        flat.Byte((int)Ipc.MessageField.HeaderType, (int)type);
        var message = flat.Finish(flat.End());
        var padded = (message.Length + MessageHead.PrefixBytes + Alignment - 1) & -Alignment;
        var bytes = new byte[padded];
        End[..sizeof(uint)].CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(sizeof(uint)), padded - MessageHead.PrefixBytes);
        message.CopyTo(bytes, MessageHead.PrefixBytes);
        return (bytes, MessageHead.PrefixBytes + message.Length - length);
    }

    internal static int Blocks(FlatBuilder flat, List<(long Offset, int Metadata, long Body)> blocks)
    {
        var bytes = new byte[BlockBytes * blocks.Count];
        for (var i = 0; i < blocks.Count; i++)
        {
            var block = bytes.AsSpan(BlockBytes * i);
            BinaryPrimitives.WriteInt64LittleEndian(block, blocks[i].Offset);
            BinaryPrimitives.WriteInt32LittleEndian(block[8..], blocks[i].Metadata);
            BinaryPrimitives.WriteInt64LittleEndian(block[16..], blocks[i].Body);
        }

        return flat.Structs(bytes, blocks.Count);
    }
}
