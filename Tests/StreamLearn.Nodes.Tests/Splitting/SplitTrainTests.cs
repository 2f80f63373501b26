using StreamLearn.Samples;

namespace StreamLearn.Nodes.Tests;

/// <summary>Both sides of split training, one against the other and against one machine.</summary>
public sealed class SplitTrainTests
{
    public static TheoryData<int> Splits => [.. Enumerable.Range(0, SplitPair.Layers + 1)];

    [Theory, MemberData(nameof(Splits))]
    public void Split_at_any_layer_it_trains_like_one_machine_bit_for_bit(int split)
    {
        using var pair = new SplitPair(split);
        pair.Train(0, 20);
        Assert.Equal(SplitPair.Unsplit(20), pair.Finish());
        Assert.Equal(split == SplitPair.Layers ? 0 : 20, pair.Sent.Count);
        Assert.All(pair.Sent, a => Assert.Equal(4 * SplitPair.Network.Boundaries[split].Size, a.Values.Length));
    }

    [Theory, InlineData(2, 5), InlineData(5, 2), InlineData(0, 7), InlineData(7, 0), InlineData(3, 4)]
    public void A_split_that_moves_and_moves_back_takes_nothing_from_the_training(int split, int other)
    {
        using var pair = new SplitPair(split);
        pair.Device.Control(new SplitPlan { Split = other, FromSequence = 8 });
        pair.Train(0, 12);
        Assert.Equal(1, pair.Device.Metrics.Counter("moves"));
        pair.Device.Control(new SplitPlan { Split = split });
        pair.Exchange();
        Assert.Equal(2, pair.Device.Metrics.Counter("moves"));
        pair.Train(12, 20);
        Assert.Equal(SplitPair.Unsplit(20), pair.Finish());
        Assert.Empty(pair.Device.Metrics.Drops);
        Assert.Empty(pair.Edge.Metrics.Drops);
    }

    [Fact]
    public void A_split_moves_at_the_batch_that_the_plan_names()
    {
        using var pair = new SplitPair(2);
        pair.Device.Control(new SplitPlan { Split = 4, FromSequence = 3 });
        pair.Train(0, 4);
        Assert.Equal([(1L, 2, null), (2, 2, null), (3, 2, 4), (4, 4, null), (5, 4, null)],
            pair.Sent.Select(a => (a.Sequence, a.Split, a.MoveTo)));
    }

    [Fact]
    public void Only_the_layers_that_move_are_sent()
    {
        using var pair = new SplitPair(5);
        pair.Train(0, 1);
        pair.Device.Control(new SplitPlan { Split = 3 });
        var request = pair.Device.Take<Activations>();
        var moved = SplitPair.Network.Plan.Slices.Where(s => s.Name.Split('.')[0] is "3" or "4" or "exit0");
        Assert.Equal(moved.Sum(s => s.Length), request.Part!.Values.Length);
        Assert.Equal((3, 5), (request.Part.First, request.Part.End));
        Assert.Equal(request.Part.Values.Length, request.Part.State.Length);
        Assert.Contains(request.Part.State, v => v != 0);
    }

    [Theory, InlineData(2, 5, true), InlineData(2, 5, false), InlineData(5, 2, true), InlineData(5, 2, false)]
    public void A_move_whose_request_or_answer_is_lost_is_asked_for_again(int split, int other, bool request)
    {
        using var pair = new SplitPair(split);
        pair.Train(0, 5);
        pair.Device.Control(new SplitPlan { Split = other });
        var lost = pair.Device.Take<Activations>();
        if (!request)
        {
            pair.Edge.Send(lost);
            pair.Edge.Take<BoundaryGradients>();
        }

        pair.Feed(5);
        Assert.Equal(0, pair.Device.Count());
        Assert.False(pair.Device.Ready);
        pair.Device.Advance(SplitPair.Options.GradientTimeout);
        pair.Exchange();
        pair.Train(6, 10);

        Assert.Equal((1, 1), (pair.Device.Metrics.Counter("moves-repeated"), pair.Device.Metrics.Counter("moves")));
        Assert.Equal(SplitPair.Unsplit(10), pair.Finish());
    }

