using System.Buffers;

namespace StreamLearn;

/// <summary>An encoded publication with its identity, which a checkpoint holds and which is sent unchanged. <paramref name="Payload"/>: the
/// bytes after the space reserved for the header.</summary>
internal sealed record SavedPublication(Topic Topic, ArrayBufferWriter<byte> Payload, PublishOptions Options, int Rows) : ISized
{
    /// <summary>Bytes reserved for the envelope, which holds the send time and is not saved.</summary>
    internal int HeaderBytes { get; init; }

    public long SizeBytes => Payload.WrittenCount - HeaderBytes;

    /// <summary>Without the envelope. <paramref name="message"/>: null when reading.</summary>
    internal static SavedPublication State(ref StateStream s, SavedPublication? message)
    {
        if (s.IsReading) { return Read(ref s); }
        Write(ref s, message!.Topic, message.Payload.WrittenSpan[message.HeaderBytes..], message.Options, message.Rows);
        return message;
    }

    internal static void Write(ref StateStream s, Topic topic, scoped ReadOnlySpan<byte> payload, in PublishOptions options, int rows)
    {
        s.Value(topic.Value);
        s.Array(payload, Array.MaxLength);
        s.Value(rows);
        State(ref s, options);
    }

    private static SavedPublication Read(ref StateStream s)
    {
        var topic = new Topic(s.Value(""));
        var bytes = s.Array<byte>(default(ReadOnlySpan<byte>), Array.MaxLength);
        var payload = new ArrayBufferWriter<byte>(Math.Max(bytes.Length, 1));
        payload.Write(bytes);
        var rows = s.Value(0, 0, int.MaxValue);
        return new(topic, payload, State(ref s, default(PublishOptions)), rows);
    }

    private static PublishOptions State(ref StateStream s, in PublishOptions options)
    {
        var from = options.Origin;
        var origin = new MessageOrigin(s.Value(from.Source ?? ""), s.Value(from.Sequence), s.Value(from.Epoch));
        var (retain, codec) = (s.Value(options.Retain), s.Text(options.Codec));
        var kind = s.Value(options.Kind | ((int)options.Privacy << 8), 0, (((int)PrivacyLabel.DeviceOnly + 1) << 8) - 1);
        return new(origin, retain)
        {
            Codec = codec,
            Kind = (byte)(kind & byte.MaxValue),
            Privacy = (PrivacyLabel)(kind >> 8),
            Tags = State(ref s, options.Tags),
            Properties = State(ref s, options.Properties),
        };
    }

    private static MessageTags State(ref StateStream s, in MessageTags tags)
    {
        var (round, version) = (s.Value(tags.Round), s.Value(tags.BaseVersion));
        var (schema, time) = ((ulong)s.Value((long)tags.SchemaHash), s.Value(tags.EventTime));
        var (low, high) = ((ulong)s.Value((long)(ulong)tags.TraceId), (ulong)s.Value((long)(ulong)(tags.TraceId >> 64)));
        return new(round, version, schema, time, new(high, low));
    }

    private static MessageProperties? State(ref StateStream s, MessageProperties? properties)
    {
        if (!s.Value(properties is not null)) { return null; }
        var user = s.Items(properties?.User ?? [], ushort.MaxValue, static (ref StateStream s, ref KeyValuePair<string, string> of) =>
            of = new(s.Value(of.Key ?? ""), s.Value(of.Value ?? "")));
        var correlation = s.Array<byte>(properties is null ? default : properties.CorrelationData.Span, MessageProperties.MaxBytes);
        var (response, content) = (s.Text(properties?.ResponseTopic), s.Text(properties?.ContentType));
        return properties ?? new() { User = user, CorrelationData = correlation, ResponseTopic = response, ContentType = content };
    }
}
