using static StreamLearn.Learning.Tests.OneChannel;

namespace StreamLearn.Learning.Tests;

/// <summary>What a device measures at the version that a round starts from.</summary>
public sealed class RoundEstimateTests
{
    /// <summary>All rows in each step.</summary>
    private static readonly TrainOptions Whole = new()
    {
        StartAfterRows = 2,
        BatchRows = 8,
        Draw = DrawKind.Shuffle,
        StepsPerRow = 6,
        StepsPerUpdate = 2,
        Pace = TrainPace.LockStep,
        Optimizer = new Sgd(0.1f, 0),
    };

    [Fact]
    public void Loss_and_gradient_are_those_of_the_version_and_the_bend_is_that_from_the_devices_own_model()
    {
        using var probe = Probe(Model, Whole);
        var first = Version(1, 1, -1, 0.5f, 0);
        Give(probe, first with { Directives = [new() { Estimates = true }] });
        Send(probe, [2, -1], [0, 1]);
        var one = probe.Take<WeightDelta>();
        var second = Version(2, 0.25f, 0, 0, 0.5f);
        Give(probe, second with { Directives = [new() { Best = first.Id }] });
        var two = probe.Take<WeightDelta>();
        Give(probe, Version(3, 1, 1, 1, 1) with { Directives = [new() { Estimates = false }] });

        float[] own = [.. first.Values.Zip(one.Values, static (w, d) => w + d)];
        var (ownLoss, ownGradient) = LossOf(own);
        var (loss, gradient) = LossOf([.. second.Values]);
        Assert.Equal(LossOf([.. first.Values]).Loss, one.Estimate!.Loss);
        Assert.Equal(LossOf([.. first.Values]).Gradient, one.Estimate.Gradient);
        Assert.Equal((2, null, null), (one.Estimate.Rows, one.Estimate.BestLoss, one.Estimate.Curvature));
        Assert.Equal((loss, LossOf([.. first.Values]).Loss), (two.Estimate!.Loss, two.Estimate.BestLoss));
        Assert.Equal(gradient, two.Estimate.Gradient);
        Assert.Equal(Curvature.Of(ownLoss, loss, own, [.. second.Values], ownGradient, gradient), two.Estimate.Curvature);
        Assert.InRange(two.Estimate.Curvature!.Value.Beta, 0.01, 10);
        Assert.Null(probe.Take<WeightDelta>().Estimate);
    }

    [Fact]
    public void A_gradient_of_more_values_than_are_asked_for_is_sketched_and_the_bend_is_of_the_whole_one()
    {
        static List<DeviceEstimate> Told(int? values)
        {
            using var probe = Probe(Model, Whole);
            Give(probe, Version(1, 1, -1, 0.5f, 0) with { Directives = [new() { Estimates = true, GradientValues = values }] });
            Send(probe, [2, -1], [0, 1]);
            Give(probe, Version(2, 0.25f, 0, 0, 0.5f));
            return [.. probe.TakeAll<WeightDelta>().Select(static u => u.Estimate!)];
        }

        var (whole, sketched) = (Told(null), Told(3));
        Assert.Equal((2, 2), (whole.Count, sketched.Count));
        foreach (var (all, some) in whole.Zip(sketched))
        {
            var sketch = new float[3];
            GradientSketch.Of([.. all.Gradient], sketch);
            Assert.Equal(sketch, some.Gradient);
            Assert.Equal((all.Loss, all.Curvature), (some.Loss, some.Curvature));
        }

        Assert.Equal(whole[0].Gradient.Length, Told(1000)[0].Gradient.Length);
    }