    [Fact]
    public void An_answer_to_a_move_that_comes_twice_or_late_changes_nothing()
    {
        using var pair = new SplitPair(2);
        pair.Train(0, 5);
        pair.Device.Control(new SplitPlan { Split = 5 });
        pair.Edge.Send(pair.Device.Take<Activations>());
        pair.Device.Advance(SplitPair.Options.GradientTimeout);
        pair.Edge.Send(pair.Device.Take<Activations>());
        var (late, second) = (pair.Edge.Take<BoundaryGradients>(), pair.Edge.Take<BoundaryGradients>());
        pair.Device.Control(late);
        pair.Train(5, 8);
        pair.Device.Control(second);
        pair.Device.Control(late);
        pair.Train(8, 10);
        Assert.Equal(2, pair.Device.Metrics.Drops["duplicate"]);
        Assert.Equal(SplitPair.Unsplit(10), pair.Finish());
    }

    [Fact]
    public void An_answer_whose_layers_cannot_be_taken_is_dropped()
    {
        using var pair = new SplitPair(2);
        pair.Train(0, 2);
        pair.Device.Control(new SplitPlan { Split = 5 });
        pair.Edge.Send(pair.Device.Take<Activations>());
        var answer = pair.Edge.Take<BoundaryGradients>();

        pair.Device.Control(answer with { Part = null });
        pair.Device.Control(answer with { Part = answer.Part! with { First = 3 } });
        pair.Device.Control(answer with { Part = answer.Part! with { Values = [] } });
        pair.Device.Control(answer with { Part = answer.Part! with { State = [1] } });
        pair.Device.Control(answer with { Part = answer.Part! with { Values = answer.Part.Values.SetItem(0, float.NaN) } });
        pair.Device.Control(answer with { Part = answer.Part! with { State = answer.Part.State.SetItem(0, float.NaN) } });
        pair.Device.Control(answer with { Split = 4 });
        Assert.Equal(0, pair.Device.Metrics.Counter("moves"));
        pair.Device.Control(answer);
        pair.Train(2, 4);

        Assert.Equal(
            new Dictionary<string, long> { ["shape"] = 4, ["non-finite"] = 2, ["split"] = 1 },
            new Dictionary<string, long>(pair.Device.Metrics.Drops));
        Assert.Equal(SplitPair.Unsplit(4), pair.Finish());
    }

    [Fact]
    public void Plans_for_other_devices_are_ignored_and_those_beyond_the_network_dropped()
    {
        using var pair = new SplitPair(2);
        pair.Device.Control(new SplitPlan { Split = 4, Device = "another" });
        pair.Device.Control(new SplitPlan { Split = SplitPair.Layers + 1 });
        pair.Device.Control(new SplitPlan { Split = -1 });
        pair.Device.Control(new SplitPlan { Split = 2 });
        pair.Train(0, 3);
        Assert.All(pair.Sent, a => Assert.Equal((2, null), (a.Split, a.MoveTo)));
        Assert.Equal(2, pair.Device.Metrics.Drops["split"]);
    }

    [Fact]
    public void A_gradient_is_taken_against_the_weights_that_its_batch_was_computed_with()
    {
        using var pair = new SplitPair(4, SplitPair.Options with { InFlight = 2 });
        pair.Feed(0, rows: 8);
        var (first, second) = (pair.Device.Take<Activations>(), pair.Device.Take<Activations>());
        pair.Edge.Send(first);
        pair.Edge.Send(second);
        var (one, two) = (pair.Edge.Take<BoundaryGradients>(), pair.Edge.Take<BoundaryGradients>());

        pair.Device.Control(two);
        pair.Device.Control(one);
        pair.Device.Complete();

        Assert.Equal(Expected(two, 1, one, 0), pair.Device.Take<SplitReport>(port: 1).Weights.Values);

        static float[] Expected(BoundaryGradients a, int batchOfA, BoundaryGradients b, int batchOfB)
        {
            var (network, whole) = (SplitPair.Network, SplitPair.Batch(0, rows: 8));
            float[] weights = [.. SplitPair.Options.Start!.Values];
            var (start, state) = (weights.ToArray(), new float[weights.Length]);
            foreach (var (message, batch) in new[] { (a, batchOfA), (b, batchOfB) })
            {
                var (tape, gradients) = (new Tape(), new float[weights.Length]);
                network.Forward(start, 0, 4, whole.Features.AsSpan(batch * 128, 128), 4, tape);
                network.ExitLosses(tape, whole.Labels.AsSpan(batch * 4, 4), []);
                network.Backward(start, tape, message.Values.AsSpan(), gradients, []);
                SplitPair.Options.Optimizer.Step(TrainedPart.PlanOf(network.Plan, network.Slices(0, 4)), weights, gradients, state, 1);
            }

            return weights;
        }
    }

