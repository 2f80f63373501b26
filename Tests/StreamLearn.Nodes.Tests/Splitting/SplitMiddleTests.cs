namespace StreamLearn.Nodes.Tests;

/// <summary>A network in three parts: the first and the last on the device, which keeps its labels, the middle on the edge.</summary>
public sealed class SplitMiddleTests
{
    private static readonly Network Network = new(
        new(SplitPair.Channels, SplitPair.Samples), SplitPair.Classes,
        [new Scale(), new Conv1d(4, 5, 2, 2), new Relu(), new Conv1d(6, 3, 1, 1), new GroupNorm(2), new Relu()],
        [new(1, new Sequential(new GlobalMeanMax(), new Dense(3)), 0.5f), new(5, new Sequential(new GlobalMeanMax(), new Dense(3)))],
        seed: 5);

    private static readonly SplitTrainOptions Options = SplitPair.Options with { Start = null };

    public static TheoryData<int, int> Ranges =>
        [.. from split in Enumerable.Range(2, 3) from end in Enumerable.Range(split + 1, 5 - split) select (split, end)];

    [Theory, MemberData(nameof(Ranges))]
    public void In_three_parts_it_trains_like_one_machine_bit_for_bit_and_no_label_leaves(int split, int end)
    {
        using var parts = new Parts(split, end);
        for (var b = 0; b < 20; b++) { parts.Train(b); }
        Assert.Equal(Unsplit(20), parts.Finish(end));
        Assert.All(parts.OnTheWay, a => Assert.Empty(a.Labels));
        Assert.Equal(40, parts.OnTheWay.Count);
    }

    [Fact]
    public void The_split_may_move_up_to_the_last_part_and_back()
    {
        using var parts = new Parts(2, 4);
        for (var b = 0; b < 20; b++)
        {
            if (b % 6 == 3) { parts.Front.Control(new SplitPlan { Split = (b / 6) switch { 0 => 3, 1 => 4, _ => 2 } }); }
            parts.Train(b);
        }
        Assert.Equal(3, parts.Front.Metrics.Counter("moves"));
        Assert.Equal(Unsplit(20), parts.Finish(4));
    }

    [Fact]
    public void A_move_into_the_last_part_is_refused_and_training_goes_on()
    {
        using var parts = new Parts(2, 4);
        parts.Front.Control(new SplitPlan { Split = 5 });
        for (var b = 0; b < 5; b++) { parts.Train(b); }
        Assert.Equal((1, 0), (parts.Front.Metrics.Counter("moves-refused"), parts.Front.Metrics.Counter("moves")));
        Assert.Equal(Unsplit(5), parts.Finish(4));
    }

    [Fact]
    public void An_exit_in_the_middle_learns_from_labels_alone()
    {
        using var parts = new Parts(1, 4);
        parts.Train(0);
        Assert.Equal(1, parts.Middle.Metrics.Counter("exits-without-labels"));
    }

    [Fact]
    public void Gradients_that_come_twice_late_or_never_do_to_the_middle_what_they_do_to_the_front()
    {
        using var parts = new Parts(2, 4);
        parts.Feed(0);
        var batch = parts.Front.Take<Activations>();
        parts.Tail.Control(batch);
        parts.Middle.Send(batch with { Labels = [] });
        Assert.False(parts.Middle.Ready);
        parts.Tail.Send(parts.Middle.Take<Activations>());
        var gradient = parts.Tail.Take<BoundaryGradients>();
        parts.Middle.Control(gradient with { SchemaHash = 1 });
        parts.Middle.Control(gradient with { Split = 3 });
        parts.Middle.Control(gradient);
        parts.Middle.Control(gradient);
        Assert.True(parts.Middle.Ready);
        parts.Middle.Send(batch with { Labels = [], Sequence = 2 });
        parts.Middle.Advance(Options.GradientTimeout);
        parts.Middle.Control(gradient with { Sequence = 2 });

        Assert.Equal(
            new Dictionary<string, long> { ["schema"] = 1, ["split"] = 1, ["duplicate"] = 1, ["late"] = 1 },
            new Dictionary<string, long>(parts.Middle.Metrics.Drops));
        Assert.Equal(1, parts.Middle.Metrics.Counter("missing-gradients"));
    }

