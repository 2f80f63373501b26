using System.Buffers;
using System.Runtime.CompilerServices;
using StreamLearn.Learning;
using StreamLearn.Models;

namespace Tool.Tests;

/// <summary>Writes down in a ledger which updates and versions pass through a transport, and when.</summary>
internal sealed class WatchedTransport(ITransport inner, FleetLedger ledger, TimeSpan interval = default) : ITransport
{
    private static readonly BatchPool Pool = new();

    /// <summary>How far updates may be ahead of their time, which timers that ring late make good.</summary>
    private static readonly TimeSpan Catch = TimeSpan.FromMilliseconds(20);

    private DateTimeOffset _next;

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
            if (UpdateOf(message.Topic, message.Payload) is { } update)
            {
                ledger.Received(update);
                var early = _next - TimeProvider.System.GetUtcNow();
                if (early > TimeSpan.Zero) { await Task.Delay(early, TimeProvider.System, cancellationToken); }
                _next = Later(_next, TimeProvider.System.GetUtcNow() - Catch) + interval;
            }

            if (VersionOf(message.Topic, message.Payload, out var device) is { } version) { ledger.Received(device, version); }
            yield return message;
        }
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static WeightDelta? UpdateOf(Topic topic, in ReadOnlySequence<byte> payload) =>
        topic.Value.EndsWith("/up/delta", StringComparison.Ordinal) && Envelope.TryRead(payload, out _, out var bytes, out _)
            && LearningCodecs.Deltas.TryDecode(bytes, Pool, out var update)
            ? update
            : null;

    private static Weights? VersionOf(Topic topic, in ReadOnlySequence<byte> payload, out string device)
    {
        var levels = topic.Value.Split('/');
        device = levels[^2];
        return levels[^1] == "model" && Envelope.TryRead(payload, out _, out var bytes, out _)
            && LearningCodecs.Weights.TryDecode(bytes, Pool, out var version) ? version : null;
    }
}
