using System.Buffers;
using StreamLearn.Testing;

namespace StreamLearn.Nats.Tests;

/// <summary>What a message of a stream costs in steady state, on all threads. No other test runs meanwhile.</summary>
[Collection(nameof(JetAllocationTests))]
[CollectionDefinition(nameof(JetAllocationTests), DisableParallelization = true)]
public sealed class JetAllocationTests(ITestOutputHelper output)
{
    private const int Count = 32_000, AtOnce = 32, Rounds = 12, PayloadBytes = 64;
    private const int MaxBytes = Count / 2;         // what awaiting and measuring a round costs

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_that_a_stream_confirms_allocates_nothing()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = Open(server);
        await transport.JetStream.CreateStreamAsync(
            new() { Name = "S", Subjects = ["s.>"], Storage = NatsStorage.Memory, MaxMessages = 1 }, Cancellation);
        var publisher = transport.JetStream.Connection.Publisher;
        var (subject, payload) = ("s.x"u8.ToArray(), new ReadOnlySequence<byte>(new byte[PayloadBytes]));

        var duplicates = 0;

        await NothingAsync(() => Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => WriteAsync())));
        Assert.Equal(0, duplicates);

        async Task WriteAsync()
        {
            for (var i = 0; i < Count / AtOnce; i++)
            {
                var published = await publisher.PublishAsync(
                    subject, default, default, payload, failsWhenFull: false, CancellationToken.None);
                if (published.IsDuplicate) { duplicates++; }
            }
        }
    }

    [Fact]
    public async Task A_message_of_a_transport_that_a_stream_keeps_allocates_nothing_on_its_whole_way()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = Open(server);
        await using var messages = transport.SubscribeAsync("kept/a", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        var (topic, payload) = (new Topic("kept/a"), new ReadOnlySequence<byte>(new byte[PayloadBytes]));
        var sequence = 0L;

        await NothingAsync(() => Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => WriteAsync()).Append(ReadAsync())));
        Assert.Equal(0, transport.Status.Subscriptions[0].Again);

        async Task WriteAsync()
        {
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

    private static NatsTransport Open(RealNats server) => new(new()
    {
        Servers = [server.Uri],
        Keep = new() { Stream = "kept", Topics = ["kept/#"], Bucket = "kept", Storage = NatsStorage.Memory },
    });

    /// <summary>Asserts that of some rounds of calls the one that allocates least allocates nothing that grows with its messages.</summary>
    private async Task NothingAsync(Func<Task> round)
    {
        var least = long.MaxValue;
        for (var i = 0; i < Rounds && least > MaxBytes; i++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await Task.Run(round, Cancellation);        // outside of the tests' own context, which allocates
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        output.WriteLine($"{least} bytes for {Count} messages");
        Assert.InRange(least, 0, MaxBytes);
    }
}