    [Fact]
    public void Of_layers_that_have_left_the_optimizer_remembers_nothing()
    {
        var part = SplitPair.PartOf(SplitPair.Network, SplitPair.Options, 0, 5);
        var (features, labels) = SplitPair.Batch(0);
        var tape = new Tape();
        part.Forward(features, 4, tape, pin: false, number: 1);
        part.Losses(tape, labels);
        Assert.True(part.Step(tape, [], [], pinned: false));
        Assert.Contains(part.Take(1, 5).State, v => v != 0);
        part.Move(0, 1);
        part.Move(0, 5);
        Assert.DoesNotContain(part.Take(1, 5).State, v => v != 0);
    }

    [Fact]
    public void Reports_hold_the_loss_of_all_exits_and_the_answers_given_before_learning()
    {
        using var pair = new SplitPair(4, SplitPair.Options with { ReportEvery = 2 });
        pair.Train(0, 4);

        var (device, edge) = (pair.Device.TakeAll<SplitReport>(port: 1), pair.Edge.TakeAll<SplitReport>(port: 1));

        Assert.Equal((2, 2), (device.Count, edge.Count));
        Assert.Equal([2L, 4], device.Select(r => r.Weights.Version));
        Assert.All(device, r => Assert.Equal(("probe", 0, 4, 8L), (r.Source, r.First, r.End, r.Evaluation!.Rows)));
        Assert.All(edge, r => Assert.Equal((4, SplitPair.Layers, 8L), (r.First, r.End, r.Evaluation!.Rows)));
        var loss = SplitPair.Network.Loss(
            SplitPair.Options.Start!.Values.AsSpan(), Sample(0), new float[SplitPair.Network.Plan.Values], new());
        using var once = new SplitPair(4, SplitPair.Options with { ReportEvery = 1 });
        once.Train(0, 1);
        Assert.Equal(loss, once.Device.Take<SplitReport>(port: 1).Loss, 1e-6);
        var (features, labels) = SplitPair.Batch(0);
        var asked = Evaluation.Of(SplitPair.Network, SplitPair.Options.Start!, new(features, labels), "probe");
        Assert.Equal(asked.Confusion, once.Edge.Take<SplitReport>(port: 1).Evaluation!.Confusion);

        static Sample Sample(int number)
        {
            var (features, labels) = SplitPair.Batch(number);
            return new(features, labels);
        }
    }

    [Fact]
    public void A_model_is_put_together_from_all_its_layers_or_not_at_all()
    {
        using var pair = new SplitPair(4, SplitPair.Options with { ReportEvery = 1 });
        pair.Train(0, 1);
        var (device, edge) = (pair.Device.Take<SplitReport>(port: 1), pair.Edge.Take<SplitReport>(port: 1));
        Assert.Equal(SplitPair.Unsplit(1), SplitReport.Join(SplitPair.Network, device, edge).Values);
        Assert.Throws<ArgumentException>(() => SplitReport.Join(SplitPair.Network, device));
        Assert.Throws<ArgumentException>(() => SplitReport.Join(SplitPair.Network, edge, device));
        Assert.Throws<ArgumentException>(() => SplitReport.Join(SplitPair.Network, device, device, edge));
        Assert.Throws<ArgumentException>(() => SplitReport.Join(HarNetwork.Create(), device, edge));
    }
}
