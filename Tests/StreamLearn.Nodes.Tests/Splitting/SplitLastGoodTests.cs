using StreamLearn.Models.Tests;

namespace StreamLearn.Nodes.Tests;

/// <summary>Weights of a side that are not finite, and the last ones that were.</summary>
public sealed class SplitLastGoodTests
{
    private const float Small = 1e-22f, Great = 1e20f;      // gradients of a rate of 1e20: one moves a little, the other breaks weights
    private static readonly Network Network = new(new(3), 2, [new Dense(4), new Dense(3), new Dense(2)], [new(2, new Dense(2))], seed: 2);
    private static readonly SplitTrainOptions Options = new() { Optimizer = new Sgd(1e20f, 0.5f, float.PositiveInfinity) };
    private readonly TrainedPart _part = SplitPair.PartOf(Network, Options, 0, 1);
    private readonly Tape _tape = new();

    [Fact]
    public void Broken_weights_go_back_to_the_last_good_ones_with_the_next_batch_and_train_on_from_there()
    {
        var (twin, tape) = (SplitPair.PartOf(Network, Options, 0, 1), new Tape());
        Steps(_part, _tape, TrainingState.KeepEvery + 6);
        Steps(_part, _tape, 1, Great);
        Assert.False(Finite.All(Forward(_part, _tape)));
        _part.RollBack();       // what the block does with such a batch
        Assert.True(Finite.All(Forward(_part, _tape)));
        Steps(twin, tape, TrainingState.KeepEvery);
        Same(twin, _part);
        var report = _part.Report("part");
        Assert.Equal((TrainingState.KeepEvery + 7, 8), (report.Weights.Version, report.RolledBack));       // 7 steps and the batch
        Steps(_part, _tape, 3);
        Steps(twin, tape, 3);
        Same(twin, _part);
        Assert.Equal(0, _part.Report("part").RolledBack);
    }

    [Fact]
    public void What_nothing_shows_is_found_by_the_next_check()
    {
        var twin = SplitPair.PartOf(Network, Options, 0, 1);
        Steps(_part, _tape, 40);
        Steps(_part, _tape, 1, Great);
        Assert.True(Finite.All(_part.Report("part").Weights.Values.AsSpan()));       // none leaves
        Steps(twin, new(), 32);
        Same(twin, _part);
        Forward(_part, _tape);
        for (var step = 0; step < 32; step++) { Step(_part, _tape, step == 5 ? Great : Small); }        // without a look at outputs
        Same(twin, _part);
        Assert.Equal(32, _part.Report("part").RolledBack);
    }

    [Fact]
    public void What_the_optimizer_remembers_is_good_when_it_leaves_with_weights_that_are()
    {
        var part = SplitPair.PartOf(Network, new() { Optimizer = new Adam(0.01f) }, 0, 1);
        Steps(part, _tape, 1, 1e30f);       // its square is infinite, and moves nothing
        Assert.Null(part.Refuse(part.Take(0, 1), 0, 1));
        Assert.Equal(1, part.Report("part").RolledBack);
    }

    [Fact]
    public void A_gradient_that_does_not_fit_the_other_side_is_not_applied()
    {
        var start = Network.Initial with { Values = [.. Enumerable.Repeat(1e30f, Network.Plan.Values)] };
        var part = SplitPair.PartOf(Network, Options with { Start = start }, 1, 2);
        part.Forward(new float[2 * part.Inputs], 2, _tape, pin: false, number: 1);
        var (gradients, inputGradients) = (new float[2 * part.Outputs], new float[2 * part.Inputs]);
        Array.Fill(gradients, 1e10f);
        Assert.False(part.Step(_tape, gradients, inputGradients, pinned: false));
        Assert.Equal(start.Values, part.Report("part").Weights.Values);
        Assert.Equal(0, part.Steps);
    }

