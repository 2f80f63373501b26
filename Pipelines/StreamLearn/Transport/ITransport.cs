using System.Buffers;

namespace StreamLearn;

/// <summary>Carries bytes between pipelines. Only the dataflow host calls it; the simulation has its own.</summary>
public interface ITransport : IAsyncDisposable
{
    /// <summary>The name by which nodes compare and print the transport.</summary>
    string Name { get; }

    /// <summary>Maximum number of concurrent publications. Each starts after the previous call has returned, and order is kept. Default 1:
    /// one after the other.</summary>
    int MaxInFlight => 1;

    /// <summary>Publishes a message; completes when the peer has confirmed it.</summary>
    /// <param name="topic">The topic, not a filter.</param>
    /// <param name="payload">The bytes; not kept after completion.</param>
    /// <param name="options">Settings such as identity and retention.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="TransportException">The message could not be published.</exception>
    ValueTask PublishAsync(Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken);

    /// <summary>Subscribes immediately if possible, otherwise on the first read; replies published in between may be missed. The receiver
    /// acknowledges or refuses each message, then disposes it.</summary>
    /// <param name="filter">The topic or filter.</param>
    /// <param name="options">The settings.</param>
    /// <param name="cancellationToken">Ends the sequence without an exception after delivered messages. If already canceled, do not
    /// subscribe, so that no server keeps messages; numbering transports still count the subscription.</param>
    IAsyncEnumerable<Message> SubscribeAsync(Topic filter, SubscribeOptions options, CancellationToken cancellationToken);

    /// <summary>Reports each session's state, if it has tried to connect, then every change.</summary>
    /// <remarks>A slow reader gets only the newest change of each session. That change reports the session as kept only if it was kept in
    /// all unread changes. Transports without connections report nothing (default).</remarks>
    /// <param name="cancellationToken">Ends the sequence without an exception.</param>
    IAsyncEnumerable<ConnectionChange> ConnectionsAsync(CancellationToken cancellationToken) =>
        ConnectionChange.NoneAsync(cancellationToken);
}

/// <summary>Settings of a published message.</summary>
/// <param name="Origin">The identity of the message.</param>
/// <param name="Retain">True: the topic's newest message is kept for later subscribers.</param>
public readonly record struct PublishOptions(MessageOrigin Origin, bool Retain = false)
{
    /// <summary>The payload's codec and version, sent in the <see cref="Envelope"/>; null: unknown.</summary>
    public string? Codec { get; init; }

    /// <summary>The codec's number for the payload, sent in the <see cref="Envelope"/>; 0: none.</summary>
    public byte Kind { get; init; }

    /// <summary>The message's tags, sent in the <see cref="Envelope"/>.</summary>
    public MessageTags Tags { get; init; }

    /// <summary>How far the message may be sent; part of the <see cref="Envelope"/>. Default <see cref="PrivacyLabel.Public"/>.</summary>
    public PrivacyLabel Privacy { get; init; }

    /// <summary>Properties in addition to the payload; default null: none.</summary>
    public MessageProperties? Properties { get; init; }
}

/// <summary>A message's identity: its publisher, and a number never reused in the publisher's epoch.</summary>
/// <remarks>Duplicates of messages that are in a run's state are recognized by identity and dropped. Transports must not invent identities,
/// because they would identify other messages after a restart.</remarks>
/// <param name="Source">The publisher, <c>pipeline/block</c>; empty: no identity.</param>
/// <param name="Sequence">The number, from 0; counted per subscription if there is no identity.</param>
/// <param name="Epoch">Increases with each start of the publisher.</param>
public readonly record struct MessageOrigin(string Source, long Sequence, long Epoch = 0);

/// <summary>Settings of a subscription.</summary>
public sealed record SubscribeOptions
{
    /// <summary>Maximum number of undelivered messages, 1 to 65,535. If there are more, the publisher waits. Default 64.</summary>
    public int Capacity { get; init; } = 64;

    /// <summary>Maximum size of a payload in bytes; default 64 MiB. Larger ones are dropped as <c>oversized</c> and acknowledged, because
    /// redelivery would not help.</summary>
    public int MaxPayloadBytes { get; init; } = 64 << 20;

    /// <summary>True: retained messages are dropped as <c>retained</c>. Default false.</summary>
    public bool SkipRetained { get; init; }

    /// <summary>True: a batch without rows, sent at a flow's end (<c>EndWithEmpty</c>), ends the subscription; with several publishers, the
    /// first one. Default false: dropped as <c>empty</c>.</summary>
    public bool EndsOnEmpty { get; init; }

    /// <summary>True: on <c>sl/…</c> topics, payloads without an <see cref="Envelope"/> are accepted without a sender, so that people and
    /// other programs can send. Default false: they are dropped as <c>malformed</c>.</summary>
    public bool TakesPlain { get; init; }

    /// <summary>The most private label that may be received, as in <see cref="PublicationOptions.Carries"/>. With the default
    /// <see cref="PrivacyLabel.Public"/>, messages whose <see cref="Envelope"/> limits them to the edge are dropped as <c>privacy</c>.
    /// Messages without an envelope are not checked.</summary>
    public PrivacyLabel Carries { get; init; }

    /// <summary>False: nothing is kept while disconnected; only new and retained messages are received. Default true: messages are kept if
    /// the transport supports it.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>The name under which a server keeps messages while the subscriber is absent; default null: the transport chooses it.
    /// Letters, digits, <c>-</c> and <c>_</c>.</summary>
    /// <exception cref="ArgumentException">The name is empty or has other characters.</exception>
    public string? Name
    {
        get;
        init => field = value is null || (value.Length > 0 && value.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            ? value
            : throw new ArgumentException($"expected a name of letters, digits, '-' and '_', got '{value}'", nameof(Name));
    }

    /// <summary>The group of subscriptions that share messages: each message goes to one of them. Default null: this subscription receives
    /// all messages. Transports without groups throw.</summary>
    public string? Group { get; init; }

    /// <summary>Where to start; subscriptions that a server knows resume instead. Default: new messages. Transports that keep no messages
    /// throw for other positions.</summary>
    public StartPosition From { get; init; }

    /// <summary>True: messages are acknowledged when a durable checkpoint holds their effect, including state; redelivered messages with an
    /// identity are dropped as <c>duplicate</c>. False, or without checkpoints: when all calls that they caused have returned and their
    /// outputs are published, dropped or consumed; state changes may then be lost in a crash. Default true.</summary>
    public bool AfterCheckpoint { get; init; } = true;

    /// <summary>Refuses settings that a transport does not support. Call it when subscribing.</summary>
    /// <param name="transport">The transport's name.</param>
    /// <param name="hasGroups">True: it supports groups.</param>
    /// <param name="keepsMessages">True: it keeps earlier messages.</param>
    /// <exception cref="ArgumentException">The group or the start position is not supported.</exception>
    public void RequireOf(string transport, bool hasGroups = false, bool keepsMessages = false)
    {
        if (!hasGroups && Group is not null) { throw new ArgumentException($"transport '{transport}' has no groups, got '{Group}'"); }
        if (!keepsMessages && From != StartPosition.New)
        {
            throw new ArgumentException($"transport '{transport}' keeps no messages to start from, got From = {From}");
        }
    }
}

/// <summary>A transport operation failed.</summary>
/// <param name="message">The expected and the actual columns.</param>
/// <param name="isTransient">True if a retry may succeed.</param>
/// <param name="cause">The cause, if any.</param>
public sealed class TransportException(string message, bool isTransient, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>True if a retry may succeed.</summary>
    public bool IsTransient { get; } = isTransient;
}
