namespace StreamLearn.Nodes.Tests;

/// <summary>Losses and gradients of split training that are not finite, and its running statistics.</summary>
public sealed class SplitRollbackTests
{
    /// <summary>Weights so large that one head's scores overflow for any row, or none.</summary>
    private static SplitTrainOptions Broken(int exit) => SplitPair.Options with { Start = Overflowing(exit) };

    [Theory]
    [InlineData(0, 4)]      // the last exit breaks, at the edge
    [InlineData(4, 4)]
    public void A_loss_that_is_no_number_at_the_edge_moves_nothing_on_either_side(int split, int batches)
    {
        using var pair = new SplitPair(split, Broken(exit: 1));
        pair.Train(0, batches);
        Assert.Equal(Overflowing(1).Values, pair.Finish());
        Assert.Equal(batches, pair.Edge.Metrics.Counter("rolled-back-steps"));
        Assert.Equal(batches, pair.Device.Metrics.Counter("rolled-back-steps"));
        Assert.Equal(0, pair.Edge.Metrics.Counter("rows-trained") + pair.Device.Metrics.Counter("rows-trained"));
        Assert.True(pair.Device.Ready);
    }

    [Fact]
    public void A_loss_that_is_no_number_on_the_device_is_not_sent_and_the_next_batch_is()
    {
        using var pair = new SplitPair(4, Broken(exit: 0));
        pair.Train(0, 3);
        Assert.Empty(pair.Sent);
        Assert.Equal(3, pair.Device.Metrics.Counter("rolled-back-steps"));
        Assert.Equal(Overflowing(0).Values, pair.Finish());
    }

    [Fact]
    public void Alone_a_device_counts_and_reports_them()
    {
        using var pair = new SplitPair(SplitPair.Layers, Broken(exit: 1));
        pair.Train(0, 2);
        pair.Device.Complete();
        var report = pair.Device.TakeAll<SplitReport>(port: 1)[^1];
        Assert.Equal((2L, 2L, 0L), (report.RolledBack, report.Evaluation!.RolledBack, report.Weights.Version));
        Assert.Equal(2, pair.Device.Metrics.Counter("rolled-back-steps"));
    }

    [Fact]
    public void A_gradient_that_is_no_number_is_not_applied()
    {
        var part = SplitPair.PartOf(SplitPair.Network, SplitPair.Options, 0, 5);
        var (features, labels) = SplitPair.Batch(0);
        var tape = new Tape();
        part.Forward(features, 4, tape, pin: false, number: 1);
        part.Losses(tape, labels);
        var gradients = new float[4 * part.Outputs];
        Array.Fill(gradients, float.MaxValue);
        var before = part.Take(0, 5);
        var worked = part.Work;
        Assert.False(part.Step(tape, gradients, [], pinned: false));
        var work = part.Work - worked;
        Assert.True(work > 0);
        Assert.Equal(before.Values, part.Take(0, 5).Values);
        Assert.Equal(before.State, part.Take(0, 5).State);
        Assert.Equal((0L, 1L), (part.Steps, part.Report("part").RolledBack));
    }

    [Fact]
    public void Statistics_of_batches_in_flight_add_up()
    {
        var network = new Network(new(1), 2, [new BatchNorm(), new Dense(2)], [new(1, new Dense(2))], seed: 1);
        var part = SplitPair.PartOf(network, SplitPair.Options with { Start = null, InFlight = 2 }, 0, 2);
        var (a, b) = (new Tape(), new Tape());
        part.Forward([1, 3], 2, a, pin: true, number: 1);
        part.Forward([5, 7], 2, b, pin: true, number: 2);
        part.Losses(a, [0, 1]);
        part.Losses(b, [0, 1]);
        Assert.True(part.Step(a, [], [], pinned: true));
        Assert.True(part.Step(b, [], [], pinned: true));
        // mean 0 moves by 0.1 · (2 − 0) and 0.1 · (6 − 0); variance 1 twice by 0.1 · (2 − 1)
        var values = part.Report("part").Weights.Values;
        var mean = network.Plan.Find("0.batch-norm.mean")!;
        var variance = network.Plan.Find("0.batch-norm.variance")!;
        Assert.Equal(0.8f, values[mean.Offset], 1e-6);
        Assert.Equal(1.2f, values[variance.Offset], 1e-6);
    }

    [Fact]
    public void A_network_of_values_is_refused() => Assert.Throws<ArgumentException>(() =>
        SplitPair.Options.Check(new Network(new(1), 1, [new Dense(1)], [new(0, new Dense(1))], objective: new OfValues())));

    private static Weights Overflowing(int exit)
    {
        var start = SplitPair.Options.Start!;
        var values = start.Values.ToArray();
        foreach (var slice in SplitPair.Network.Plan.Slices)
        {
            if (!slice.Name.StartsWith($"exit{exit}.", StringComparison.Ordinal)) { continue; }
            slice.Of(values.AsSpan()).Fill(float.MaxValue);
        }
        return start with { Values = [.. values] };
    }

    private sealed record OfValues : Loss
    {
        public override TargetKind Target => TargetKind.Value;
        public override double Gradient(Span<float> outputs, in Sample batch) => 0;

        public override void Check(int outputs)
        {
        }
    }
}
