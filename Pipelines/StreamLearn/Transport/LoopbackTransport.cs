using System.Buffers;

namespace StreamLearn;

/// <summary>Carries bytes within one pipeline: what it publishes here goes to its own subscriptions, so that a sensor and the device that
/// it is a part of are written as if a broker stood between them.</summary>
/// <remarks>
/// The definition of the pipeline connects them by bounded edges, one for each publication and subscription that may meet: messages are
/// really written and read by their codecs, a publisher waits while a subscriber is full, a subscription ends when its publications have,
/// and messages under way stand in checkpoints and recordings, in every host. It costs no time in the virtual world and no
/// traffic. Nothing leaves the pipeline: two that use the same object do not hear each other. It keeps no messages for later
/// subscribers, and takes no filter with named levels.
/// </remarks>
/// <param name="name">The name by which nodes compare and print it.</param>
public sealed class LoopbackTransport(string name = "loopback") : ITransport
{
    /// <inheritdoc />
    public string Name { get; } = name;

    /// <summary>Throws: only blocks of a pipeline publish here.</summary>
    /// <inheritdoc />
    public ValueTask PublishAsync(Topic topic, ReadOnlySequence<byte> payload, PublishOptions options,
        CancellationToken cancellationToken) => throw Refused();

    /// <summary>Throws: only blocks of a pipeline subscribe here.</summary>
    /// <inheritdoc />
    public IAsyncEnumerable<Message> SubscribeAsync(Topic filter, SubscribeOptions options, CancellationToken cancellationToken) =>
        throw Refused();

    /// <inheritdoc />
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private TransportException Refused() => new(
        $"transport '{Name}' connects blocks of one pipeline: use Publish and Subscribe in its definition", isTransient: false);
}
