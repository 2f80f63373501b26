using System.Buffers;

namespace Sensor.Tests;

/// <summary>Somebody with a login of its own, who publishes anything anywhere.</summary>
internal sealed class Liar(GuardedServer server) : IAsyncDisposable
{
    internal const string Name = "liar";

    private static readonly FleetTopics Topics = GuardedFleet.Topics;

    private readonly EnvelopedTransport _transport = new(server.Open(Name, "sl-plant-liar"));
    private readonly long _start = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
    private long _sent;

    /// <summary>Twenty hours from now, as a start.</summary>
    internal static long Ahead => (TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(20)).ToUnixTimeMilliseconds();

    internal long Start => _start;

    /// <summary>An update of its own that is as good as any, of the newest version.</summary>
    internal WeightDelta Update(ModelVersion newest, float value = 1e-4f) => new()
    {
        Device = Name,
        Epoch = _start,
        Sequence = ++_sent,
        BaseVersion = newest.Version,
        BaseEpoch = newest.Epoch,
        Samples = 16,
        Steps = 4,
        SchemaHash = GuardedFleet.Model.Plan.SchemaHash,
        Values = [.. Enumerable.Repeat(value, GuardedFleet.Model.Plan.Values)],
    };

    /// <summary>A presence of a kind that no other one replaces while it waits.</summary>
    internal static Presence Say(string device, long epoch, ModelVersion? held = null) =>
        new() { Device = device, Epoch = epoch, Kind = PresenceKind.Hello, Held = held };

    internal Task SendAsync(WeightDelta update) => PublishAsync(Topics.DeltasOf(Name), LearningCodecs.Deltas, update);

    internal Task SendAsync(Presence presence) => PublishAsync(Topics.PresencesOf(Name), LearningCodecs.Presences, presence);

    internal Task PublishAsync<T>(Topic topic, ICodec<T> codec, T message, bool retain = false)
        where T : class
    {
        var buffer = new ArrayBufferWriter<byte>();
        codec.Encode(message, buffer);
        return SendBytesAsync(topic, new(buffer.WrittenMemory), codec, retain);
    }

    internal Task SendBytesAsync<T>(Topic topic, ReadOnlySequence<byte> bytes, ICodec<T> codec, bool retain = false)
        where T : class => _transport.PublishAsync(topic, bytes,
            new(new($"{Name}/anything", Interlocked.Increment(ref _sent), _start), retain) { Codec = codec.Name, Kind = codec.Kind },
            TestContext.Current.CancellationToken).AsTask();

    /// <summary>Reads what comes on a topic, over a connection of its own, until it is ended.</summary>
    /// <returns>The payload of the last message; null: none came.</returns>
    internal static async Task<byte[]?> ReadAsync(GuardedServer server, string login, Topic topic, Func<bool> isOver)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await using var transport = new EnvelopedTransport(server.Open(login, $"sl-plant-{login}-reads"));
        byte[]? last = null;
        var reading = Task.Run(async () =>
        {
            await foreach (var message in transport.SubscribeAsync(topic, new(), over.Token))
            {
                last = message.Payload.ToArray();
                message.Acknowledge();
                message.Dispose();
            }
        }, over.Token);
        while (!isOver() && last is null) { await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, over.Token); }
        await over.CancelAsync();
        await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return last;
    }

    public ValueTask DisposeAsync() => _transport.DisposeAsync();
}
