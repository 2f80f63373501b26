namespace StreamLearn.Models.Tests;

public sealed class NetworkMaskTests
{
    [Theory, MemberData(nameof(Cases), MemberType = typeof(MaskedNetwork))]
    public void What_learns_has_the_gradient_of_the_whole_network_to_the_bit_and_the_rest_has_none(int network, int mask)
    {
        var (it, masked) = Case(network, mask);
        var (whole, gradients) = (new float[it.Weights.Length], new float[it.Weights.Length]);
        Array.Fill(gradients, float.NaN);
        var loss = it.Network.Loss(it.Weights, it.Batch, whole, new());
        Assert.Equal(loss, masked.Loss(it.Weights, it.Batch, gradients, new()));
        foreach (var slice in masked.Plan.Slices)
        {
            var expected = slice.Kind == SliceKind.Frozen ? new float[slice.Length] : slice.Of(whole.AsSpan());
            Same(expected, slice.Of(gradients.AsSpan()));
        }
    }

    [Theory, MemberData(nameof(Cases), MemberType = typeof(MaskedNetwork))]
    public void A_step_in_two_parts_is_the_whole_step_to_the_bit_at_every_boundary(int network, int mask)
    {
        var (it, masked) = Case(network, mask);
        var whole = new float[it.Weights.Length];
        var loss = masked.Loss(it.Weights, it.Batch, whole, new());
        var (lower, upper) = (new Tape(), new Tape());
        for (var split = 1; split < masked.Layers.Length; split++)
        {
            var (gradients, between) = (new float[it.Weights.Length], new float[it.Rows * masked.Boundaries[split].Size]);
            masked.Forward(it.Weights, 0, split, it.Features, it.Rows, lower);
            masked.Forward(it.Weights, split, masked.Layers.Length, lower.Outputs, it.Rows, upper);
            var losses = masked.ExitLosses(lower, it.Labels, []) + masked.ExitLosses(upper, it.Labels, []);
            masked.Backward(it.Weights, upper, [], gradients, between);
            masked.Backward(it.Weights, lower, between, gradients, []);
            Same(whole, gradients);
            Assert.Equal(loss, losses, 1e-6f);      // sums, each rounded to float32
        }
    }

    [Theory, MemberData(nameof(Cases), MemberType = typeof(MaskedNetwork))]
    public void A_step_moves_what_learns_as_in_the_whole_network_and_nothing_else(int network, int mask)
    {
        var (it, masked) = Case(network, mask);
        foreach (var optimizer in new Optimizer[] { new Sgd(0.05f, ClipNorm: float.PositiveInfinity), new Adam(0.01f) })
        {
            float[] whole = [.. it.Weights], part = [.. it.Weights], gradients = new float[whole.Length];
            var state = new float[optimizer.StateValues * whole.Length];
            it.Network.Step(whole, it.Batch, optimizer, state, 1, gradients, new());
            Array.Clear(state);
            Array.Fill(gradients, 1e30f);       // what lies there is of no account
            var memory = new Workspace();

            masked.Step(part, it.Batch, optimizer, state, 1, gradients, memory);

            foreach (var slice in masked.Plan.Slices)
            {
                Same(slice.Of((slice.Kind == SliceKind.Frozen ? it.Weights : whole).AsSpan()), slice.Of(part.AsSpan()));
                if (slice.Kind != SliceKind.Frozen) { continue; }
                for (var kind = 0; kind < optimizer.StateValues; kind++)
                {
                    Assert.Equal(-1, state.AsSpan((kind * whole.Length) + slice.Offset, slice.Length).IndexOfAnyExcept(0));
                }
            }

            for (var t = 2; t < 5; t++) { masked.Step(part, it.Batch, optimizer, state, t, gradients, memory); }
            Assert.Equal(0, Allocations.Least(() => masked.Step(part, it.Batch, optimizer, state, 5, gradients, memory)));
        }
    }

