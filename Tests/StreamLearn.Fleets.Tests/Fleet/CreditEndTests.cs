namespace StreamLearn.Fleets.Tests;

/// <summary>A device whose aggregator is gone, and the end of its run.</summary>
public sealed class CreditEndTests : IDisposable
{
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromSeconds(20));
    public void Dispose() => _patience.Dispose();

    [Theory, InlineData(true), InlineData(false)]
    public void A_device_that_pauses_because_nobody_answers_is_ended_by_a_drain(bool continuous)
    {
        using var world = new VirtualWorld();
        var edge = world.Transport("edge");
        var device = world.Add(Pipeline.Define("device", p =>
        {
            var (deltas, scores, presences) = p
                .From("rows", 0, static (int device, OperatorContext context) => new EndlessRows(device, context), EndlessRows.Columns)
                .Train(Updates.Model, p.Subscribe(edge, "models", LearningCodecs.Weights), p.Subscribe(edge, "receipts",
                    LearningCodecs.Receipts), new() { StartAfterRows = 2, Continuous = continuous });
            deltas.Discard("deltas");
            scores.Discard("scores");
            presences.Discard("presences");
        }), new() { MultiplyAddsPerSecond = 1e6 });
        world.RunFor(TimeSpan.FromSeconds(100), _patience.Token);
        Assert.Equal(2, device.Metrics["train"].Counter("updates-sent"));

        world.Drain(_patience.Token);

        Assert.Null(device.Failure);
        Assert.NotNull(device.EndedAt);
        Assert.Equal(3, device.Metrics["train"].Counter("updates-unknown"));
    }
}
