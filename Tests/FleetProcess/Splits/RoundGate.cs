using System.Buffers;

namespace FleetProcess;

/// <summary>What carries the ends of a device's rounds: each goes out once the test says so.</summary>
internal sealed class RoundGate(ITransport inner, TraceClock test) : ITransport
{
    private int _rounds;

    public string Name => inner.Name;

    public int MaxInFlight => inner.MaxInFlight;

    /// <summary>Says which round is over: 0 as the device joins, one more than it has as it leaves.</summary>
    public async ValueTask PublishAsync(
        Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken)
    {
        Console.WriteLine($"round {_rounds++} is over");
        await test.ToldAsync(cancellationToken);
        await inner.PublishAsync(topic, payload, options, cancellationToken);
    }

    public IAsyncEnumerable<Message> SubscribeAsync(Topic filter, SubscribeOptions options, CancellationToken cancellationToken) =>
        inner.SubscribeAsync(filter, options, cancellationToken);

    /// <summary>It is not the owner of what is inside.</summary>
    public ValueTask DisposeAsync() => default;
}