    [Fact]
    public void A_mask_freezes_slices_by_place_and_name()
    {
        string[] Learns(TrainableMask mask) =>
            [.. Lines.Network.Masked(mask).Plan.Slices.Where(s => s.Kind == SliceKind.Trained).Select(s => s.Name)];
        string[] heads =
        [
            "exit0.1.dense.weight", "exit0.1.dense.bias", "exit1.1.dense.weight", "exit1.1.dense.bias", "exit2.dense.weight",
            "exit2.dense.bias",
        ];
        Assert.Equal(heads, Learns(TrainableMask.HeadOnly));
        Assert.Equal(heads, Learns(TrainableMask.FreezeBelow(9)));
        Assert.Equal(["7.dense.weight", "7.dense.bias", .. heads], Learns(TrainableMask.FreezeBelow(5)));
        Assert.Equal(
            [
                "1.conv1d.bias", "2.group-norm.bias", "4.conv1d.bias", "7.dense.bias", "exit0.1.dense.bias", "exit1.1.dense.bias",
                "exit2.dense.bias",
            ],
            Learns(TrainableMask.BiasOnly));
        Assert.True(TrainableMask.BatchNormOnly.Trains("0.batch-norm.gain", 3));
        Assert.True(TrainableMask.BatchNormOnly.Trains("batch-norm.bias", null));
        Assert.False(TrainableMask.BatchNormOnly.Trains("group-norm.bias", 3));
    }

    [Fact]
    public void A_masked_network_is_the_same_model_but_not_the_same_value()
    {
        var (whole, heads) = (Lines.Network, Lines.Network.Masked(TrainableMask.HeadOnly));
        Assert.Equal(whole.Plan.SchemaHash, heads.Plan.SchemaHash);
        Assert.Same(whole.Initial, heads.Initial);
        Assert.NotEqual(whole, heads);
        Assert.NotEqual(whole.Masked(TrainableMask.FreezeBelow(1)), whole.Masked(TrainableMask.FreezeBelow(2)));
        Assert.Equal(heads, whole.Masked(TrainableMask.BiasOnly).Masked(TrainableMask.HeadOnly));       // the last one counts
        Assert.Equal(whole, heads.Masked(TrainableMask.FreezeBelow(0)));
        Assert.EndsWith("; seed 5; learns: heads", heads.Structure, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => heads.ExitLosses(Written(whole), Lines.Labels, []));
    }

    [Fact]
    public void A_mask_under_which_nothing_learns_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Lines.Network.Masked(TrainableMask.BatchNormOnly));
        Assert.Throws<ArgumentOutOfRangeException>(() => Lines.Network.Masked(TrainableMask.FreezeBelow(10)));
        Assert.Throws<ArgumentOutOfRangeException>(() => TrainableMask.FreezeBelow(-1));
    }

    [Fact]
    public void The_inputs_of_a_part_below_which_nothing_learns_have_no_gradient()
    {
        var (masked, tape) = (Lines.Network.Masked(TrainableMask.FreezeBelow(5)), new Tape());
        masked.Forward(Lines.Weights, 0, masked.Layers.Length, Lines.Features, Lines.Rows, tape);
        masked.ExitLosses(tape, Lines.Labels, []);
        var inputs = new float[Lines.Features.Length];
        Array.Fill(inputs, float.NaN);
        masked.Backward(Lines.Weights, tape, [], new float[Lines.Weights.Length], inputs);
        Assert.All(inputs, g => Assert.Equal(0, g));
    }

    [Fact]
    public void Layers_of_a_network_can_be_taken_out_and_put_in()
    {
        var network = Lines.Network;
        var part = network.Values(2, 6, Lines.Weights);

        var slices = network.Slices(2, 6);
        Assert.Equal(
            [
                "2.group-norm.gain", "2.group-norm.bias", "4.conv1d.weight", "4.conv1d.bias", "exit0.1.dense.weight", "exit0.1.dense.bias",
                "exit1.1.dense.weight", "exit1.1.dense.bias",
            ],
            slices.Select(s => s.Name));
        Assert.Equal(slices.SelectMany(s => s.Of(Lines.Weights.AsSpan()).ToArray()), part);
        var other = new float[Lines.Weights.Length];
        network.SetValues(2, 6, part, other);
        Assert.Equal(part, network.Values(2, 6, other));
        Assert.Equal(part.Length, Lines.Weights.Length - network.Values(0, 2, other).Length - network.Values(6, 9, other).Length);
        Assert.Equal(-1, network.Values(6, 9, other).AsSpan().IndexOfAnyExcept(0));
        Assert.Equal(network.Plan.MultiplyAdds, network.MultiplyAdds(0, 4) + network.MultiplyAdds(4, 9));
        Assert.Equal(network.LayerPlans[4].MultiplyAdds, network.MultiplyAdds(4, 5));
        Assert.Empty(network.Slices(5, 5));
        Assert.Throws<ArgumentException>(() => network.SetValues(2, 6, part.AsSpan(1), other));
        Assert.Throws<ArgumentOutOfRangeException>(() => network.Values(2, 10, other));
    }

    private static Tape Written(Network network)
    {
        var tape = new Tape();
        network.Forward(Lines.Weights, 0, network.Layers.Length, Lines.Features, Lines.Rows, tape);
        return tape;
    }
}
