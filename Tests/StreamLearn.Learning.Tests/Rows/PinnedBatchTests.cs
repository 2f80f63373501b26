using static StreamLearn.Learning.Tests.MaskedNetwork;

namespace StreamLearn.Learning.Tests;

public sealed class PinnedBatchTests
{
    [Fact]
    public void Loss_and_gradient_at_two_weight_vectors_are_right_and_stay_so()
    {
        var (network, rows) = (HarRows.Network, 2);
        float[] features = HarRows.Features()[..(rows * network.Plan.Input.Size)], kept = [.. features];
        int[] labels = HarRows.Labels()[..rows], keptLabels = [.. labels];
        float[] offsets = [0, -1, 0.5f, 0, -2, 0.25f], keptOffsets = [.. offsets];
        var batch = new PinnedBatch(new Sample(features, labels) { LogitOffsets = offsets, Number = 7 });
        Array.Clear(features);      // the batch is a copy
        Array.Clear(labels);
        Array.Clear(offsets);
        var memory = new Workspace();
        float[] start = HarRows.Weights(), moved = [.. start.Select((w, i) => w + (0.01f * ((i % 5) - 2)))];
        var first = new float[start.Length];
        var loss = network.Loss(start, batch.Sample, first, memory);

        foreach (var weights in new[] { moved, start })
        {
            var gradients = new float[weights.Length];
            var value = network.Loss(weights, batch.Sample, gradients, memory);

            var exact = Array.ConvertAll(weights, w => (double)w);
            Assert.Equal(Naive.Loss(network, exact, kept, keptLabels, keptOffsets), value, 2e-6);
            foreach (var slice in network.Plan.Slices.Where(s => s.Kind == SliceKind.Trained))
            {
                const double Step = 1e-6;
                var i = slice.Offset + (slice.Length / 2);
                exact[i] = weights[i] + Step;
                var above = Naive.Loss(network, exact, kept, keptLabels, keptOffsets);
                exact[i] = weights[i] - Step;
                var below = Naive.Loss(network, exact, kept, keptLabels, keptOffsets);
                exact[i] = weights[i];
                Assert.Equal((above - below) / (2 * Step), gradients[i], 5e-6);     // the float32 of the gradient
            }

            if (weights != start) { continue; }
            Assert.Equal(loss, value);      // at the start again: nothing of the other vector is left
            Same(first, gradients);
        }

        Assert.Equal((rows, 7L), (batch.Rows, batch.Sample.Number));
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