    [Fact]
    public void Two_batches_in_a_row_that_are_not_learned_from_take_the_steps_since_the_copy_back()
    {
        var before = _part.Take(0, 1);
        Steps(_part, _tape, 5);
        _part.RollBack();
        Steps(_part, _tape, 1);
        _part.RollBack();
        Assert.NotEqual(before.Values, _part.Take(0, 1).Values);
        _part.RollBack();
        Assert.Equal(before.Values, _part.Take(0, 1).Values);
        Assert.Equal(3 + 6, _part.Report("part").RolledBack);
    }

    [Fact]
    public void Layers_that_come_find_good_ones_and_layers_that_go_are_good()
    {
        var other = SplitPair.PartOf(Network, Options, 1, 2);
        Steps(other, new(), 2);
        var gained = other.Take(1, 2);
        var start = _part.Take(0, 1);
        Steps(_part, _tape, 3, Great);
        _part.Put(gained);
        _part.Move(0, 2);
        Assert.Equal(start.Values, _part.Take(0, 1).Values);
        Assert.Equal(gained.Values, _part.Take(1, 2).Values);
        Assert.Equal(gained.State, _part.Take(1, 2).State);
        Steps(_part, _tape, 1, Great);
        Assert.Equal(gained.Values, _part.Take(1, 2).Values);       // the copy has them
        Assert.Null(SplitPair.PartOf(Network, Options, 2, 3).Refuse(_part.Take(1, 2), 1, 2));
        Assert.Equal(3 + 1, _part.Report("part").RolledBack);
    }

    [Theory, InlineData(0), InlineData(3), InlineData(7)]
    public void Both_sides_of_a_pair_that_diverges_go_on_from_their_last_good_weights(int split)
    {
        var options = SplitPair.Options with { Optimizer = new Sgd(1e6f, Momentum: 0, ClipNorm: float.PositiveInfinity) };
        using var pair = new SplitPair(split, options);
        pair.Train(0, 40);
        pair.Device.Complete();
        pair.Edge.Complete();
        var sides = new[] { pair.Device, pair.Edge };
        var reports = sides.Select(side => side.TakeAll<SplitReport>(port: 1)[^1]).ToList();
        Assert.All(reports, report => Assert.True(Finite.All(report.Weights.Values.AsSpan())));
        Assert.All(sides.Zip(reports), pair => Assert.Equal(pair.First.Metrics.Counter("rolled-back-steps"), pair.Second.RolledBack));
        Assert.InRange(reports.Max(report => report.RolledBack), 3, 80);
        Assert.InRange(reports.Max(report => report.Weights.Version), 1, 40);
    }

    [Fact]
    public void A_start_that_is_not_finite_is_refused() => Assert.Throws<ArgumentException>(() =>
        (Options with { Start = Network.Initial with { Values = Network.Initial.Values.SetItem(3, float.NaN) } }).Check(Network));

    private static void Same(TrainedPart expected, TrainedPart actual)
    {
        var (a, b) = (expected.Take(0, 1), actual.Take(0, 1));
        MaskedNetwork.Same(a.Values.AsSpan(), b.Values.AsSpan());
        MaskedNetwork.Same(a.State.AsSpan(), b.State.AsSpan());
    }

    private static void Steps(TrainedPart part, Tape tape, int steps, float gradient = Small)
    {
        for (var step = 0; step < steps; step++)
        {
            if (step == 0 || gradient == Small) { Forward(part, tape); }
            Step(part, tape, gradient);
        }
    }

    private static ReadOnlySpan<float> Forward(TrainedPart part, Tape tape)
    {
        var inputs = new float[2 * part.Inputs];
        Array.Fill(inputs, 0.5f);
        part.Forward(inputs, 2, tape, pin: false, number: 1);
        if (part.HasExit) { part.Losses(tape, [0, 1]); }
        return tape.Outputs;
    }

    private static void Step(TrainedPart part, Tape tape, float gradient)
    {
        var gradients = new float[part.HasExit ? 0 : 2 * part.Outputs];
        Array.Fill(gradients, gradient);
        Assert.True(part.Step(tape, gradients, [], pinned: false));
    }
}
