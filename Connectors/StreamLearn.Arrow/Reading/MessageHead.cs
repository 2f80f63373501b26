namespace StreamLearn.Arrow;

/// <summary>The metadata of a message. Source: Apache Arrow, encapsulated message format.</summary>
internal readonly ref struct MessageHead
{
    internal const int PrefixBytes = 8;

    private const uint Mark = 0xFFFFFFFF;

    private MessageHead(FlatTable message, Ipc.HeaderType type, FlatTable header, int bodyBytes)
    {
        Message = message;
        Header = header;
        (Type, BodyBytes) = (type, bodyBytes);
    }

    internal FlatTable Message { get; }

    internal Ipc.HeaderType Type { get; }

    internal FlatTable Header { get; }

    internal bool IsV4 => Message.Int16((int)Ipc.MessageField.Version, 0) == Ipc.V4;

    internal int BodyBytes { get; }

    /// <summary>Reads the length of the metadata, with the mark or without it (before version 0.15).</summary>
    internal static int MetadataBytes(ReadOnlySpan<byte> bytes, ArrowLimits limits, out int prefix)
    {
        prefix = sizeof(uint);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (length == Mark)
        {
            if (bytes.Length < PrefixBytes) { throw new ArrowFormatException("expected the length of a message, got the end"); }
            prefix = PrefixBytes;
            length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[sizeof(uint)..]);
        }

        if (length <= limits.MaxMetadataBytes) { return (int)length; }
        if (prefix == PrefixBytes)
        {
            throw new ArrowFormatException(string.Create(CultureInfo.InvariantCulture,
                $"expected at most {limits.MaxMetadataBytes} bytes of metadata (MaxMetadataBytes), got {length}"));
        }

        throw new ArrowFormatException(bytes.StartsWith(ArrowFileReader.Magic[..sizeof(uint)])
            ? "expected a message of Arrow, got an Arrow file" : "expected Arrow, got other bytes");
    }

    internal static MessageHead Read(ReadOnlySpan<byte> metadata, ArrowLimits limits)
    {
        var message = FlatTable.Root(metadata);
        if (message.Int16((int)Ipc.MessageField.Version, 0) is not (Ipc.V4 or Ipc.V5) and var version)
        {
            throw new ArrowFormatException(string.Create(CultureInfo.InvariantCulture,
                $"expected metadata of version 4 or 5, got {version + 1}"));
        }

        var type = (Ipc.HeaderType)message.Byte((int)Ipc.MessageField.HeaderType, 0);
        if (type is not (Ipc.HeaderType.Schema or Ipc.HeaderType.DictionaryBatch or Ipc.HeaderType.RecordBatch))
        {
            throw new ArrowFormatException($"expected a schema, a dictionary or a record batch, got {(Enum.IsDefined(type)
                ? type.ToString() : string.Create(CultureInfo.InvariantCulture, $"a message of type {(int)type}"))}");
        }

        if (!message.TryTable((int)Ipc.MessageField.Header, out var header))
        {
            throw new ArrowFormatException("expected a message with a header, got none");
        }

        var body = message.Int64((int)Ipc.MessageField.BodyLength, 0);
        if (body < 0 || body > limits.MaxMessageBytes)
        {
            throw new ArrowFormatException(string.Create(CultureInfo.InvariantCulture,
                $"expected a body of at most {limits.MaxMessageBytes} bytes (MaxMessageBytes), got {body}"));
        }

        return new(message, type, header, (int)body);
    }
}
