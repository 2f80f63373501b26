using StreamLearn;
using StreamLearn.Mqtt;
using StreamLearn.Nats;

namespace Tool;

/// <summary>A transport, and how a person sees it.</summary>
internal sealed record OpenLink(ITransport Transport, Func<LinkState> Publishing, Func<LinkState> Subscribing) : IAsyncDisposable
{
    /// <summary>What the server says beside answers; null: it answers whatever is published.</summary>
    public NatsRefusals? Refusals { get; init; }

    internal static OpenLink Of(MqttTransport transport) => new(
        transport, () => LinkState.Of(transport.Status.Publishing), () => LinkState.Of(transport.Status.Subscriptions[0]));

    internal static OpenLink Of(NatsTransport transport) => new(
        transport, () => LinkState.Of(transport.Status), () => LinkState.Of(transport.Status))
    {
        Refusals = new(transport),
    };

    public ValueTask DisposeAsync() => Transport.DisposeAsync();
}

/// <summary>What is told of a link, whatever the protocol.</summary>
internal sealed record LinkState
{
    /// <summary>True while the server has accepted a connection.</summary>
    public bool IsConnected { get; init; }

    /// <summary>Connections that the server accepted.</summary>
    public long Connects { get; init; }

    /// <summary>Messages that came faster than they were shown.</summary>
    public long Dropped { get; init; }

    /// <summary>Messages whose subject or headers cannot be read.</summary>
    public long Malformed { get; init; }

    /// <summary>The last fault; empty: there was none.</summary>
    public string LastFault { get; init; } = "";

    internal static LinkState Of(MqttSessionStatus status) => new()
    {
        IsConnected = status.IsConnected,
        Connects = status.Connects,
        Dropped = status.Dropped,
        LastFault = status.LastFault,
    };

    internal static LinkState Of(NatsStatus status) => new()
    {
        IsConnected = status.IsConnected,
        Connects = status.Connects,
        Dropped = status.Subscriptions.Sum(static s => s.Dropped),
        Malformed = status.Malformed + status.Subscriptions.Sum(static s => s.Malformed),
        LastFault = status.LastFault,
    };
}
