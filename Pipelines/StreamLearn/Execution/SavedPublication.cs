using System.Buffers;

namespace StreamLearn;

/// <summary>A message as its bytes, with its identity: it waits for a checkpoint, or comes out of one, and goes out with the same
/// bytes.</summary>
/// <param name="Topic">Where it goes.</param>
/// <param name="Payload">Its bytes, behind those for its header.</param>
/// <param name="Options">Its identity, and what it carries.</param>
/// <param name="Rows">Sensor rows in it.</param>
internal sealed record SavedPublication(Topic Topic, ArrayBufferWriter<byte> Payload, PublishOptions Options, int Rows) : ISized
{
    /// <summary>Bytes that are kept free for its envelope, which says when it was sent: it is written then, and not saved.</summary>
    internal int HeaderBytes { get; init; }

    /// <inheritdoc />
    public long SizeBytes => Payload.WrittenCount - HeaderBytes;

    internal void Save(StateWriter writer) => Save(writer, Topic, Payload.WrittenSpan[HeaderBytes..], Options, Rows);

    /// <summary>Writes a message.</summary>
    internal static void Save(StateWriter writer, Topic topic, ReadOnlySpan<byte> payload, in PublishOptions options, int rows)
    {
        writer.Write(topic.Value);
        writer.Write(payload);
        writer.Write(rows);
        writer.Write(options.Origin.Source);
        writer.Write(options.Origin.Sequence);
        writer.Write(options.Origin.Epoch);
        writer.Write(options.Retain);
        writer.Write(options.Codec is not null);
        writer.Write(options.Codec ?? "");
        writer.Write((int)options.Kind);
        Save(writer, options.Tags);
        Save(writer, options.Properties);
    }

    internal static SavedPublication Load(ref StateReader reader)
    {
        var topic = new Topic(reader.ReadText());
        var bytes = reader.ReadArray<byte>(Array.MaxLength);
        var payload = new ArrayBufferWriter<byte>(Math.Max(bytes.Length, 1));
        payload.Write(bytes);
        var rows = reader.ReadInt32(0, int.MaxValue);
        var origin = new MessageOrigin(reader.ReadText(), reader.ReadInt64(), reader.ReadInt64());
        var (retain, hasCodec, codec) = (reader.ReadBoolean(), reader.ReadBoolean(), reader.ReadText());
        var options = new PublishOptions(origin, retain)
        {
            Codec = hasCodec ? codec : null,
            Kind = (byte)reader.ReadInt32(0, byte.MaxValue),
            Tags = LoadTags(ref reader),
            Properties = LoadProperties(ref reader),
        };
        return new(topic, payload, options, rows);
    }

    private static void Save(StateWriter writer, in MessageTags tags)
    {
        writer.Write(tags.Round);
        writer.Write(tags.BaseVersion);
        writer.Write((long)tags.SchemaHash);
        writer.Write(tags.EventTime);
        writer.Write((long)(ulong)tags.TraceId);
        writer.Write((long)(ulong)(tags.TraceId >> 64));
    }

    private static MessageTags LoadTags(ref StateReader reader)
    {
        var (round, version) = (reader.ReadNumber(), reader.ReadNumber());
        var (schema, time) = ((ulong)reader.ReadInt64(), reader.ReadNumber());
        var (low, high) = ((ulong)reader.ReadInt64(), (ulong)reader.ReadInt64());
        return new(round, version, schema, time, new(high, low));
    }

    private static void Save(StateWriter writer, MessageProperties? properties)
    {
        writer.Write(properties is not null);
        if (properties is null) { return; }
        writer.Write(properties.User.Length);
        foreach (var (name, value) in properties.User)
        {
            writer.Write(name);
            writer.Write(value);
        }

        writer.Write(properties.CorrelationData.Span);
        writer.Write(properties.ResponseTopic is not null);
        writer.Write(properties.ResponseTopic ?? "");
        writer.Write(properties.ContentType is not null);
        writer.Write(properties.ContentType ?? "");
    }

    private static MessageProperties? LoadProperties(ref StateReader reader)
    {
        if (!reader.ReadBoolean()) { return null; }
        var user = new List<KeyValuePair<string, string>>();
        for (var count = reader.ReadInt32(0, ushort.MaxValue); count > 0; count--) { user.Add(new(reader.ReadText(), reader.ReadText())); }
        var correlation = reader.ReadArray<byte>(MessageProperties.MaxBytes);
        var (hasResponse, response) = (reader.ReadBoolean(), reader.ReadText());
        var (hasContent, content) = (reader.ReadBoolean(), reader.ReadText());
        return new()
        {
            User = [.. user],
            CorrelationData = correlation,
            ResponseTopic = hasResponse ? response : null,
            ContentType = hasContent ? content : null,
        };
    }
}
