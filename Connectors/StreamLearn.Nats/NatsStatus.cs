using System.Collections.Immutable;

namespace StreamLearn.Nats;

/// <summary>What a transport is doing, at one moment; counts go on over connections. It prints as one line.</summary>
public sealed record NatsStatus
{
    /// <summary>Where the server is that has taken the login, and its version; empty: there is no connection.</summary>
    public required string Server { get; init; }

    /// <summary>Whether that server has JetStream; null: there is no connection.</summary>
    public bool? HasJetStream { get; init; }

    /// <summary>Bytes that a message to that server may have; null: there is no connection.</summary>
    public long? MaxPayloadBytes { get; init; }

    /// <summary>Connections that servers accepted.</summary>
    public required long Connects { get; init; }

    /// <summary>Those that were lost.</summary>
    public required long Losses { get; init; }

    /// <summary>Messages that came, with answers and what else the protocol of streams needs.</summary>
    public required long Received { get; init; }

    /// <summary>Messages written, with requests and repetitions; acknowledgements are not counted.</summary>
    public required long Published { get; init; }

    /// <summary>Messages of others that were passed over because their headers are wrong.</summary>
    public required long Malformed { get; init; }

    /// <summary>Times that a server said that this client takes its messages too slowly.</summary>
    public required long SlowConsumer { get; init; }

    /// <summary>Messages that a stream has yet to confirm.</summary>
    public required long Unconfirmed { get; init; }

    /// <summary>Messages that were sent to a stream again: after a loss of the connection, or because it was full or had no
    /// leader.</summary>
    public required long Repeated { get; init; }

    /// <summary>Messages to streams that failed because no stream took their subjects. Of what goes without a stream, a server does not
    /// say whether anybody has it.</summary>
    public long Untaken { get; init; }

    /// <summary>Bytes of payloads that came.</summary>
    public long BytesReceived { get; init; }

    /// <summary>Bytes of payloads that were sent.</summary>
    public long BytesSent { get; init; }

    /// <summary>The last fault, without secrets and control characters; empty: there was none.</summary>
    public required string LastFault { get; init; }

    /// <summary>How long ago that was; zero: there was none.</summary>
    public TimeSpan LastFaultAge { get; init; }

    /// <summary>How long it waits before servers are tried again; zero: there is a connection, or one is
    /// sought, or the connection is the application's.</summary>
    public TimeSpan TriesAgainIn { get; init; }

    /// <summary>What is subscribed to, in the order of subscribing.</summary>
    public required ImmutableArray<NatsSubscriptionStatus> Subscriptions { get; init; }

    /// <summary>True while a server has accepted a connection.</summary>
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

/// <summary>What one subscription is doing. It prints as a part of a line.</summary>
/// <param name="Filter">What it subscribes to.</param>
/// <param name="Waiting">Messages that wait to be delivered.</param>
/// <param name="Held">Messages that the pipeline has.</param>
/// <param name="Received">Messages that came.</param>
/// <param name="Dropped">Those that were dropped because there was no space: the oldest.</param>
/// <param name="Malformed">Those that were dropped because their subject or headers cannot be read.</param>
public sealed record NatsSubscriptionStatus(string Filter, int Waiting, int Held, long Received, long Dropped, long Malformed)
{
    /// <summary>Messages of a stream that came again while they were being worked on, or after they had been acknowledged; they were not
    /// delivered twice.</summary>
    public long Again { get; init; }

    /// <summary>Times that the server said nothing for too long, and was asked anew.</summary>
    public long Silences { get; init; }

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant(
        $"{Filter}: {Waiting} waiting, {Held} held, {Received} received, {Dropped} dropped, {Malformed} malformed");
}
