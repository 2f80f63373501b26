using System.Buffers;
using StreamLearn.Programs;

namespace Tool.Tests;

public sealed class StandstillTests
{
    [Fact]
    public async Task It_ends_by_itself_with_a_reason_that_names_who_did_not_end()
    {
        var run = new FleetSetting(recordings: null, devices: 2, seed: 42).RunOf("sl/still");
        await using var transport = new Unconfirmed(after: 10);

        var running = DataflowFleet.RunAsync(run, new(_ => EdgeLink.Over(transport)), record: null, patience: TimeSpan.FromSeconds(1),
            look: static _ => { }, TestContext.Current.CancellationToken);
        var fleet = await running.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        Assert.True(fleet.WasGivenUp);
        Assert.Matches("^stopped: for 1 s nothing moved: .*aggregator did not end$", fleet.Connections.GivenUp);
    }

    /// <summary>Confirms no publication after some.</summary>
    private sealed class Unconfirmed(int after) : ITransport
    {
        private readonly InProcessTransport _inner = new();
        private int _published;

        public string Name => _inner.Name;

        public async ValueTask PublishAsync(
            Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken)
        {
            if (Interlocked.Increment(ref _published) > after)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            }

            await _inner.PublishAsync(topic, payload, options, cancellationToken);
        }

        public IAsyncEnumerable<Message> SubscribeAsync(Topic filter, SubscribeOptions options, CancellationToken cancellationToken) =>
            _inner.SubscribeAsync(filter, options, cancellationToken);

        public ValueTask DisposeAsync() => _inner.DisposeAsync();
    }
}
