using StreamLearn.Models.Tests;

namespace StreamLearn.Nodes.Tests;

/// <summary>What a step of training is charged for, and what memory it is said to take.</summary>
public sealed class StepWorkTests
{
    private const int First = 2 * 4, Second = 4 * 3, Middle = 3 * 2, Third = 3 * 5, Head = 5 * 2;
    private const int Forward = First + Second + Middle + Third + Head;
    private static readonly Schema Rows = new(Field.Channel("x", Unit.One), Field.Channel("y", Unit.One), Field.Label());
    private static readonly Network Flat = new(
        new(2), 2, [new Dense(4), new Relu(), new Dense(3), new Dense(5)], [new(2, new Dense(2)), new(3, new Dense(2))]);
    private static readonly Network Nested = new(
        new(2), 2, [new Sequential(new Dense(4), new Sequential(new Relu(), new Dense(3))), new Sequential(new Dense(5))],
        [new(0, new Dense(2)), new(1, new Sequential(new Dense(2)))]);

    public static TheoryData<int, int> Work { get; } = new()
    {
        { 0, 3 * Forward },
        { 1, Forward + Middle + Head },
        { 2, Forward + (2 * Head) + Third + Middle },                       // the lowest layer gives no gradient of its inputs
        { 3, Forward + Head + Third + Middle + Second },                    // biases: gradients of inputs down to the first layer's outputs
    };

    [Theory, MemberData(nameof(Work))]
    public void A_step_is_charged_for_what_it_computes(int mask, int expected)
    {
        var flat = Flat.Masked(Masks(3)[mask]);
        var nested = Nested.Masked(Masks(1)[mask]);
        Assert.Equal(expected, flat.Plan.StepMultiplyAdds);
        Assert.Equal(expected, nested.Plan.StepMultiplyAdds);
        Assert.Equal(Forward, flat.Plan.MultiplyAdds);
        foreach (var network in new[] { flat, nested })
        {
            using var probe = OperatorProbe.From<Batch>((p, rows) => OperatorProbe.Use(rows.Train(network, p.Input<Weights>("models"), new()
            {
                StartAfterRows = 1,
                BatchRows = 3,
                StepsPerUpdate = 2,
            })), Rows);
            probe.Send(Batches.Of(probe.Pool, Rows, new float[] { 1, 2 }, new float[] { 3, 4 }, new int[] { 0, 1 }));
            Assert.Equal((2 * Forward) + (2 * 3 * expected), probe.Metrics.MultiplyAdds);
        }
    }

    [Theory, MemberData(nameof(Work))]
    public void The_sides_of_a_split_are_charged_for_what_they_compute(int mask, int expected)
    {
        var network = Flat.Masked(Masks(3)[mask]);
        for (var split = 0; split <= network.Layers.Length; split++)
        {
            var (lower, upper) = (SplitPair.PartOf(network, new(), 0, split),
                SplitPair.PartOf(network, new(), split, network.Layers.Length));
            var (below, above) = (new Tape(), new Tape());
            ReadOnlySpan<float> inputs = [1, 2, 3, 4];
            if (split > 0)
            {
                lower.Forward(inputs, 2, below, pin: false, number: 1);
                lower.Losses(below, [0, 1]);
                inputs = below.Outputs;
            }

            var back = new float[split == 0 ? 0 : 2 * lower.Outputs];
            if (split < network.Layers.Length)
            {
                upper.Forward(inputs, 2, above, pin: false, number: 1);
                upper.Losses(above, [0, 1]);
                upper.Step(above, [], back, pinned: false);
            }

            if (split > 0) { lower.Step(below, split == network.Layers.Length ? [] : back, [], pinned: false); }

            Assert.Equal(2 * expected, lower.Work + upper.Work);
        }
    }

    [Fact]
    public void A_block_says_that_it_takes_what_its_network_plans_to_take()
    {
        var options = new TrainOptions { BatchRows = 8, MaxBatchRows = 8, BufferRows = 16, Optimizer = new Adam(0.01f) };
        long Bytes(IModel model, TrainOptions options) => new TrainBlock(model, options).StateBytes(Rows);
        var network = MaskedNetwork.Images.Network;
        var (plan, values) = (network.Memory(8, options.Optimizer), network.Plan.ParameterBytes);
        var rows = 4L * (network.Plan.Input.Size + 1) * (16 + 8);
        Assert.Equal(
            plan.TrainingBytes + plan.InferenceScratchBytes + (5 * values) + rows + (32 * 2) + GlitchClip.Bytes(network.Plan.Input),
            Bytes(network, options));
        var heads = network.Masked(TrainableMask.HeadOnly);
        Assert.Equal(plan.ActivationBytes - heads.Memory(8).ActivationBytes, Bytes(network, options) - Bytes(heads, options));
        Assert.True(Bytes(network, options with { MaxBatchRows = 16 }) > Bytes(network, options) + (4L * 8 * network.Plan.Input.Size));
        // a batch that no array could hold is not planned for
        var normalized = new Network(new(1, 1000), 2, [new BatchNorm(), new Conv1d(64, 3, 1, 1)], [new(1, new Dense(2))]);
        Assert.True(Bytes(normalized, options with { MaxBatchRows = int.MaxValue }) > 0);
        Assert.True(new SplitTrainOptions { BatchRows = int.MaxValue }.StateBytes(normalized, tapes: 1) > 0);
    }

    private static TrainableMask[] Masks(int last) =>
        [TrainableMask.All, TrainableMask.HeadOnly, TrainableMask.FreezeBelow(last), TrainableMask.BiasOnly];
}
