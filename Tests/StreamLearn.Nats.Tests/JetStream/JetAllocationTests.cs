namespace StreamLearn.Nats.Tests;

/// <summary>What a message of a stream costs in steady state, on all threads. No other test runs meanwhile.</summary>
[Collection(nameof(JetAllocationTests))]
[CollectionDefinition(nameof(JetAllocationTests), DisableParallelization = true)]
public sealed class JetAllocationTests(ITestOutputHelper output)
{
    private const int Count = 4000, AtOnce = 32, Rounds = 5, PayloadBytes = 4096;
    private const int MaxBytes = 2 * 1024;      // a message: subjects, headers and tasks, and no copy of the payload

    [Fact]
    public async Task A_message_of_a_transport_that_a_stream_keeps_is_not_copied_to_memory_of_its_own()
    {
        await using var server = await StartAsync();
        await using var transport = new NatsTransport(new()
        {
            Servers = [server.Uri],
            Keep = new() { Stream = "kept", Topics = ["kept/#"], Bucket = "kept", Storage = StreamConfigStorage.Memory },
        });
        await using var messages = transport.Read("kept/+");
        var payload = new ReadOnlySequence<byte>(new byte[PayloadBytes]);
        var (sequence, least) = (0L, long.MaxValue);
        for (var i = 0; i < Rounds; i++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await Task.Run(() => Task.WhenAll(Enumerable.Range(0, AtOnce).Select(WriteAsync).Append(ReadAsync())), Cancellation);
            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / Count);
        }
        output.WriteLine($"{least} bytes a message of {PayloadBytes}");
        Assert.InRange(least, 0, MaxBytes);
        Assert.Equal(0, transport.Status.Subscriptions[0].Again);

        async Task WriteAsync(int lane)
        {
            var topic = new Topic($"kept/{lane}");
            for (var i = 0; i < Count / AtOnce; i++)
            {
                var origin = new MessageOrigin("test", Interlocked.Increment(ref sequence));
                await transport.PublishAsync(topic, payload, new(origin), CancellationToken.None);
            }
        }

        async Task ReadAsync()
        {
            for (var i = 0; i < Count; i++)
            {
                Assert.True(await messages.MoveNextAsync());
                messages.Current.Acknowledge();
                messages.Current.Dispose();
            }
        }
    }
}
