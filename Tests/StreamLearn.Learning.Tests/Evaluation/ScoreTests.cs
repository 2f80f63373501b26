namespace StreamLearn.Learning.Tests;

/// <summary>How a device counts how it answers its own rows. The probe has the block go on from its state at each call.</summary>
public sealed class ScoreTests
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    [Fact]
    public void The_first_score_comes_at_once_the_others_after_a_pause_and_the_last_at_the_end()
    {
        using var probe = Probe(epoch: 7, heldUp: static () => [new("slow", TimeSpan.FromSeconds(3))]);
        probe.Send(Of(1, [2, 1, 0, 3]));
        var first = probe.Take<DeviceScore>();
        probe.Send(Of(2, [1, 0, 0, 0]), Of(3, [0, 0, 4, 0]));
        probe.ExpectNothing();
        probe.Advance(Pause);
        var second = probe.Take<DeviceScore>();
        probe.Advance(10 * Pause);      // nothing is new
        probe.ExpectNothing();
        probe.Send(Of(4, [0, 0, 0, 1]));
        probe.Take<DeviceScore>();
        probe.Send(Of(5, [0, 0, 0, 1]));
        probe.Complete();
        var last = probe.Take<DeviceScore>();

        Assert.Equal((7L, 1L, 6L), (first.Epoch, first.ModelVersion, first.Rows));
        Assert.Equal((3L, 11L), (second.ModelVersion, second.Rows));
        Assert.Equal([3L, 1, 4, 3], second.Confusion);
        Assert.Equal([3L, 1, 4, 5], last.Confusion);
        Assert.Equal(8.0 / 13, last.Accuracy);
        Assert.Equal("slow", Assert.Single(last.HeldUp).Block);
        probe.ExpectNothing();
    }

    [Fact]
    public void The_newest_rows_are_counted_apart()
    {
        using var probe = Probe(newestRows: 5);
        probe.Send(Of(1, [4, 0, 0, 0]), Of(2, [0, 3, 0, 0]), Of(3, [0, 0, 0, 100]));
        probe.Advance(Pause);
        probe.Take<DeviceScore>();
        var score = probe.Take<DeviceScore>();
        Assert.Equal([4L, 3, 0, 100], score.Confusion);
        Assert.Equal([0L, 0, 0, 5], score.Newest);
        Assert.Equal(1, score.NewestAccuracy);
    }

    [Fact]
    public void A_model_without_classes_has_a_loss_alone()
    {
        using var probe = Probe();
        probe.Send(Of(1, []) with { Rows = 10, Loss = 2 });
        var score = probe.Take<DeviceScore>();
        Assert.Equal((10L, 2, 2, double.NaN), (score.Rows, score.Loss, score.NewestLoss, score.Accuracy));
    }

    [Fact]
    public void A_score_comes_back_as_it_went_and_what_is_cut_or_false_is_refused()
    {
        var score = Sample();
        var bytes = Encoded(score);
        Assert.Equal(score, Decoded(bytes));
        for (var length = 0; length < bytes.Length; length++) { Assert.Null(Decoded(bytes[..length])); }
        Assert.Null(Decoded(Encoded(score with { Rows = 8 })));                 // not the sum of its cells
        Assert.Null(Decoded(Encoded(score with { Newest = [0, 0, 0, 9] })));    // newest that are not among all
        Assert.Null(Decoded(Encoded(score with { Confusion = [2, 1, 0, 0, 0, 0, 0, 0, 4], Newest = [.. new long[9]] })));
        Assert.Null(Decoded(Encoded(score with { Loss = double.NaN })));
        Assert.Null(Decoded(Encoded(score with { Rows = long.MaxValue, Confusion = [long.MaxValue, 0, 0, 0], Newest = [0, 0, 0, 0] })));
        Assert.True(bytes.Length <= DeviceScore.MaxBytesOf(2));
        Assert.Equal("score/1", LearningCodecs.Scores.Name);
    }

    [Fact]
    public void One_that_is_not_of_its_topic_is_written_as_one_that_nobody_believes()
    {
        var foreign = Sample().SentBy("liar");
        Assert.Equal(("liar", "not of liar"), (foreign.TopicDevice, foreign.ReplacementKey));
        Assert.Equal(("liar", -1L), (Decoded(Encoded(foreign))!.Device, Decoded(Encoded(foreign))!.Epoch));
    }

    private static DeviceScore Sample() => new()
    {
        Device = "pump-7",
        Epoch = 5,
        ModelVersion = 9,
        Rows = 7,
        Loss = 0.5,
        NewestLoss = 0.25,
        Confusion = [2, 1, 0, 4],
        Newest = [1, 0, 0, 4],
        Running = TimeSpan.FromMinutes(2),
        HeldUp = [new("slow rule", TimeSpan.FromSeconds(12))],
    };

    private static byte[] Encoded(DeviceScore score) => Frames.Encoded(LearningCodecs.Scores, score);

    private static DeviceScore? Decoded(byte[] bytes) =>
        LearningCodecs.ScoresOf(2).TryDecode(new(bytes), new(), out var score) ? score : null;

    private static Evaluation Of(long version, long[] confusion) => new()
    {
        Device = "pump-7",
        ModelVersion = version,
        Rows = confusion.Sum(),
        Correct = confusion.Length == 0 ? 0 : confusion[0] + confusion[3],
        Loss = version,
        Confusion = [.. confusion],
    };

    private static OperatorProbe Probe(int newestRows = 1000, long? epoch = null, Func<IReadOnlyList<HoldUp>>? heldUp = null) =>
        OperatorProbe.Of<Evaluation, DeviceScore>(f => f.Score(Pause, newestRows, epoch, heldUp));
}
