using System.Collections.Immutable;

namespace StreamLearn.Nats;

/// <summary>The status of a transport, printed as one line. Counts include all connections.</summary>
public sealed record NatsStatus
{
    /// <summary>Address and version of the connected server; empty: disconnected.</summary>
    public required string Server { get; init; }

    /// <summary>True if the server has JetStream; null while disconnected.</summary>
    public bool? HasJetStream { get; init; }

    /// <summary>The maximum payload of the server in bytes; null while disconnected.</summary>
    public long? MaxPayloadBytes { get; init; }

    /// <summary>Accepted connections.</summary>
    public required long Connects { get; init; }

    /// <summary>Lost connections.</summary>
    public required long Losses { get; init; }

    /// <summary>Messages received, including replies and stream protocol.</summary>
    public required long Received { get; init; }

    /// <summary>Messages written, including requests and repetitions, without acknowledgements.</summary>
    public required long Published { get; init; }

    /// <summary>Messages skipped for invalid headers.</summary>
    public required long Malformed { get; init; }

    /// <summary>Slow consumer errors reported by servers.</summary>
    public required long SlowConsumer { get; init; }

    /// <summary>Messages that a stream has not confirmed yet.</summary>
    public required long Unconfirmed { get; init; }

    /// <summary>Messages resent to a stream, after a lost connection or because it was full or had no leader.</summary>
    public required long Repeated { get; init; }

    /// <summary>Stream messages that failed because no stream has their subjects. Without a stream, a server does not report missing
    /// subscribers.</summary>
    public long Untaken { get; init; }

    /// <summary>Payload bytes received.</summary>
    public long BytesReceived { get; init; }

    /// <summary>Payload bytes sent.</summary>
    public long BytesSent { get; init; }

    /// <summary>The last fault, without secrets and control characters; empty: none.</summary>
    public required string LastFault { get; init; }

    /// <summary>The age of the last fault; zero: there was none.</summary>
    public TimeSpan LastFaultAge { get; init; }

    /// <summary>The time until the next attempt; zero: connected, connecting, or the connection belongs to an application.</summary>
    public TimeSpan TriesAgainIn { get; init; }

    /// <summary>The subscriptions in order.</summary>
    public required ImmutableArray<NatsSubscriptionStatus> Subscriptions { get; init; }

    /// <summary>True while connected.</summary>
    public bool IsConnected => Server.Length > 0;

    private string Waits => TriesAgainIn > TimeSpan.Zero
        ? FormattableString.Invariant($", tries again in {TriesAgainIn.TotalSeconds:0.0} s") : "";

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant(
        $"{(IsConnected ? Server : "not connected")}{Waits}, {Connects} connects, {Losses} losses, ")
        + FormattableString.Invariant($"{Received} received, {Published} published")
        + (Untaken == 0 ? "" : FormattableString.Invariant($", {Untaken} untaken"))
        + string.Concat(Subscriptions.Select(static s => $" | {s}"))
        + (LastFault.Length == 0 ? "" : $" | last fault, {Age} ago: {LastFault}");

    private string Age => LastFaultAge switch
    {
        { TotalMinutes: < 2 } => FormattableString.Invariant($"{LastFaultAge.TotalSeconds:0} s"),
        { TotalHours: < 2 } => FormattableString.Invariant($"{LastFaultAge.TotalMinutes:0} min"),
        _ => FormattableString.Invariant($"{LastFaultAge.TotalHours:0} h"),
    };
}

/// <summary>The status of a subscription, printed as part of a line.</summary>
/// <param name="Filter">The filter.</param>
/// <param name="Waiting">Undelivered messages.</param>
/// <param name="Held">Messages in the pipeline.</param>
/// <param name="Received">Messages received.</param>
/// <param name="Dropped">Oldest messages dropped for lack of space.</param>
/// <param name="Malformed">Messages dropped because their subject or headers could not be read.</param>
public sealed record NatsSubscriptionStatus(string Filter, int Waiting, int Held, long Received, long Dropped, long Malformed)
{
    /// <summary>Stream messages redelivered during processing or after acknowledgement; they are not delivered twice.</summary>
    public long Again { get; init; }

    /// <summary>Number of timeouts after which the server was asked again.</summary>
    public long Silences { get; init; }

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant(
        $"{Filter}: {Waiting} waiting, {Held} held, {Received} received, {Dropped} dropped, {Malformed} malformed");
}