    /// <summary>Four steps of plain gradient descent on the same two rows.</summary>
    [Fact]
    public void Gradients_of_the_second_step_and_of_the_last_but_one_are_told_where_they_are_asked_for()
    {
        DeviceEstimate Told(int steps, bool? asked, TimeSpan? time = null)
        {
            using var probe = Probe(Model, Whole with { StepsPerUpdate = steps });
            Give(probe, Version(1, 1, -1, 0.5f, 0) with
            {
                Directives = [new() { Estimates = true, LocalSteps = asked, RoundTime = time }],
            });
            Send(probe, [2, -1], [0, 1]);
            return probe.Take<WeightDelta>().Estimate!;
        }

        float[] weights = [.. Version(1, 1, -1, 0.5f, 0).Values];
        List<float[]> gradients = [];
        for (var step = 0; step < 4; step++)
        {
            gradients.Add(LossOf(weights).Gradient);
            for (var i = 2; i < weights.Length; i++) { weights[i] -= 0.1f * gradients[step][i]; }
        }

        var told = Told(4, true);
        Assert.All(told.Early.Zip(gradients[1]), static g => Assert.Equal(g.Second, g.First, 1e-6f));
        Assert.All(told.Late.Zip(gradients[2]), static g => Assert.Equal(g.Second, g.First, 1e-6f));
        Assert.Equal(gradients[0].Length, told.Early.Length);
        Assert.Equal<float>(told.Late, Told(4, true, TimeSpan.FromSeconds(1)).Late);        // though it might have ended before
        Assert.Equal((0, 0), (Told(1, true).Early.Length, Told(1, true).Late.Length));
        Assert.Equal((0, 0), (Told(4, null).Early.Length, Told(4, null).Late.Length));
    }

    /// <summary>It has waited for three seconds, so that the round ends three seconds after its first step: with three of a
    /// hundred.</summary>
    [Fact]
    public void The_late_gradient_of_a_first_round_that_its_time_ends_is_that_of_the_last_step_but_one()
    {
        using var probe = Probe(Model, Whole with { StartAfterRows = 1, StepsPerRow = 1, StepsPerUpdate = 100, Announce = true });
        Send(probe, [2], [0]);
        probe.Take<WeightDelta>();
        probe.Advance(TimeSpan.FromSeconds(3));
        var version = Version(1, 1, -1, 0.5f, 0);
        Give(probe, version with { Directives = [new() { Estimates = true, LocalSteps = true, RoundTime = TimeSpan.FromSeconds(9) }] });
        for (var second = 0; second < 2; second++)
        {
            probe.Advance(TimeSpan.FromSeconds(1));
            Send(probe, [2], [0]);
        }

        probe.Advance(TimeSpan.FromSeconds(1));
        var update = probe.Take<WeightDelta>();
        float[] weights = [.. version.Values];
        for (var step = 0; step < update.Steps - 2; step++)
        {
            var gradient = LossOf(weights, [2], [0]).Gradient;
            for (var i = 2; i < weights.Length; i++) { weights[i] -= 0.1f * gradient[i]; }
        }

        Assert.Equal(3, update.Steps);
        Assert.All(update.Estimate!.Late.Zip(LossOf(weights, [2], [0]).Gradient), static g => Assert.Equal(g.Second, g.First, 1e-6f));
        Assert.Equal(weights.Length, update.Estimate.Late.Length);
    }

    /// <summary>Then the time of the last step is known: see AT-2, where it is measured in virtual time.</summary>
    [Fact]
    public void An_update_goes_with_the_call_after_its_last_step()
    {
        using var probe = Probe(Model, Whole);
        Give(probe, Version(1, 1, -1, 0.5f, 0) with { Directives = [new() { Estimates = true }] });
        probe.Send(Batches.Of(probe.Pool, Rows, (float[])[2, -1], (int[])[0, 1]));
        Assert.Equal(0, probe.Count());
        probe.Advance(TimeSpan.Zero);
        Assert.Equal(1, probe.Count());
    }

    [Fact]
    public void Measuring_changes_no_bit_of_what_is_learned()
    {
        static float[] Learned(bool measures)
        {
            using var probe = Probe(Model, Whole);
            Give(probe, Version(1, 1, -1, 0.5f, 0) with { Directives = [new() { Estimates = measures, LocalSteps = measures }] });
            Send(probe, [2, -1], [0, 1]);
            Give(probe, Version(2, 0.25f, 0, 0, 0.5f));
            return [.. probe.TakeAll<WeightDelta>().SelectMany(static u => u.Values)];
        }
        Assert.Equal(Learned(false), Learned(true));
    }

