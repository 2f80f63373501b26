using StreamLearn.Learning;

namespace StreamLearn.Programs.Tests;

/// <summary>Devices that are compared with each other.</summary>
public sealed class FleetComparisonTests
{
    [Fact]
    public async Task A_device_speaks_for_itself_alone()
    {
        var (topics, transport) = (new FleetTopics("sl/f"), new InProcessTransport());
        var heard = new TaskCompletionSource<FleetMoments>();
        await using var run = FleetComparison.Create(topics, transport, moments => heard.TrySetResult(moments)).Start(
            null, TestContext.Current.CancellationToken);
        for (var rows = 2; !heard.Task.IsCompleted; rows++)     // nobody may listen yet
        {
            await TellAsync("b", rows);
            await TellAsync("a", rows);
            if (run.Completion.IsFaulted) { await run.Completion; }
        }

        Assert.Equal("a", Assert.Single((await heard.Task).Devices).Device);
        Assert.NotEqual(0, run.Metrics.Blocks.Sum(static b => b.Drops.GetValueOrDefault("malformed")));

        async Task TellAsync(string device, int rows)
        {
            var moments = new RowMoments(1);
            for (var row = 0; row < rows; row++) { moments.Add([row]); }
            await using var teller = Pipeline.Define("teller", p => p
                .From("told", new Told(), (Told _, OperatorContext context) => new Teller(new(device, 1, ["x"], moments), context))
                .Publish(transport, topics.MomentsOf("a"), DeviceMoments.Codec)).Start(null, TestContext.Current.CancellationToken);
            await teller.Completion;
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    private sealed record Told;

    private sealed class Teller(DeviceMoments moments, OperatorContext context) : Source<DeviceMoments>
    {
        private DateTimeOffset? _at = context.Now;

        public override DateTimeOffset? NextAt => _at;

        public override DeviceMoments Next()
        {
            _at = null;
            return moments;
        }
    }
}
