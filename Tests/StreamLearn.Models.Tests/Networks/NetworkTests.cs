namespace StreamLearn.Models.Tests;

public sealed class NetworkTests
{
    private const int Rows = HarRows.Count;
    private static readonly Network Har = HarRows.Network;
    private readonly Workspace _memory = new();
    private readonly float[] _weights = HarRows.Weights();
    private readonly float[] _features = HarRows.Features();
    private readonly int[] _labels = HarRows.Labels();

    [Fact]
    public void The_har_network_has_the_stated_size_and_work()
    {
        Assert.Equal(6204, Har.Plan.Slices.Where(s => s.Kind == SliceKind.Trained).Sum(s => s.Length));
        Assert.Equal([55_488, 203_328], Har.MultiplyAddsTo);
        Assert.Equal(203_328, Har.Plan.MultiplyAdds);
        Shape[] wide = [new(6, 128), new(6, 128)], middle = [.. Enumerable.Repeat(new Shape(16, 64), 3)];
        Assert.Equal([.. wide, .. middle, .. Enumerable.Repeat(new Shape(32, 32), 3)], Har.Boundaries);
        Assert.Equal(
            [
                "scale.mean", "scale.inverse", "1.conv1d.weight", "1.conv1d.bias", "2.group-norm.gain", "2.group-norm.bias",
                "4.conv1d.weight", "4.conv1d.bias", "5.group-norm.gain", "5.group-norm.bias",
                "exit0.1.dense.weight", "exit0.1.dense.bias", "exit1.1.dense.weight", "exit1.1.dense.bias",
            ],
            Har.Plan.Slices.Select(s => s.Name));
    }

    [Fact]
    public void The_gradient_is_that_of_central_differences_in_float64()
    {
        var gradients = new float[_weights.Length];
        float[] offsets = [0, -1, 0.5f, 0, -2, 0.25f];
        var (features, labels) = (_features[..(2 * Har.Plan.Input.Size)], _labels[..2]);

        var loss = Har.Loss(_weights, new(features, labels) { LogitOffsets = offsets }, gradients, _memory);

        var exact = Array.ConvertAll(_weights, w => (double)w);
        Assert.Equal(Naive.Loss(Har, exact, features, labels, offsets), loss, 2e-6);
        foreach (var slice in Har.Plan.Slices.Where(s => s.Kind == SliceKind.Trained))
        {
            for (var i = slice.Offset; i < slice.Offset + slice.Length; i += 1 + (slice.Length / 30))
            {
                // differences are exact to about 1e-9; what is left is the float32 of the gradient
                Assert.Equal(LossCase.Difference(exact, i, () => Naive.Loss(Har, exact, features, labels, offsets)), gradients[i], 5e-6);
            }
        }
    }

    [Fact]
    public void A_step_in_two_parts_is_the_whole_step_to_the_bit_at_every_boundary()
    {
        var (whole, loss) = Whole();
        for (var split = 1; split < 7; split++)
        {
            var (lower, upper, gradients) = (new Tape(), new Tape(), new float[_weights.Length]);
            var between = new float[Rows * Har.Boundaries[split].Size];
            Har.Forward(_weights, 0, split, _features, Rows, lower);
            Har.Forward(_weights, split, 7, lower.Outputs, Rows, upper);
            var losses = Har.ExitLosses(lower, _labels, []) + Har.ExitLosses(upper, _labels, []);
            Har.Backward(_weights, upper, [], gradients, between);
            Har.Backward(_weights, lower, between, gradients, []);
            Same(whole, gradients);
            Assert.Equal(loss, losses, 1e-6f);      // two sums, each rounded to float32
        }
    }

