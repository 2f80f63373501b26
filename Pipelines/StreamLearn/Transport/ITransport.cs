using System.Buffers;

namespace StreamLearn;

/// <summary>Carries bytes between pipelines. Only the dataflow host calls it; the simulation has its own, driven by events.</summary>
public interface ITransport : IAsyncDisposable
{
    /// <summary>The name by which a node compares and prints the transport.</summary>
    string Name { get; }

    /// <summary>Publications that may be under way at once, each begun when the call before it has returned, while messages keep that
    /// order. Default 1: the next is begun when the one before is done.</summary>
    int MaxInFlight => 1;

    /// <summary>Publishes a message; done when the peer confirmed it.</summary>
    /// <param name="topic">Where; no filter.</param>
    /// <param name="payload">The bytes; not kept after the call is done.</param>
    /// <param name="options">Identity and retention.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="TransportException">The message could not be published.</exception>
    ValueTask PublishAsync(Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken);

    /// <summary>Subscribes with the call where it can, at the latest when the first message is asked for: then what is published between
    /// the two may be answered before anybody listens. Each message is acknowledged or refused, then disposed, by
    /// who takes it.</summary>
    /// <param name="filter">What.</param>
    /// <param name="options">Capacity.</param>
    /// <param name="cancellationToken">Ends the subscription; what was already delivered to it is still handed out, then the sequence
    /// ends without an exception. If it is canceled at the call, nothing should be subscribed to, so that nobody keeps messages for the
    /// subscription; a transport that numbers its subscriptions counts this one all the same.</param>
    IAsyncEnumerable<Message> SubscribeAsync(Topic filter, SubscribeOptions options, CancellationToken cancellationToken);

    /// <summary>Tells when connections are made and lost. First comes how each session stands, if it has sought a connection; then each
    /// change.</summary>
    /// <remarks>
    /// Of a session, no more than one change waits for a slow reader: the newest. It says that the session was kept only if it was over
    /// all that the reader has not seen. A transport without connections, the default, tells nothing.
    /// </remarks>
    /// <param name="cancellationToken">Ends the sequence, without an exception.</param>
    IAsyncEnumerable<ConnectionChange> ConnectionsAsync(CancellationToken cancellationToken) =>
        ConnectionChange.NoneAsync(cancellationToken);
}

/// <summary>How a message is published.</summary>
/// <param name="Origin">Who published it and as which of its messages.</param>
/// <param name="Retain">True: the newest message of the topic is kept for later subscribers.</param>
public readonly record struct PublishOptions(MessageOrigin Origin, bool Retain = false)
{
    /// <summary>The codec that wrote the payload, with its version; null: not known. It travels in the <see cref="Envelope"/>.</summary>
    public string? Codec { get; init; }

    /// <summary>What the payload is: the codec's number for it; 0: none. It travels in the <see cref="Envelope"/>.</summary>
    public byte Kind { get; init; }

    /// <summary>What the message says of itself. It travels in the <see cref="Envelope"/>.</summary>
    public MessageTags Tags { get; init; }

    /// <summary>How far the message may go; its <see cref="Envelope"/> says so. Default <see cref="PrivacyLabel.Public"/>.</summary>
    public PrivacyLabel Privacy { get; init; }

    /// <summary>What the message carries beside its payload; null, the default: nothing.</summary>
    public MessageProperties? Properties { get; init; }
}

/// <summary>The identity of a message: its publisher and a number that the publisher never uses again in its epoch.</summary>
/// <remarks>A message that the state of a run holds is dropped where its identity comes again. So one that does not say who sent it has
/// none: a transport never makes one up, for it would name other messages after a restart.</remarks>
/// <param name="Source">The publisher, <c>pipeline/block</c>; empty: the message has no identity.</param>
/// <param name="Sequence">From 0. Without an identity: of what came over this subscription.</param>
/// <param name="Epoch">Rises at each start of the publisher.</param>
public readonly record struct MessageOrigin(string Source, long Sequence, long Epoch = 0);

/// <summary>When a source's message is acknowledged.</summary>
public enum DeliveryLevel
{
    /// <summary>When every call it caused has returned and all that they emitted has been published, dropped or absorbed. State is not
    /// covered.</summary>
    Processed,

