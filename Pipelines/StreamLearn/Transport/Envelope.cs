using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace StreamLearn;

/// <summary> The header in front of payloads on topics <c>sl/<i>run</i>/<i>node</i>/<i>direction</i>/<i>kind</i></c>. It states who sent
/// the message and how it was made.
/// </summary>
/// <remarks>
/// Little-endian; 96 bytes, then the names in UTF-8, then the payload:
/// <code>
/// at  bytes
///  0  4   magic, "SLEV"
///  4  1   format version, 1
///  5  1   kind, the codec's number
///  6  2   flags: 1 edge only
///  8  2   bytes of the run's name, 0 to 1,024
/// 10  2   bytes of the source's name, 1 to 1,024
/// 12  2   bytes of the codec's name, 0 to 1,024
/// 14  2   0
/// 16  8   epoch, from 0
/// 24  8   sequence, from 0
/// 32  8   round, from 0; −1: none
/// 40  8   base version, from 0; −1: none
/// 48  8   schema hash; 0: none
/// 56  8   event time, nanoseconds UTC; the least value: none
/// 64  8   sent at, nanoseconds UTC
/// 72  16  trace id, first byte first; 0: none
/// 88  4   bytes of the payload, below 2³¹
/// 92  4   CRC-32C of all bytes before and behind this field
/// 96      run, source, codec, payload
/// </code>
/// A header that is truncated, damaged, unknown or out of range is refused. Names have no control characters.
/// </remarks>
/// <param name="Origin">Who published the message, and its number.</param>
/// <param name="Tags">Metadata of the message.</param>
public readonly record struct Envelope(MessageOrigin Origin, MessageTags Tags = default)
{
    /// <summary>Bytes before the names.</summary>
    public const int FixedBytes = 96;

    /// <summary>Maximum length of a name in UTF-8 bytes.</summary>
    public const int MaxNameBytes = 1024;

    /// <summary>Maximum size of the header in bytes.</summary>
    public const int MaxHeaderBytes = FixedBytes + (3 * MaxNameBytes);

    private const uint Magic = 0x56454C53;      // "SLEV", little-endian
    private const byte FormatVersion = 1;
    private const int ChecksumAt = 92;
    private const long NoTime = long.MinValue;

    /// <summary>The codec's number for the payload; 0: none.</summary>
    public byte Kind { get; init; }

    internal EnvelopeFlags Flags { get; init; }

    /// <summary>The run, the topic's second level; empty: none.</summary>
    public string Run { get; init; } = "";

    /// <summary>The payload's codec and version; empty: unknown.</summary>
    public string Codec { get; init; } = "";

    /// <summary>Send time on the sender's clock, nanoseconds UTC.</summary>
    public long SentAt { get; init; }

    /// <summary>Returns true if messages on a topic have envelopes.</summary>
    public static bool IsOn(Topic topic) => topic.Value.StartsWith("sl/", StringComparison.Ordinal);

    internal static bool Begins(in ReadOnlySequence<byte> message)
    {
        Span<byte> first = stackalloc byte[sizeof(uint)];
        if (message.Length < first.Length) { return false; }
        message.Slice(0, first.Length).CopyTo(first);
        return BinaryPrimitives.ReadUInt32LittleEndian(first) == Magic;
    }

    /// <summary>Adds an envelope as the publication of a pipeline does, for programs that use a transport directly.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="payload">The payload.</param>
    /// <param name="options">Identity, codec and tags.</param>
    /// <param name="sentAt">The time.</param>
    /// <returns>The header and the payload, or only the payload on topics without envelopes (<see cref="IsOn"/>).</returns>
    /// <exception cref="ArgumentException">The same as for <see cref="Write"/>.</exception>
    public static ReadOnlySequence<byte> Seal(
        Topic topic, in ReadOnlySequence<byte> payload, in PublishOptions options, DateTimeOffset sentAt)
    {
        if (!IsOn(topic)) { return payload; }
        var length = HeaderBytes(topic, options);
        var bytes = new byte[length + payload.Length];
        Write(Of(topic, options, sentAt), payload, bytes);
        payload.CopyTo(bytes.AsSpan(length));
        return new(bytes);
    }

    internal static Envelope Of(Topic topic, in PublishOptions options, DateTimeOffset sentAt) => new(options.Origin, options.Tags)
    {
        Kind = options.Kind,
        Flags = options.Privacy > PrivacyLabel.Public ? EnvelopeFlags.EdgeOnly : EnvelopeFlags.None,
        Run = EnvelopeNames.Shared.Of(RunOf(topic)),
        Codec = options.Codec ?? "",
        SentAt = (sentAt - DateTimeOffset.UnixEpoch).Ticks * 100,
    };

    /// <summary>Size of the envelope in bytes; 0 on topics without envelopes.</summary>
    internal static int HeaderBytes(Topic topic, in PublishOptions options) => IsOn(topic)
        ? FixedBytes + Encoding.UTF8.GetByteCount(RunOf(topic)) + Encoding.UTF8.GetByteCount(options.Origin.Source ?? "")
            + Encoding.UTF8.GetByteCount(options.Codec ?? "")
        : 0;

    private static ReadOnlySpan<char> RunOf(Topic topic)
    {
        var run = topic.Value.AsSpan(3);
        return run.IndexOf('/') is >= 0 and var end ? run[..end] : run;
    }

    /// <summary>Writes the header of a payload.</summary>
    /// <param name="envelope">The envelope.</param>
    /// <param name="payload">The payload that follows; it is not copied.</param>
    /// <param name="header">The target; <see cref="MaxHeaderBytes"/> bytes are always enough.</param>
    /// <returns>Number of bytes in the header.</returns>
    /// <exception cref="ArgumentException">A name is too long, is not valid Unicode or has control characters, the source is empty, or a
    /// number is out of range.</exception>
    public static int Write(in Envelope envelope, in ReadOnlySequence<byte> payload, Span<byte> header)
    {
        var (origin, tags) = (envelope.Origin, envelope.Tags);
        if (string.IsNullOrEmpty(origin.Source))
        {
            throw new ArgumentException(
                "expected PublishOptions.Origin with a source, got none: a message on sl/... has to name its sender", nameof(envelope));
        }

        ArgumentOutOfRangeException.ThrowIfNegative(origin.Epoch, nameof(envelope));
        ArgumentOutOfRangeException.ThrowIfNegative(origin.Sequence, nameof(envelope));
        ArgumentOutOfRangeException.ThrowIfNegative(tags.Round ?? 0, nameof(envelope));
        ArgumentOutOfRangeException.ThrowIfNegative(tags.BaseVersion ?? 0, nameof(envelope));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, int.MaxValue, nameof(payload));
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        header[4] = FormatVersion;
        header[5] = envelope.Kind;
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], (ushort)envelope.Flags);
        var at = FixedBytes;
        Name(envelope.Run, "run", header, 8, ref at);
        Name(origin.Source, "source", header, 10, ref at);
        Name(envelope.Codec, "codec", header, 12, ref at);
        BinaryPrimitives.WriteUInt16LittleEndian(header[14..], 0);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], origin.Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], origin.Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(header[32..], tags.Round ?? -1);
        BinaryPrimitives.WriteInt64LittleEndian(header[40..], tags.BaseVersion ?? -1);
        BinaryPrimitives.WriteUInt64LittleEndian(header[48..], tags.SchemaHash);
        BinaryPrimitives.WriteInt64LittleEndian(header[56..], tags.EventTime ?? NoTime);
        BinaryPrimitives.WriteInt64LittleEndian(header[64..], envelope.SentAt);
        BinaryPrimitives.WriteUInt128BigEndian(header[72..], tags.TraceId);
        BinaryPrimitives.WriteUInt32LittleEndian(header[88..], (uint)payload.Length);
        var crc = Crc32C.Of(Crc32C.Of(header[..ChecksumAt]), header[FixedBytes..at]);
        foreach (var part in payload) { crc = Crc32C.Of(crc, part.Span); }
        BinaryPrimitives.WriteUInt32LittleEndian(header[ChecksumAt..], crc);
        return at;
    }

    /// <summary>Reads a header and checks its payload. It never throws on invalid bytes and never allocates by an unchecked
    /// length.</summary>
    /// <param name="message">All bytes of a message.</param>
    /// <param name="envelope">The envelope, if valid.</param>
    /// <param name="payload">The payload.</param>
    /// <param name="fault">The fault: <c>cut</c>, <c>magic</c>, <c>version</c>, <c>length</c>, <c>checksum</c>, <c>flags</c>, <c>name</c>,
    /// <c>number</c>; empty: none.</param>
    /// <returns>False if there is no valid envelope.</returns>
    public static bool TryRead(
        in ReadOnlySequence<byte> message, out Envelope envelope, out ReadOnlySequence<byte> payload, out string fault)
    {
        var found = TryRead(message, out envelope, out payload);
        fault = EnvelopeFaults.Names[(int)found];
        return found == EnvelopeFault.None;
    }

    /// <inheritdoc cref="TryRead(in ReadOnlySequence{byte}, out Envelope, out ReadOnlySequence{byte}, out string)" />
    internal static EnvelopeFault TryRead(in ReadOnlySequence<byte> message, out Envelope envelope, out ReadOnlySequence<byte> payload)
    {
        if (message.IsSingleSegment) { return Read(message.FirstSpan, message, out envelope, out payload); }
        var whole = ArrayPool<byte>.Shared.Rent((int)message.Length);
        try
        {
            message.CopyTo(whole);
            return Read(whole.AsSpan(0, (int)message.Length), message, out envelope, out payload);
        }
        finally { ArrayPool<byte>.Shared.Return(whole); }

        static EnvelopeFault Read(ReadOnlySpan<byte> bytes, in ReadOnlySequence<byte> of, out Envelope envelope,
            out ReadOnlySequence<byte> payload)
        {
            var fault = TryRead(bytes, out envelope, out int at);
            payload = of.Slice(at);
            return fault;
        }
    }

    internal static EnvelopeFault TryRead(ReadOnlySpan<byte> message, out Envelope envelope, out int payloadAt)
    {
        (envelope, payloadAt) = (default, 0);
        if (Check(message, out payloadAt) is not EnvelopeFault.None and var fault) { return fault; }
        var at = FixedBytes;
        if (!TryName(message, 8, 0, ref at, out var run) || !TryName(message, 10, 1, ref at, out var source)
            || !TryName(message, 12, 0, ref at, out var codec))
        {
            return EnvelopeFault.Name;
        }

        var (round, version) = (Long(message, 32), Long(message, 40));
        var eventTime = Long(message, 56);
        var origin = new MessageOrigin(source, Sequence: Long(message, 24), Epoch: Long(message, 16));
        if (origin.Epoch < 0 || origin.Sequence < 0 || round < -1 || version < -1) { return EnvelopeFault.Number; }
        var tags = new MessageTags(
            round < 0 ? null : round,
            version < 0 ? null : version,
            (ulong)Long(message, 48),
            eventTime == NoTime ? null : eventTime,
            BinaryPrimitives.ReadUInt128BigEndian(message[72..]));
        envelope = new(origin, tags)
        {
            Kind = message[5],
            Flags = (EnvelopeFlags)Short(message, 6),
            Run = run,
            Codec = codec,
            SentAt = Long(message, 64),
        };
        return EnvelopeFault.None;
    }

    private static EnvelopeFault Check(ReadOnlySpan<byte> message, out int payloadAt)
    {
        payloadAt = 0;
        if (message.Length < FixedBytes) { return EnvelopeFault.Cut; }
        if (BinaryPrimitives.ReadUInt32LittleEndian(message) != Magic) { return EnvelopeFault.Magic; }
        if (message[4] != FormatVersion) { return EnvelopeFault.Version; }
        var end = FixedBytes + Short(message, 8) + Short(message, 10) + Short(message, 12);
        if (end > message.Length) { return EnvelopeFault.Cut; }
        if (BinaryPrimitives.ReadUInt32LittleEndian(message[88..]) != (uint)(message.Length - end)) { return EnvelopeFault.Length; }
        var crc = Crc32C.Of(Crc32C.Of(message[..ChecksumAt]), message[FixedBytes..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(message[ChecksumAt..]) != crc) { return EnvelopeFault.Checksum; }
        payloadAt = end;
        return (Short(message, 6) & ~(int)EnvelopeFlags.EdgeOnly) != 0 || Short(message, 14) != 0 ? EnvelopeFault.Flags
            : EnvelopeFault.None;
    }

    private static void Name(string name, string what, Span<byte> header, int lengthAt, ref int at)
    {
        if (name.Length > MaxNameBytes || !EnvelopeNames.Strict.TryGetBytes(name, header[at..], out var bytes) || bytes > MaxNameBytes
            || EnvelopeNames.HasControls(name))
        {
            throw new ArgumentException(
                $"expected a {what} of at most {MaxNameBytes} bytes without control characters and halves of surrogate pairs", what);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(header[lengthAt..], (ushort)bytes);
        at += bytes;
    }

    private static bool TryName(ReadOnlySpan<byte> message, int lengthAt, int least, ref int at, out string name)
    {
        var length = Short(message, lengthAt);
        name = "";
        if (length < least || length > MaxNameBytes || !EnvelopeNames.Shared.TryOf(message.Slice(at, length), out name)) { return false; }
        at += length;
        return true;
    }

    private static int Short(ReadOnlySpan<byte> message, int at) => BinaryPrimitives.ReadUInt16LittleEndian(message[at..]);

    private static long Long(ReadOnlySpan<byte> message, int at) => BinaryPrimitives.ReadInt64LittleEndian(message[at..]);
}
