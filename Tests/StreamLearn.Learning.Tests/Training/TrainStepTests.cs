using static StreamLearn.Learning.Tests.OneChannel;

namespace StreamLearn.Learning.Tests;

/// <summary>What a device's step sees and does.</summary>
public sealed class TrainStepTests
{
    private static readonly TrainOptions Small = new() { StartAfterRows = 2, BatchRows = 2, StepsPerUpdate = 3 };

    [Fact]
    public void The_loss_sees_the_logarithms_of_the_class_shares()
    {
        var model = new WindowModel(1, 1, classes: 3);
        using var probe = Probe(model, Small with { AdjustLogits = true, StartAfterRows = 4 });
        Send(probe, [1, 2, 3, 4], [0, 2, 2, 2]);
        Assert.Equal([MathF.Log(0.25f), -30f, MathF.Log(0.75f)], model.Offsets);
        var plain = new WindowModel(1, 1, classes: 3);
        using var unadjusted = Probe(plain, Small);
        Send(unadjusted, [1, 2, 3, 4], [0, 2, 2, 2]);
        Assert.Empty(plain.Offsets);
        Assert.NotEmpty(plain.Steps);
    }

    [Fact]
    public void The_logarithms_follow_the_buffer()
    {
        var model = new WindowModel(1, 1, classes: 2);
        using var probe = Probe(model, Small with { AdjustLogits = true });
        Send(probe, [1, 2], [0, 1]);
        Assert.Equal([MathF.Log(0.5f), MathF.Log(0.5f)], model.Offsets);
        Send(probe, [3, 4], [1, 1]);
        Assert.Equal([MathF.Log(0.25f), MathF.Log(0.75f)], model.Offsets);
    }

    [Fact]
    public void Rows_of_one_class_are_no_samples_where_logits_are_adjusted()
    {
        using var adjusted = Probe(Model, Small with { AdjustLogits = true, StepsPerUpdate = 2 });
        Send(adjusted, [1, 2], [1, 1]);
        Send(adjusted, [3], [1]);
        var first = adjusted.Take<WeightDelta>();
        Send(adjusted, [4, 5], [0, 1]);
        var second = adjusted.Take<WeightDelta>();
        using var plain = Probe(Model, Small with { StepsPerUpdate = 2 });
        Send(plain, [1, 2], [1, 1]);
        Send(plain, [3], [1]);
        Assert.Equal((2, 0), (first.Steps, first.Samples));
        Assert.All(first.Values[2..], static v => Assert.InRange(v, -1e-9f, 1e-9f));
        Assert.Equal((2, 4), (second.Steps, second.Samples));
        Assert.Equal((2, 4), (plain.Take<WeightDelta>() is var u ? u.Steps : 0, u.Samples));
    }

    [Fact]
    public void In_passes_each_row_is_seen_once_before_any_is_seen_again()
    {
        var model = new WindowModel(1, 1, classes: 5);
        using var probe = Probe(
            model, new() { Draw = DrawKind.Shuffle, StartAfterRows = 5, StepsPerRow = 6, BatchRows = 2, StepsPerUpdate = 6 });
        Send(probe, [0, 1, 2, 3, 4], [0, 1, 2, 3, 4]);
        Assert.Equal([2, 2, 1, 2, 2, 1], model.Steps.Select(s => s.Length));
        var (first, second) = (model.Steps.Take(3).SelectMany(s => s).ToList(), model.Steps.Skip(3).SelectMany(s => s).ToList());
        Assert.Equal([0, 1, 2, 3, 4], first.Order());
        Assert.Equal([0, 1, 2, 3, 4], second.Order());
        Assert.NotEqual(first, second);
        Assert.Equal(first.Concat(second).Select(l => (float)l), model.Seen.Skip(5).Select(r => r[0]));
        Assert.Equal((6, 10), (probe.Take<WeightDelta>() is var u ? u.Steps : 0, u.Samples));
        Assert.Equal(10, probe.Metrics.Counter("rows-trained"));
    }

    [Fact]
    public void A_batch_of_the_whole_buffer_is_the_buffer_in_order()
    {
        var model = new WindowModel(1, 1, classes: 5);
        using var probe = Probe(model, new() { Draw = DrawKind.Shuffle, StartAfterRows = 3, BatchRows = int.MaxValue, StepsPerUpdate = 1 });
        Send(probe, [0, 1, 2], [3, 1, 2]);
        probe.Advance(TimeSpan.Zero);
        Send(probe, [3], [4]);
        Assert.Equal([3, 1, 2], model.Steps[0]);
        Assert.Equal([3, 1, 2, 4], model.Steps[^1]);
    }

    [Fact]
    public void A_pass_goes_on_over_the_rows_it_began_with()
    {
        var random = new RandomStream(3, "pass");
        var buffer = new ReplayBuffer(8, 1, 8);
        var draw = new BatchDraw(buffer, DrawKind.Shuffle, random);
        for (var i = 0; i < 4; i++) { buffer.Add([i], i, random); }
        int[] labels = [.. draw.Next(3, 1, []).Labels];
        buffer.Add([4], 4, random);
        int[] rest = [.. draw.Next(3, 2, []).Labels];
        Assert.Single(rest);
        Assert.Equal([0, 1, 2, 3], labels.Append(rest[0]).Order());
    }

