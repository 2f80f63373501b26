using StreamLearn.Mqtt;
using StreamLearn.Nats;

namespace Tool;

internal sealed record OpenLink(ITransport Transport, Func<LinkState> Publishing, Func<LinkState> Subscribing) : IAsyncDisposable
{
    /// <summary>Errors reported late; null if the server confirms each message.</summary>
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

/// <summary>State of a link, independent of the protocol.</summary>
internal sealed record LinkState
{
    public bool IsConnected { get; init; }

    public long Connects { get; init; }

    /// <summary>Messages that arrived faster than they were shown.</summary>
    public long Dropped { get; init; }

    /// <summary>Messages with an unreadable subject or header.</summary>
    public long Malformed { get; init; }

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