    [Fact]
    public void A_step_layer_by_layer_is_the_whole_step_to_the_bit()
    {
        var (whole, _) = Whole();
        var (tapes, gradients) = (Enumerable.Range(0, 7).Select(_ => new Tape()).ToArray(), new float[_weights.Length]);
        var activations = _features;
        for (var i = 0; i < 7; i++)
        {
            Har.Forward(_weights, i, i + 1, activations, Rows, tapes[i]);
            Har.ExitLosses(tapes[i], _labels, []);
            activations = tapes[i].Outputs.ToArray();
        }

        float[] above = [];
        for (var i = 6; i >= 0; i--)
        {
            var below = new float[Rows * Har.Boundaries[i].Size];
            Har.Backward(_weights, tapes[i], above, gradients, below);
            above = below;
        }

        Same(whole, gradients);
        Assert.Contains(above, g => g != 0);        // the gradient of the features themselves, if somebody asks for it
    }

    [Fact]
    public void A_part_leaves_the_gradients_of_others_alone_and_adds_to_its_own()
    {
        var (tape, once, twice) = (new Tape(), new float[_weights.Length], new float[_weights.Length]);
        Har.Forward(_weights, 0, 4, _features, Rows, tape);
        Har.ExitLosses(tape, _labels, []);
        var others = Har.Plan.Slices.Where(s => s.Name[0] is '4' or '5' || s.Name.StartsWith("exit1", StringComparison.Ordinal)).ToArray();
        foreach (var slice in others) { slice.Of(once.AsSpan()).Fill(float.NaN); }

        Har.Backward(_weights, tape, [], once, []);     // its own exit teaches it, nothing comes from above
        Har.Backward(_weights, tape, [], twice, []);
        Har.Backward(_weights, tape, [], twice, []);

        foreach (var slice in Har.Plan.Slices)
        {
            var (first, second) = (slice.Of(once.AsSpan()).ToArray(), slice.Of(twice.AsSpan()).ToArray());
            if (others.Contains(slice)) { Assert.All(first, g => Assert.True(float.IsNaN(g))); }
            else if (slice.Kind == SliceKind.Trained)
            {
                Assert.Contains(first, g => g != 0);
                for (var i = 0; i < first.Length; i++) { Assert.Equal(2 * first[i], second[i], 1e-6f + (1e-5f * MathF.Abs(first[i]))); }
            }
        }
    }

    [Fact]
    public void A_late_gradient_is_taken_back_through_the_pinned_weights()
    {
        var (tape, gradients) = (new Tape(), new float[_weights.Length]);
        float[] moving = [.. _weights];
        Har.Forward(moving, 0, 7, _features, Rows, tape, pin: true);
        Har.ExitLosses(tape, _labels, []);
        foreach (ref var weight in moving.AsSpan()) { weight += 1; }
        Har.Backward([], tape, [], gradients, []);
        Same(Whole().Gradients, gradients);
        Har.Forward(moving, 0, 7, _features, Rows, tape);       // not pinned: what the tape held is gone
        Assert.Throws<ArgumentException>(() => Har.Backward([], tape, [], gradients, []));
    }

    [Fact]
    public void Tapes_are_reused_without_allocating_whatever_the_rows()
    {
        var (tape, gradients) = (new Tape(), new float[_weights.Length]);
        void Step(int rows)
        {
            Har.Forward(_weights, 0, 7, _features.AsSpan(0, rows * Har.Plan.Input.Size), rows, tape, pin: true);
            Har.ExitLosses(tape, _labels.AsSpan(0, rows), []);
            Har.Backward([], tape, [], gradients, []);
            Har.Loss(_weights, new(_features.AsSpan(0, rows * Har.Plan.Input.Size), _labels.AsSpan(0, rows)), gradients, _memory);
            Har.Infer(_weights, new(_features.AsSpan(0, rows * Har.Plan.Input.Size), rows), gradients, _memory);
        }

        for (var i = 0; i < 3; i++) { Step(Rows); }
        var reserved = _memory.ReservedBytes;
        void Round()
        {
            for (var i = 0; i < 20; i++) { Step(1 + (i % Rows)); }
        }

        Assert.Equal(0, Allocations.Least(Round));
        Assert.Equal(reserved, _memory.ReservedBytes);
        Assert.True(reserved > 4L * Rows * (6 * 128));
    }

