namespace StreamLearn.Models.Tests;

public sealed class MemoryPlanTests
{
    [Theory, MemberData(nameof(Cases), MemberType = typeof(MaskedNetwork))]
    public void The_figures_are_what_a_step_and_inference_really_reserve(int network, int mask)
    {
        var (it, masked) = Case(network, mask);
        foreach (var rows in new[] { 1, 7, it.Rows })
        {
            var (plan, optimizer) = (masked.Memory(rows, new Adam(0.01f)), new Adam(0.01f));
            float[] weights = [.. it.Weights], gradients = new float[weights.Length], state = new float[2 * weights.Length];
            Workspace training = new(), inference = new();
            var batch = new Sample(it.Features.AsSpan(0, rows * masked.Plan.Input.Size), it.Labels.AsSpan(0, rows));
            masked.Step(weights, batch, optimizer, state, 1, gradients, training);
            masked.Infer(weights, batch, new float[rows * masked.Plan.Outputs], inference);
            Assert.Equal(plan.ActivationBytes, training.ReservedBytes);
            Assert.Equal(plan.InferenceScratchBytes, inference.ReservedBytes);
            Assert.Equal((4L * weights.Length, 4L * gradients.Length, 4L * state.Length),
                (plan.ParameterBytes, plan.GradientBytes, plan.OptimizerBytes));
            Assert.Equal(plan.TrainingBytes, training.ReservedBytes + (4L * (weights.Length + gradients.Length + state.Length)));
        }
    }

    [Fact]
    public void An_absurdly_large_network_says_what_it_would_take_and_takes_nothing()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var network = new Network(new(40_000), 10, [new Dense(50_000), new Relu()], [new(1, new Dense(10))]);
        var plan = network.Memory(16, new Adam(0.01f));
        Assert.Equal(4L * ((40_000L * 50_000) + 50_000 + 500_000 + 10), plan.ParameterBytes);
        Assert.True(plan.TrainingBytes > 4 * plan.ParameterBytes);
        Assert.Equal(plan.ParameterBytes, network.Masked(TrainableMask.HeadOnly).Memory(1).ParameterBytes);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
        Assert.Contains($"at most {Array.MaxLength} values", Assert.Throws<ArgumentException>(
            () => new Network(new(60_000), 10, [new Dense(50_000)], [new(0, new Dense(10))])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mask_does_not_make_the_initial_values_again()
    {
        var network = new Network(new(3), 2, [new Dense(4)], [new(0, new Dense(2))], seed: 5);
        Assert.Same(network.Initial, network.Masked(TrainableMask.HeadOnly).Initial);
        Assert.Same(network.Initial, network.Initial);
    }

    [Fact]
    public void The_rows_add_up_to_the_totals()
    {
        foreach (var it in new[] { Lines, Images })
        {
            var plan = it.Network.Memory(32, new Sgd(0.1f));
            Assert.Equal(it.Network.Layers.Length + it.Network.Exits.Length, plan.Layers.Length);
            Assert.Equal(it.Network.Plan.MultiplyAdds, plan.Layers.Sum(l => l.MultiplyAdds));
            Assert.Equal((plan.MultiplyAdds, plan.ParameterBytes), (it.Network.Plan.MultiplyAdds, it.Network.Plan.ParameterBytes));
            Assert.Equal(plan.ParameterBytes, plan.Layers.Sum(l => l.ParameterBytes));
            Assert.Equal(plan.GradientBytes, plan.Layers.Sum(l => l.GradientBytes));
            Assert.Equal(plan.OptimizerBytes, plan.Layers.Sum(l => l.OptimizerBytes));
            Assert.Equal(plan.TapeBytes, plan.Layers.Sum(l => l.TapeBytes));
        }
    }

    [Fact]
    public void The_tape_keeps_what_a_backward_pass_reads_and_no_more()
    {
        Network network = new(new(3, 10), 2, [new Dense(7), new Relu(), new Dense(5), new Dense(4)], [new(3, new Dense(2))]);
        var relu = network.LayerPlans[1];
        var ofRelu = relu.TapeValues + ((relu.Reads & BackwardReads.Inputs) == 0 ? 0 : 7);

        int[] Tape(TrainableMask mask) => [.. network.Masked(mask).Memory(1).Layers.Select(l => (int)l.TapeBytes / 4)];
        Assert.Equal([0, ofRelu, 7, 5, 4 + 4], Tape(TrainableMask.All));            // inputs of layers with weights, but the features
        Assert.Equal([0, 0, 0, 5, 4 + 4], Tape(TrainableMask.FreezeBelow(3)));
        Assert.Equal([0, 0, 0, 0, 4 + 4], Tape(TrainableMask.HeadOnly));
        var reads = (relu.Reads & BackwardReads.Outputs) == 0 ? 0 : 7;
        Assert.Equal([0, ofRelu, reads, 0, 4], Tape(TrainableMask.BiasOnly));
    }

    [Fact]
    public void It_prints_as_a_table_that_fits_the_page()
    {
        var lines = Lines.Network.Masked(TrainableMask.FreezeBelow(5)).Memory(32, new Adam(0.01f)).ToString().Split('\n');
        Assert.All(lines, line => Assert.InRange(line.Length, 1, 120));
        Assert.Equal(1 + 9 + 3 + 3, lines.Length);
        Assert.StartsWith("layer                                    output          multiply-adds", lines[0], StringComparison.Ordinal);
        Assert.Contains(lines, line => line.StartsWith("1 conv1d 4 kernel 5 stride 2 padding 2,", StringComparison.Ordinal));
        Assert.StartsWith("training with batches of 32: ", lines[^2], StringComparison.Ordinal);
        Assert.Single(lines[..^2].Select(line => line.Length).Distinct());
    }

    [Fact]
    public void A_batch_has_rows() => Assert.Throws<ArgumentOutOfRangeException>(() => Lines.Network.Memory(0));
}