    /// <summary>When a checkpoint that holds its effect is on disk: state is covered. A message with an identity that comes again after a
    /// restart is dropped as <c>duplicate</c>. In a run that keeps no checkpoints, as <see cref="Processed"/>.</summary>
    Checkpointed,
}

/// <summary>Settings of a subscription.</summary>
public sealed record SubscribeOptions
{
    /// <summary>Undelivered messages held at most; beyond, the publisher waits. Messages, 1 to 65,535; default 64.</summary>
    public int Capacity { get; init; } = 64;

    /// <summary>Bytes a payload may have; a larger one is dropped, counted as <c>oversized</c> and acknowledged: it would come again just
    /// as large. Default 64 MiB.</summary>
    public int MaxPayloadBytes { get; init; } = 64 << 20;

    /// <summary>True: messages that were kept for later subscribers are dropped, counted as <c>retained</c>. Default false.</summary>
    public bool SkipRetained { get; init; }

    /// <summary>True: a batch without rows ends the subscription; its publisher sends it when its flow ends (<c>EndWithEmpty</c>). Default
    /// false: such a batch is dropped as <c>empty</c>. Of several publishers the first one ends it.</summary>
    public bool EndsOnEmpty { get; init; }

    /// <summary>True: on a topic <c>sl/…</c> a payload without an <see cref="Envelope"/> is taken as it is, from nobody in particular, so
    /// that people and other programs can write there. Default false: it is dropped as <c>malformed</c>.</summary>
    public bool TakesPlain { get; init; }

    /// <summary>The most private that may come this way, as <see cref="PublicationOptions.Carries"/>: where it is
    /// <see cref="PrivacyLabel.Public"/>, the default, a message whose <see cref="Envelope"/> says that it may not go beyond the edge is
    /// dropped as <c>privacy</c>. Messages without an envelope do not say it.</summary>
    public PrivacyLabel Carries { get; init; }

    /// <summary>False: the transport keeps nothing for this subscription while it is not connected; it gets what is published from now on,
    /// and what is retained. Default true: what comes while it is away waits for it, where the transport can keep it.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>The name under which a server keeps what waits for the subscription while it is away; null, the default: the transport
    /// gives one. Letters, digits, <c>-</c> and <c>_</c>.</summary>
    /// <exception cref="ArgumentException">The name is empty, or has other characters.</exception>
    public string? Name
    {
        get;
        init => field = value is null || (value.Length > 0 && value.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            ? value
            : throw new ArgumentException($"expected a name of letters, digits, '-' and '_', got '{value}'", nameof(Name));
    }

    /// <summary>A group of subscriptions that share the messages: each message goes to one of them. Null, the default: it gets all. A
    /// transport that has no groups throws.</summary>
    public string? Group { get; init; }

    /// <summary>What the subscription begins with; one that a server knows goes on where it was. Default: what is published from now on. A
    /// transport that keeps nothing throws at any other.</summary>
    public StartPosition From { get; init; }

    /// <summary>When messages are acknowledged. Default <see cref="DeliveryLevel.Checkpointed"/>, which without checkpoints is
    /// <see cref="DeliveryLevel.Processed"/>.</summary>
    public DeliveryLevel Level { get; init; } = DeliveryLevel.Checkpointed;

    /// <summary>Refuses what a transport does not have: to be called when it is subscribed to.</summary>
    /// <param name="transport">The transport's name.</param>
    /// <param name="hasGroups">True: it shares messages in groups.</param>
    /// <param name="keepsMessages">True: it keeps messages that came before a subscription.</param>
    /// <exception cref="ArgumentException">A group, or another start than now, that it does not have.</exception>
    public void RequireOf(string transport, bool hasGroups = false, bool keepsMessages = false)
    {
        if (!hasGroups && Group is not null) { throw new ArgumentException($"transport '{transport}' has no groups, got '{Group}'"); }
        if (!keepsMessages && From != StartPosition.New)
        {
            throw new ArgumentException($"transport '{transport}' keeps no messages to begin with, got From = {From}");
        }
    }
}

/// <summary>A transport could not do what was asked.</summary>
/// <param name="message">What was expected, what came.</param>
/// <param name="isTransient">True if the same call may succeed later.</param>
/// <param name="cause">The cause, if there is one.</param>
public sealed class TransportException(string message, bool isTransient, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>True if the same call may succeed later.</summary>
    public bool IsTransient { get; } = isTransient;
}
