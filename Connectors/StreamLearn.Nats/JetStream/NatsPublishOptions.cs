using System.Buffers;
using System.Globalization;
using System.Text;

namespace StreamLearn.Nats;

/// <summary>What a publisher asks of a stream.</summary>
public readonly record struct NatsPublishOptions
{
    /// <summary>A name of the message: a second one with it, within the stream's window, is not kept. Null, the default: none.</summary>
    public string? MessageId { get; init; }

    /// <summary>The stream that takes it; null, the default: whichever has the subject.</summary>
    public string? ExpectedStream { get; init; }

    /// <summary>The number of the newest message of the stream, or the message is refused; null, the default: any.</summary>
    public long? ExpectedLastSequence { get; init; }

    /// <summary>The number of the newest message of the subject, 0 for none, or the message is refused; null, the default: any.</summary>
    public long? ExpectedLastSubjectSequence { get; init; }

    /// <summary>The message id of the newest message of the stream, or the message is refused; null, the default: any.</summary>
    public string? ExpectedLastMessageId { get; init; }

    /// <summary>The operation of a key-value store that it is; null: it is a message.</summary>
    internal string? Operation { get; init; }

    /// <summary>True: it replaces all of its subject.</summary>
    internal bool Replaces { get; init; }

    /// <summary>True: it fails where there is no space, as in a bucket, which nobody empties by reading it; false: it waits.</summary>
    internal bool FailsWhenFull { get; init; }

    internal void Write(IBufferWriter<byte> output)
    {
        var headers = new NatsHeaderWriter(output);
        Write(ref headers);
        headers.Complete();
    }

    internal void Write(ref NatsHeaderWriter headers)
    {
        Add(ref headers, "Nats-Msg-Id"u8, MessageId);
        Add(ref headers, "Nats-Expected-Stream"u8, ExpectedStream);
        Add(ref headers, "Nats-Expected-Last-Sequence"u8, ExpectedLastSequence?.ToString(CultureInfo.InvariantCulture));
        Add(ref headers, "Nats-Expected-Last-Subject-Sequence"u8, ExpectedLastSubjectSequence?.ToString(CultureInfo.InvariantCulture));
        Add(ref headers, "Nats-Expected-Last-Msg-Id"u8, ExpectedLastMessageId);
        Add(ref headers, "KV-Operation"u8, Operation);
        if (Replaces) { headers.Add("Nats-Rollup"u8, "sub"u8); }
    }

    private static void Add(ref NatsHeaderWriter headers, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null) { headers.Add(name, NatsText.Utf8(value, Encoding.ASCII.GetString(name))); }
    }
}

/// <summary>That a stream has a message.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Sequence">The number of the message in it.</param>
/// <param name="IsDuplicate">True: it had a message with this id already, which has the number.</param>
public readonly record struct NatsPublished(string Stream, long Sequence, bool IsDuplicate);