    [Fact]
    public void What_a_tape_held_before_does_not_matter()
    {
        var (whole, loss) = Whole();
        float[] nothing = new float[_weights.Length], wild = [.. _features.Select(x => x * 1e30f)];
        Har.Loss(_weights, new(wild, _labels), nothing, _memory);
        var gradients = new float[_weights.Length];
        Assert.Equal(loss, Har.Loss(_weights, new(_features, _labels), gradients, _memory));
        Same(whole, gradients);
    }

    [Fact]
    public void The_loss_weighs_the_exits()
    {
        var exact = Array.ConvertAll(_weights, w => (double)w);
        foreach (var (first, last) in new[] { (0.5f, 1f), (0f, 1f), (3f, 0f) })
        {
            var network = With(Har.Exits[0] with { LossWeight = first }, Har.Exits[1] with { LossWeight = last });
            var gradients = new float[_weights.Length];
            var loss = network.Loss(_weights, new(_features, _labels), gradients, _memory);
            Assert.Equal(Naive.Loss(network, exact, _features, _labels), loss, 1e-5);
            Assert.Equal(first == 0, network.Plan.Find("exit0.1.dense.weight")!.Of(gradients.AsSpan()).IndexOfAnyExcept(0) < 0);
            Assert.Equal(last == 0, network.Plan.Find("4.conv1d.weight")!.Of(gradients.AsSpan()).IndexOfAnyExcept(0) < 0);
        }
    }

    [Fact]
    public void Logit_offsets_of_zero_change_no_bit_and_an_unseen_class_takes_no_part()
    {
        var (whole, loss) = Whole();
        var gradients = new float[_weights.Length];
        Assert.Equal(loss, Har.Loss(_weights, new(_features, _labels) { LogitOffsets = new float[6] }, gradients, _memory));
        Same(whole, gradients);
        int[] labels = [.. _labels.Select(l => l % 5)];
        Har.Loss(_weights, new(_features, labels) { LogitOffsets = [0, 0, 0, 0, 0, -30] }, gradients, _memory);
        // e^−30 is 1e-13 of a probability; without the offset the class would take about a sixth
        Assert.All(Har.Plan.Find("exit1.1.dense.bias")!.Of(gradients.AsSpan())[5..].ToArray(), g => Assert.InRange(g, -1e-11f, 1e-11f));
    }

    [Fact]
    public void Without_labels_the_exits_teach_nothing()
    {
        var (tape, gradients) = (new Tape(), new float[_weights.Length]);
        Har.Forward(_weights, 0, 7, _features, Rows, tape);
        Har.ExitLosses(tape, _labels, []);
        Har.Forward(_weights, 0, 7, _features, Rows, tape);     // what the exits said before is gone
        Har.Backward(_weights, tape, [], gradients, []);
        Assert.All(gradients[12..], g => Assert.Equal(0, g));
    }

    [Fact]
    public void The_statistic_slices_of_a_gradient_hold_the_present_statistics() => Assert.Equal(_weights[..12], Whole().Gradients[..12]);

    [Theory, InlineData(0.05f), InlineData(0f)]        // Adam
    public void Steps_make_the_loss_smaller(float rate)
    {
        Optimizer optimizer = rate > 0 ? new Sgd(rate) : new Adam(0.003f);
        var (gradients, state) = (new float[_weights.Length], new float[_weights.Length * optimizer.StateValues]);
        var first = Har.Loss(_weights, new(_features, _labels), gradients, _memory);
        for (var t = 1; t <= 30; t++)
        {
            Har.Loss(_weights, new(_features, _labels), gradients, _memory);
            optimizer.Step(Har.Plan, _weights, gradients, state, t);
        }
        // five rows of noise can be learned by heart
        Assert.InRange(Har.Loss(_weights, new(_features, _labels), gradients, _memory), 0, 0.2f * first);
    }

    private static Network With(params Exit[] exits) => new(Har.Plan.Input, HarNetwork.Classes, Har.Layers, [.. exits], 3);

    private (float[] Gradients, float Loss) Whole()
    {
        var gradients = new float[_weights.Length];
        Array.Fill(gradients, float.NaN);       // the loss overwrites them
        return (gradients, Har.Loss(_weights, new(_features, _labels), gradients, new()));
    }
}