    [Fact]
    public void The_optimizer_starts_anew_with_each_version_and_is_told_which_step_it_is()
    {
        var noted = new NotingOptimizer { LearningRate = 1 };
        using var probe = Probe(Model, Small with { Optimizer = noted });
        Send(probe, [1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1]);
        probe.Advance(TimeSpan.Zero);       // a round, and two steps of one that goes on
        probe.Control(Signs(1));
        Send(probe, [1], [1]);
        Send(probe, [1], [1]);
        Assert.Equal([(1L, 0f), (2, 1), (3, 2), (4, 3), (5, 4), (6, 5), (1, 0)], noted.Calls);
    }

    [Fact]
    public void AT_1h_A_proximal_term_of_zero_changes_no_bit()
    {
        static List<int> Bits(float? byDirective, float byOption)
        {
            using var probe = Probe(Model, Small with { Proximal = byOption, Pace = TrainPace.LockStep, BufferRows = 5 });
            var random = new RandomStream(6, "rows");
            for (var version = 1; version < 20; version++)
            {
                probe.Control(Signs(version) with { Directives = byDirective is null ? [] : [new() { Proximal = byDirective }] });
                for (var i = 0; i < 3; i++)
                {
                    if (probe.Ready) { Send(probe, [(float)random.NextGaussian(), (float)random.NextGaussian()], [i & 1, 1]); }
                }
            }

            return [.. probe.TakeAll<WeightDelta>().SelectMany(u => u.Values).Select(BitConverter.SingleToInt32Bits)];
        }

        var plain = Bits(null, 0);
        Assert.InRange(plain.Count, 50, int.MaxValue);
        Assert.Equal(plain, Bits(0, 0));
        Assert.Equal(plain, Bits(0, 0.1f));
        Assert.NotEqual(plain, Bits(null, 0.1f));
        Assert.Equal(Bits(null, 0.1f), Bits(0.1f, 0));
    }

    [Fact]
    public void A_proximal_term_pulls_trained_values_alone_and_before_the_optimizer_cuts_the_gradient()
    {
        var noted = new NotingOptimizer { LearningRate = 1 };
        var model = new WindowModel(1, 1);      // its gradient is 1 everywhere, its scale moves with the rows
        using var probe = Probe(model, Small with { Optimizer = noted, Proximal = 0.5f });
        Send(probe, [40, 60, 80], [1, 1, 1]);
        Assert.Equal([1f, 1, 1], noted.Gradients[0][2..]);
        Assert.Equal([0.5f, 0.5f, 1], noted.Gradients[1][2..]);         // the step before moved each trained value by −1
    }

    [Fact]
    public void Windows_of_a_person_train_a_network_by_its_own_scale()
    {
        var schema = new Schema(Field.Channel("x", Unit.One), Field.Channel("y", Unit.One), Field.Label());
        var model = new Network(
            new(2, 16), 2, [new Scale(), new Conv1d(4, 5, 2, 2), new Relu()],
            [new(2, new Sequential([new GlobalMeanMax(), new Dense(2)]))], seed: 2);
        using var probe = OperatorProbe.From<Batch>(
            (p, rows) => OperatorProbe.Use(rows.Train(model, p.Input<Weights>("models"), new()
            {
                Continuous = true,
                Buffer = BufferKind.ClassBalanced,
                BufferRows = 32,
                AdjustLogits = true,
                StepsPerUpdate = 50,
                Optimizer = new Sgd(0.05f),
            })), schema);
        var random = new RandomStream(8, "windows");
        for (var i = 0; i < 20; i++)
        {
            var (x, y, labels) = (new float[64], new float[64], new int[64]);
            for (var r = 0; r < 64; r++)
            {
                labels[r] = r / 16 % 2;
                x[r] = (float)(500 + (labels[r] == 1 ? 10 * Math.Sin(r) : 0) + random.NextGaussian());
                y[r] = (float)random.NextGaussian();
            }
            probe.Send(Batches.Of(probe.Pool, schema, x, y, labels));
        }

        for (var step = 0; step < 49; step++) { probe.WakeUp(); }
        Assert.Equal(0, probe.Count());
        probe.WakeUp();

        var first = probe.Take<WeightDelta>();      // ln 2 is what guessing costs
        Assert.Equal((50, 800), (first.Steps, first.Samples));
        Assert.InRange(first.Loss, 0.01f, 0.5f);
        Assert.All(first.Values[..4], v => Assert.Equal(0, v));
    }

    [Fact]
    public void With_everything_on_nothing_is_allocated_but_the_messages()
    {
        using var probe = Probe(
            Model,
            new()
            {
                StepsPerUpdate = 1_000_000,
                Buffer = BufferKind.ClassBalanced,
                BufferRows = 20,
                Draw = DrawKind.Shuffle,
                AdjustLogits = true,
                Proximal = 0.1f,
            },
            guard: false);
        void Round() => SendMany(probe);
        Round();
        Round();
        Assert.Equal(0, Allocations.BesideHandles(probe.Pool, Round));
    }
}
