using System.Buffers;
using System.Runtime.CompilerServices;
using StreamLearn;
using StreamLearn.Learning;

namespace Quickstart.Tests;

/// <summary>Writes down in a ledger which updates and versions pass through a transport, and when.</summary>
internal sealed class WatchedTransport(ITransport inner, FleetLedger ledger) : ITransport
{
    private static readonly BatchPool Pool = new();

    public string Name => inner.Name;

    public int MaxInFlight => inner.MaxInFlight;

    public async ValueTask PublishAsync(
        Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken)
    {
        var (update, version) = (UpdateOf(topic, payload), VersionOf(topic, payload, out var device));
        await inner.PublishAsync(topic, payload, options, cancellationToken);
        if (update is not null) { ledger.Confirmed(update); }
        if (version is not null && device == "all") { ledger.Made(version); }
        else if (version is not null) { ledger.Confirmed(device, version); }
    }

    /// <summary>Subscribes at once: what is published after the call is answered to somebody who hears it.</summary>
    public IAsyncEnumerable<Message> SubscribeAsync(Topic filter, SubscribeOptions options, CancellationToken cancellationToken) =>
        Watch(inner.SubscribeAsync(filter, options, cancellationToken), cancellationToken);

    public IAsyncEnumerable<ConnectionChange> ConnectionsAsync(CancellationToken cancellationToken) =>
        inner.ConnectionsAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private async IAsyncEnumerable<Message> Watch(
        IAsyncEnumerable<Message> messages, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var message in messages.WithCancellation(cancellationToken))
        {
            if (UpdateOf(message.Topic, message.Payload) is { } update) { ledger.Received(update); }
            if (VersionOf(message.Topic, message.Payload, out var device) is { } version) { ledger.Received(device, version); }
            yield return message;
        }
    }

    private static WeightDelta? UpdateOf(Topic topic, in ReadOnlySequence<byte> payload) =>
        topic.Value.EndsWith("/up/delta", StringComparison.Ordinal) && LearningCodecs.Deltas.TryDecode(payload, Pool, out var update)
            ? update
            : null;

    private static Weights? VersionOf(Topic topic, in ReadOnlySequence<byte> payload, out string device)
    {
        var levels = topic.Value.Split('/');
        device = levels[^2];
        return levels[^1] == "model" && LearningCodecs.Weights.TryDecode(payload, Pool, out var version) ? version : null;
    }
}
