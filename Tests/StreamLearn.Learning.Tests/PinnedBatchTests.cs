using static StreamLearn.Learning.Tests.MaskedNetwork;

namespace StreamLearn.Learning.Tests;

public sealed class PinnedBatchTests
{
    [Fact]
    public void Loss_and_gradient_at_two_weight_vectors_are_right_and_stay_so()
    {
        var network = Lines.Network;
        var features = Lines.Features[..(3 * network.Plan.Input.Size)];
        int[] labels = Lines.Labels[..3];
        float[] offsets = [0, -0.5f, 1];
        var batch = new PinnedBatch(new Sample(features, labels) { LogitOffsets = offsets, Number = 7 });
        float[] start = Lines.Weights, moved = [.. start.Select((w, i) => w + (0.01f * ((i % 5) - 2)))];
        var memory = new Workspace();
        var (atStart, atMoved, again) = (new float[start.Length], new float[start.Length], new float[start.Length]);
        Array.Clear(features);      // the batch is a copy
        Array.Clear(labels);
        Array.Clear(offsets);

        var first = network.Loss(start, batch.Sample, atStart, memory);
        var second = network.Loss(moved, batch.Sample, atMoved, memory);

        Assert.Equal((3, 7L), (batch.Rows, batch.Sample.Number));
        Assert.Equal(first, network.Loss(start, batch.Sample, again, memory));
        Same(atStart, again);
        Assert.Equal(second, network.Loss(moved, batch.Sample, again, new()));
        Same(atMoved, again);
        // along the line between the two the loss changes by the mean of the slopes at its ends, but for its third derivative
        var (slopes, change) = (0.0, (double)second - first);
        for (var i = 0; i < start.Length; i++) { slopes += 0.5 * ((double)atStart[i] + atMoved[i]) * ((double)moved[i] - start[i]); }
        Assert.Equal(change, slopes, 0.02 * Math.Abs(change));
    }

    [Fact]
    public void Targets_and_teachers_are_copied_too()
    {
        float[] targets = [1, 2], teacher = [3, 4];
        var batch = new PinnedBatch(new Sample([5, 6], 2) { Targets = targets, TeacherLogits = teacher });
        Array.Clear(targets);
        Array.Clear(teacher);

        Assert.Equal([1, 2], batch.Sample.Targets);
        Assert.Equal([3, 4], batch.Sample.TeacherLogits);
        Assert.True(batch.Sample.Labels.IsEmpty);
        Assert.Equal(2, batch.Sample.Rows);
    }
}
