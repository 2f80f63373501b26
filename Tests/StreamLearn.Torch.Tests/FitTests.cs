using StreamLearn.Models;
using StreamLearn.Samples;

namespace StreamLearn.Torch.Tests;

/// <summary>Windows of activities, by a recurrent layer and by a block of attention, in <c>Fit</c>.</summary>
public sealed class FitTests(ITestOutputHelper output)
{
    private static readonly Lazy<(RecordedRows Training, RecordedRows Unseen)> Rows = new(static () => HarRows.Recordings is { } recordings
        ? (HarRows.Of(recordings, HarRecordings.TrainingPeople), HarRows.Of(recordings, HarRecordings.TestPeople))
        : (HarRows.Generated(4, Enumerable.Range(0, 20)), HarRows.Generated(4, Enumerable.Range(20, 9))));

    /// <summary>Floors: .93 on the recordings (.946 was reached), .7 on generated people, who differ more (.764 was).</summary>
    [LongFact]
    public void A_block_of_attention_answers_the_windows_of_unseen_people_after_three_passes()
    {
        var model = new TorchModel("attention", HarRows.Window, HarRows.Classes, static () => new AttentionNet(6, HarRows.Samples, 6, 48),
            new() { Seed = 2 });
        Assert.InRange(Accuracy(model, new AdamW(0.003f, WeightDecay: 0.05f)), HarRows.Recordings is null ? 0.7 : 0.93, 1);
    }

    /// <summary>Floors: .8 on the recordings (.850 was reached), .6 on generated people (.756 was).</summary>
    [Fact]
    public void A_recurrent_layer_answers_the_windows_of_unseen_people_after_three_passes()
    {
        var model = new TorchModel("lstm", HarRows.Window, HarRows.Classes, static () => new LstmNet(6, 32, 6), new() { Seed = 1 });
        Assert.InRange(Accuracy(model, new AdamW(0.003f)), HarRows.Recordings is null ? 0.6 : 0.8, 1);
    }

    [Fact]
    public void A_fit_that_was_cut_off_is_resumed_to_the_same_bits()
    {
        var rows = HarRows.Generated(1, 1, 2, 3);
        var model = new TorchModel("lstm", HarRows.Window, HarRows.Classes, static () => new LstmNet(6, 8, 6), new() { Seed = 1 });
        var (whole, resumed) = Fits.Resumed(model, rows, new() { Epochs = 4, BatchRows = 16 });
        Assert.Equal(whole.Weights.Sha256(), resumed.Weights.Sha256());
        Assert.Equal(whole.Epochs.Select(static e => e.Loss), resumed.Epochs.Select(static e => e.Loss));
    }

    private double Accuracy(TorchModel model, AdamW optimizer)
    {
        var (training, unseen) = Rows.Value;
        const int epochs = 3, batch = 32;
        var steps = epochs * ((training.Count + batch - 1) / batch);
        var result = model.Fit(training, new()
        {
            Epochs = epochs,
            BatchRows = batch,
            ValidationShare = 0,
            Optimizer = optimizer with { ClipNorm = 1, Schedule = Schedule.Cosine(steps) },
            Augment = [Augmentation.Rotation(30)],
        });
        var accuracy = HarRows.Accuracy(model, result.Weights, unseen);
        output.WriteLine(FormattableString.Invariant($"{model}: {accuracy:P2} of {unseen.Count} windows, {result.Weights.Sha256()}"));
        return accuracy;
    }
}