    /// <summary>Each call of the model is one batch of one row, whose label is its number.</summary>
    [Theory, InlineData(3), InlineData(1)]
    public void A_round_begins_with_the_last_batch_of_the_one_before_and_with_one_step_a_batch_serves_three_rounds(int steps)
    {
        var model = new WindowModel(1, 1, classes: 9);
        using var probe = Probe(model, Whole with { BatchRows = 1, StepsPerRow = 20, StepsPerUpdate = steps });
        var version = new Weights { Version = 1, SchemaHash = model.Plan.SchemaHash, Values = model.Initial.Values };
        Give(probe, version with { Directives = [new() { Estimates = true }] });
        Send(probe, [.. Enumerable.Range(0, 9).Select(static l => (float)l)], [.. Enumerable.Range(0, 9)]);
        for (var next = 2; next <= 4; next++) { Give(probe, version with { Version = next }); }
        var calls = model.Steps.Select(static l => Assert.Single(l)).ToList();
        var numbers = calls.Select(c => calls.Distinct().ToList().IndexOf(c));
        Assert.Equal(
            steps == 3
                ? [0, 1, 2, 2, 2, 3, 4, 4, 4, 5, 6, 6, 6, 7, 8, 8]      // of each round: its steps, and its end
                : [0, 0, 0, 0, 0, 0, 1, 1, 1],                          // of the fourth: the end of the third on the new batch first
            numbers);
    }

    [Fact]
    public void Estimates_and_what_asks_for_them_travel_bit_by_bit()
    {
        var estimate = new DeviceEstimate { Rows = 7, Loss = 0.5f, BestLoss = 0.25f, Curvature = new(1, 2), Gradient = [1, -0f, 3] };
        DeviceEstimate[] estimates = [estimate, estimate with { BestLoss = null, Curvature = null, Early = [4, 5, 6], Late = [7, 8, 9] }];
        foreach (var sent in estimates)
        {
            var update = new WeightDelta
            {
                Device = "d",
                Epoch = 1,
                Sequence = 1,
                BaseVersion = 1,
                Samples = 1,
                SchemaHash = 5,
                Values = [1, 2, 3],
                Estimate = sent,
            };
            var got = Same(LearningCodecs.Deltas, update)!.Estimate!;
            Assert.Equal((sent.Rows, sent.Loss, sent.BestLoss, sent.Curvature), (got.Rows, got.Loss, got.BestLoss, got.Curvature));
            Assert.Equal(sent.Gradient.Select(BitConverter.SingleToInt32Bits), got.Gradient.Select(BitConverter.SingleToInt32Bits));
            Assert.Equal<float>([.. sent.Early, .. sent.Late], [.. got.Early, .. got.Late]);
        }

        Directive[] asked = [new() { Estimates = true, Best = new(4, 5) }, new() { Estimates = false }, new() { GradientValues = 3 }];
        Assert.Equal(asked, Same(LearningCodecs.Weights, Version(1, 0, 0, 0, 0) with { Directives = [.. asked] })!.Directives);
    }

    private static (float Loss, float[] Gradient) LossOf(float[] weights) => LossOf(weights, [2, -1], [0, 1]);

    private static (float Loss, float[] Gradient) LossOf(float[] weights, float[] x, int[] labels)
    {
        var gradient = new float[weights.Length];
        var loss = Model.Loss(weights, new(x, labels), gradient, new());
        foreach (var slice in Model.Plan.Slices)
        {
            if (slice.Kind != SliceKind.Trained) { slice.Of(gradient.AsSpan()).Clear(); }
        }
        return (loss, gradient);
    }

    /// <summary>A model that knows its scale.</summary>
    private static Weights Version(long version, params float[] trained) => new()
    {
        Version = version,
        SchemaHash = Model.Plan.SchemaHash,
        Values = [0, 1, .. trained],
        Scale = new(2, [0], [1]),
    };

    /// <summary>Sends rows; an update goes with the wake-up after its last step.</summary>
    private static void Send(OperatorProbe probe, float[] x, int[] labels)
    {
        probe.Send(Batches.Of(probe.Pool, Rows, x, labels));
        probe.Advance(TimeSpan.Zero);
    }

    private static void Give(OperatorProbe probe, Weights version)
    {
        probe.Control(version);
        probe.Advance(TimeSpan.Zero);
    }
}
