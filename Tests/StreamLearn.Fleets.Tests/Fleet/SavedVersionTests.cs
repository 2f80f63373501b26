namespace StreamLearn.Fleets.Tests;

/// <summary>Versions that wait in a pipeline while its state is saved.</summary>
public sealed class SavedVersionTests
{
    private static readonly SoftmaxRegression Model = new(2, 3, seed: 1);

    [Theory, InlineData("pump-1"), InlineData(null)]
    public async Task A_version_that_comes_out_of_a_checkpoint_is_still_for_its_device(string? device)
    {
        await using var transport = new InProcessTransport();
        var pipeline = Pipeline.Define("edge", p =>
        {
            var (versions, rounds, receipts) = p.Subscribe(transport, "updates", LearningCodecs.Deltas)
                .Aggregate(Model, new FedBuff(2), p.Subscribe(transport, "presences", LearningCodecs.Presences));
            versions.PublishTo(transport, new("models/{device}"), LearningCodecs.Weights, static v => v.Recipient!);
            receipts.Discard();
            rounds.Discard();
        });
        var (messages, bytes) = (new SavedMessages(pipeline), new StateBuffer());
        var version = Model.Initial with { Version = 7, Epoch = 3, Recipient = device };

        StateStream written = new(bytes);
        messages.State(ref written, typeof(Weights), Item.Of(version, null, 1, 2));
        StateStream s = new(bytes.Written, new BatchPool());
        var read = (Weights)messages.State(ref s, typeof(Weights), default).Value;

        Assert.True(s.HasEnded);
        Assert.Equal((device, version.Id, version.Sha256()), (read.Recipient, read.Id, read.Sha256()));
    }
}
