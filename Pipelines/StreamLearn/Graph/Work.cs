using System.Buffers;

namespace StreamLearn;

internal abstract record Work;

internal sealed record OperatorWork(Type Operator, Func<OperatorContext, Ports, Operator> Create) : Work;

internal sealed record SourceWork(Func<OperatorContext, Source> Create) : Work
{
    /// <summary>Creates the source of a resumed run. A source that cannot resume restarts its time too, because it would otherwise emit
    /// everything due since the first run began.</summary>
    internal (Source Source, OperatorContext Context) Open(OperatorContext before, Func<OperatorContext>? anew)
    {
        var source = Create(before);
        if (anew is null || source is ISeekable or IStateful) { return (source, before); }
        (source as IDisposable)?.Dispose();
        var context = anew();
        return (Create(context), context);
    }
}

internal sealed record SequenceWork(Func<OperatorContext, CancellationToken, IAsyncEnumerable<object>> Open) : Work;

internal sealed record SubscribeWork(
    ITransport Transport, Topic Filter, SubscribeOptions Options, Func<TopicLevels, Decode> Open, MessageCodec? Saved = null) : Work
{
    /// <summary>Marks an empty last message.</summary>
    internal const string End = "end";

    internal string? TryRead(DeclaredBatch declared, Decode decode, in Received message, BatchPool pool, out object? value)
    {
        value = null;
        if (message.Payload.Length > Options.MaxPayloadBytes) { return "oversized"; }
        if (message.IsRetained && Options.SkipRetained) { return "retained"; }
        value = decode(message, pool, out var reason);
        if (value is null) { return reason ?? "malformed"; }
        reason = value is Batch { Rows: 0 } ? Options.EndsOnEmpty ? End : "empty" : declared.Allows(value) ? null : "schema";
        if (reason is null) { return null; }
        ((Batch)value).Dispose();
        value = null;
        return reason;
    }
}

internal sealed record ConnectionsWork(ITransport Transport) : Work;

internal sealed record PublishWork(
    ITransport Transport, PublicationTopic Topic, string Codec, byte Kind, bool CodecWaits, PublicationOptions Options,
    Action<object, IBufferWriter<byte>> Encode, MessageCodec Saved, Func<object, MessageProperties?>? Properties = null) : Work
{
    /// <summary>True if messages wait for a checkpoint that holds their cause.</summary>
    internal bool WaitsForCheckpoint => Options.WithCheckpoint ?? CodecWaits;

    internal PrivacyException? Refusal(string block, object message) =>
        Options.Carries < PrivacyLabel.DeviceOnly && message is IPrivate { Privacy: var label } && label > Options.Carries
            ? Refused(block, message, label)
            : null;

    private PrivacyException Refused(string block, object message, PrivacyLabel label)
    {
        var column = (message as Batch)?.Schema.Fields.FirstOrDefault(f => f.Privacy == label)?.Name;
        return new(column, label, $"'{block}' ({Transport.Name})", Options.Carries);
    }

    internal int Window => Math.Clamp(Transport.MaxInFlight, 1, Options.InFlight);
}

internal sealed record InputWork : Work;

internal sealed record OutputWork : Work;

internal sealed record ForeignWork(Func<IForeignBlock> Open) : Work;

/// <summary>Returns null if the message cannot be decoded; sets <paramref name="reason"/> if it is not just malformed.</summary>
internal delegate object? Decode(in Received message, BatchPool pool, out string? reason);

internal interface IForeignBlock
{
    Task<bool> SendAsync(object item, CancellationToken cancellationToken);

    void Complete();

    Task Completion { get; }

    IAsyncEnumerable<object> ReadAllAsync(CancellationToken cancellationToken);
}