    [Fact]
    public void It_does_not_move_while_a_batch_of_its_is_in_flight()
    {
        using var parts = new Parts(2, 4, inFlight: 2);
        parts.Feed(0);
        var batch = parts.Front.Take<Activations>();
        parts.Middle.Send(batch with { Labels = [] });
        parts.Middle.Send(batch with { Sequence = 2, MoveTo = 3, Rows = 0, Values = [], Labels = [] });
        Assert.Equal(1, parts.Middle.Metrics.Drops["in-flight"]);
        Assert.Equal(0, parts.Middle.Count(port: 1));
    }

    [Fact]
    public void A_batch_whose_labels_are_not_known_is_dropped()
    {
        using var parts = new Parts(2, 4);
        parts.Feed(0);
        parts.Middle.Send(parts.Front.Take<Activations>() with { Labels = [] });
        var batch = parts.Middle.Take<Activations>();
        parts.Tail.Send(batch);
        parts.Tail.Control(batch with { Labels = [0, 1] });
        parts.Tail.Send(batch);
        Assert.Equal((1, 1), (parts.Tail.Metrics.Drops["unlabelled"], parts.Tail.Metrics.Drops["shape"]));
    }

    [Fact]
    public void Labels_are_taken_out_by_a_block_of_its_own()
    {
        using var probe = OperatorProbe.Of<Activations, Activations>(flow => flow.WithoutLabels());
        using var parts = new Parts(2, 4);
        parts.Feed(0);
        var batch = parts.Front.Take<Activations>();
        probe.Send(batch);
        var without = probe.Take<Activations>();
        Assert.Empty(without.Labels);
        Assert.Equal(batch with { Labels = [] }, without);
    }

    private static float[] Unsplit(int batches)
    {
        float[] weights = [.. Network.Initial.Values];
        var (gradients, state) = (new float[weights.Length], new float[weights.Length]);
        for (var b = 0; b < batches; b++)
        {
            var (features, labels) = SplitPair.Batch(b);
            Network.Loss(weights, new(features, labels), gradients, new());
            Options.Optimizer.Step(Network.Plan, weights, gradients, state, b + 1);
        }
        return weights;
    }

    private sealed class Parts : IDisposable
    {
        internal Parts(int split, int end, int inFlight = 1)
        {
            var options = Options with { InFlight = inFlight };
            Front = OperatorProbe.From<Batch>((p, rows) => OperatorProbe.Use(rows.SplitTrain(
                Network, split, p.Input<BoundaryGradients>("gradients"), p.Input<SplitPlan>("plans"), options)));
            Middle = OperatorProbe.From<Activations>((p, flow) => OperatorProbe.Use(
                flow.SplitTrain(Network, split, end, p.Input<BoundaryGradients>("gradients"), options)));
            Tail = OperatorProbe.From<Activations>((p, flow) => OperatorProbe.Use(
                flow.SplitTrain(Network, end, p.Input<Activations>("labels"), options)));
        }

        internal OperatorProbe Front { get; }
        internal OperatorProbe Middle { get; }
        internal OperatorProbe Tail { get; }
        internal List<Activations> OnTheWay { get; } = [];

        public void Dispose()
        {
            Front.Dispose();
            Middle.Dispose();
            Tail.Dispose();
        }

        internal void Feed(int number) => Front.Send(SplitPair.Stream(Front, number));

        internal void Train(int number)
        {
            Feed(number);
            while (Front.Count() + Middle.Count() + Middle.Count(port: 1) + Tail.Count() > 0)
            {
                foreach (var batch in Front.TakeAll<Activations>())
                {
                    Tail.Control(batch);
                    Middle.Send(Passed(batch with { Labels = [] }));
                }
                foreach (var batch in Middle.TakeAll<Activations>()) { Tail.Send(Passed(batch)); }
                foreach (var gradient in Tail.TakeAll<BoundaryGradients>()) { Middle.Control(gradient); }
                foreach (var gradient in Middle.TakeAll<BoundaryGradients>(port: 1)) { Front.Control(gradient); }
            }
        }

        /// <summary>Moves all of the middle to the device, and puts the model together there.</summary>
        internal float[] Finish(int end)
        {
            Front.Control(new SplitPlan { Split = end });
            foreach (var request in Front.TakeAll<Activations>()) { Middle.Send(request); }
            foreach (var answer in Middle.TakeAll<BoundaryGradients>(port: 1)) { Front.Control(answer); }
            Front.Complete();
            Tail.Complete();
            return [.. SplitReport.Join(Network, Front.Take<SplitReport>(port: 1), Tail.Take<SplitReport>(port: 1)).Values];
        }

        private Activations Passed(Activations batch)
        {
            var passed = Same(LearningCodecs.Activations, batch)!;
            OnTheWay.Add(passed);
            return passed;
        }
    }
}
