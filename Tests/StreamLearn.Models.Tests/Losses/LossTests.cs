namespace StreamLearn.Models.Tests;

public sealed class LossTests
{
    public static TheoryData<int> Places => LossCase.Places;

    [Fact]
    public void Every_loss_of_the_library_is_checked_here() =>
        Assert.Equal(
            typeof(Loss).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Loss))).OrderBy(t => t.Name),
            LossCase.All.Select(make => make().Loss.GetType()).Distinct().OrderBy(t => t.Name));

    [Theory, MemberData(nameof(Places))]
    public void The_gradient_of_every_output_is_that_of_central_differences_in_float64(int place)
    {
        var it = LossCase.All[place]();
        it.Loss.Check(it.Width);

        var (loss, gradient) = it.Run(0, it.Rows);

        double expected = 0;
        for (var r = 0; r < it.Rows; r++)
        {
            var outputs = LossCase.Exact(it.Part(it.Outputs, r, 1));
            expected += it.Formula(r, outputs);
            for (var o = 0; o < it.Width; o++)
            {
                var difference = LossCase.Difference(outputs, o, () => it.Formula(r, outputs), 1e-5);
                // some units in the seventh digit of scores up to 8
                Assert.Equal(difference, gradient[(r * it.Width) + o], 2e-6 * (1 + Math.Abs(difference)));
            }
        }

        Assert.Equal(expected, loss, 1e-6 * (it.Rows + expected));
    }

    [Theory, MemberData(nameof(Places))]
    public void A_rows_gradient_has_the_same_bits_in_any_batch(int place)
    {
        var it = LossCase.All[place]();
        var (_, together) = it.Run(0, it.Rows);
        foreach (var rows in new[] { 1, 2, 3, 16, 17 }.Where(n => n <= it.Rows))
        {
            for (var from = 0; from + rows <= it.Rows; from++) { Same(it.Part(together, from, rows), it.Run(from, rows).Gradient); }
        }
    }

    [Theory, MemberData(nameof(Places))]
    public void The_losses_of_rows_are_added_in_order(int place)
    {
        var it = LossCase.All[place]();
        var loss = it.Run(0, it.Rows).Loss;
        double sum = 0;
        for (var r = 0; r < it.Rows; r++) { sum += it.Run(r, 1).Loss; }
        if (it.Loss is Distillation) { Assert.Equal(sum, loss, 1e-12 * (1 + sum)); }      // labels and teacher are added apart
        else { Assert.Equal(sum, loss); }
    }

    [Theory, MemberData(nameof(Places))]
    public void Outputs_targets_and_teachers_that_are_not_finite_are_never_hidden(int place)
    {
        foreach (var bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            for (var o = 0; o < LossCase.All[place]().Width; o++)
            {
                var outputs = LossCase.All[place]();
                outputs.Outputs[((outputs.Rows - 1) * outputs.Width) + o] = bad;
                Assert.False(double.IsFinite(outputs.Run(0, outputs.Rows).Loss), $"{outputs}: {bad} at {o}");
                var targets = LossCase.All[place]();
                if (targets.Loss is SmoothSvm or SoftmaxCrossEntropy || targets.Targets.Length == 0) { continue; }
                targets.Targets[((targets.Rows - 1) * targets.Width) + o] = bad;
                targets.Teacher[((targets.Rows - 1) * targets.Width) + o] = bad;
                Assert.False(double.IsFinite(targets.Run(0, targets.Rows).Loss), $"{targets}: target {bad} at {o}");
            }
        }
    }

    [Fact]
    public void Values_are_as_worked_by_hand()
    {
        // probabilities ½, ¼, ¼; the label's is ¼
        Hand(new SoftmaxCrossEntropy(), [MathF.Log(2), 0, 0], new([], [1]), Math.Log(4), [0.5f, -0.75f, 0.25f]);
        // wanted 0.1, 0.8, 0.1
        var smoothed = (0.1 * Math.Log(2)) + (0.9 * Math.Log(4));
        Hand(new SoftmaxCrossEntropy(0.3f), [MathF.Log(2), 0, 0], new([], [1]), smoothed, [0.4f, -0.55f, 0.15f]);
        Hand(new SquaredError(), [1, 2, 3], new([], 1) { Targets = [1, 0, 6] }, 6.5, [0, 2, -3]);
        // errors ½, −1, 4 about δ = 1
        Hand(new Huber(), [0.5f, 0, 4], new([], 1) { Targets = [0, 1, 0] }, 0.125 + 0.5 + 3.5, [0.5f, -1, 1]);
        // σ(0) = ½, σ(ln 3) = ¾
        Hand(new BinaryCrossEntropy(), [0, MathF.Log(3)], new([], 1) { Targets = [0, 1] }, Math.Log(2) + Math.Log(4 / 3.0), [0.5f, -0.25f]);
        Hand(new BinaryCrossEntropy(), [MathF.Log(3)], new([], [0]), Math.Log(4), [0.75f]);
        Hand(new SmoothSvm(), [0.5f, 0.5f, 2], new([], [1, 0, 1]), 0.125 + 1.125, [-0.5f, 1.5f, 0]);
        // at T = 2 the teacher's probabilities are ¾ and ¼, ours ½ each
        Hand(new Distillation(2, 0.5f), [0, 0], new([], [1]) { TeacherLogits = [2 * MathF.Log(3), 0] },
            (0.5 * Math.Log(2)) + (0.5 * 4 * ((0.75 * Math.Log(1.5)) + (0.25 * Math.Log(0.5)))), [0.25f - 0.25f, -0.25f + 0.25f]);
    }

    [Fact]
    public void Scores_of_any_size_give_a_finite_loss()
    {
        foreach (var size in new[] { 50f, 90f, 1e4f, 1e30f })
        {
            foreach (var loss in new Loss[] { new SoftmaxCrossEntropy(), new Distillation(), new BinaryCrossEntropy() })
            {
                float[] scores = [size, -size, 0, -size, size, 0];
                var value = loss.Gradient(scores, new([], [1, 1]) { TeacherLogits = new float[6] });
                Assert.True(double.IsFinite(value) && scores.All(float.IsFinite), $"{loss}: {size}");
            }
        }
    }

    [Fact]
    public void A_sure_and_right_answer_costs_nothing()
    {
        float[] scores = [200, 0, -50];
        Assert.Equal(0, new SoftmaxCrossEntropy().Gradient(scores, new([], [0])));
        Assert.Equal([0, 0, 0], scores);
        Assert.Equal(0, new Distillation(4, 1).Gradient([3, 1, 2], new([], [0]) { TeacherLogits = [5, 3, 4] }), 1e-6);
    }

    [Fact]
    public void Answers_are_probabilities_of_classes_and_values_as_they_are()
    {
        Assert.Equal([0.5f, 0.25f, 0.25f], Answer(new SoftmaxCrossEntropy(), [MathF.Log(2), 0, 0], 1));
        Assert.Equal([0.5f, 0.5f, 0.5f, 0.5f], Answer(new Distillation(), [1, 1, 7, 7], 2));
        Assert.Equal([0.75f, 0.25f, 1, 0], Answer(new BinaryCrossEntropy(), [MathF.Log(3), -MathF.Log(3), 200, -200], 4));
        Assert.Equal([0.5f, 1, 0, 0.75f], Answer(new SmoothSvm(), [0, 1, -9, 0.5f], 4));
        Assert.Equal([-3, 8], Answer(new SquaredError(), [-3, 8], 2));
        Assert.Equal([70, 180], Answer(new SquaredError(100, 10), [-3, 8], 2));
        Assert.Equal([-3, 8], Answer(new Huber(), [-3, 8], 2));
    }

    [Fact]
    public void Answers_of_many_rows_are_those_of_single_rows_to_the_bit()
    {
        (Loss, int)[] cases = [(new SoftmaxCrossEntropy(), 6), (new BinaryCrossEntropy(), 300), (new Distillation(), 3)];
        foreach (var (loss, width) in cases)
        {
            var it = new LossCase(loss, width, 50);
            var together = Answer(loss, it.Outputs, 50);
            Same(together, Enumerable.Range(0, 50).SelectMany(r => Answer(loss, it.Part(it.Outputs, r, 1), 1)));
        }
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Action[] wrong =
        [
            () => new SoftmaxCrossEntropy().Check(1), () => new SoftmaxCrossEntropy(1).Check(2),
            () => new SoftmaxCrossEntropy(-0.1f).Check(2), () => new SoftmaxCrossEntropy(float.NaN).Check(2),
            () => new SquaredError().Check(0), () => new SquaredError(float.NaN).Check(1), () => new SquaredError(0, 0).Check(1),
            () => new Huber(0).Check(1),
            () => new Huber(float.PositiveInfinity).Check(1), () => new Huber().Check(0), () => new BinaryCrossEntropy().Check(0),
            () => new SmoothSvm().Check(2), () => new Distillation().Check(1), () => new Distillation(0).Check(2),
            () => new Distillation(float.PositiveInfinity).Check(2), () => new Distillation(1, 1.1f).Check(2),
            () => new Distillation(1, float.NaN).Check(2),
            () => new SoftmaxCrossEntropy().Gradient(new float[4], new([], 2)),
            () => new SquaredError().Gradient(new float[2], new([], [1, 0])),
            () => new Huber().Gradient(new float[2], new([], 2) { Targets = [1] }),
            () => new BinaryCrossEntropy().Gradient(new float[2], new([], 2)),
            () => new BinaryCrossEntropy().Gradient(new float[1], new([], [2])),
            () => new BinaryCrossEntropy().Gradient(new float[2], new([], [2])),
            () => new SmoothSvm().Gradient(new float[1], new([], [-1])), () => new Distillation().Gradient(new float[4], new([], [0, 1])),
            () => new SoftmaxCrossEntropy().Gradient(new float[4], new([], [0, 2])),
            () => new SoftmaxCrossEntropy().Gradient(new float[4], new([], [0, -1])),
            () => new SoftmaxCrossEntropy().Gradient(new float[8], new([], [0, 1, 2, 1])),
            () => new SoftmaxCrossEntropy().Gradient(new float[100], new([], [50, 0])),
            () => new Distillation().Gradient(new float[4], new([], [0, 2]) { TeacherLogits = new float[4] }),
        ];

        Assert.All(wrong, action => Assert.ThrowsAny<ArgumentException>(action));
    }

    [Fact]
    public void Losses_compare_and_print_by_their_settings_and_say_what_they_learn_from()
    {
        Assert.Equal(new Huber(1), new Huber());
        Assert.NotEqual(new Distillation(4), new Distillation(3));
        Assert.Equal("softmax cross-entropy", new SoftmaxCrossEntropy().ToString());
        Assert.Equal("softmax cross-entropy, smoothing 0.1", new SoftmaxCrossEntropy(0.1f).ToString());
        Assert.Equal("squared error", new SquaredError().ToString());
        Assert.Equal("Huber, delta 0.5", new Huber(0.5f).ToString());
        Assert.Equal("binary cross-entropy", new BinaryCrossEntropy().ToString());
        Assert.Equal("smooth SVM", new SmoothSvm().ToString());
        Assert.Equal("distillation, T 4, teacher 0.7", new Distillation().ToString());
        Assert.Equal((TargetKind.Value, TargetKind.Value), (new SquaredError().Target, new Huber().Target));
        Assert.Equal((TargetKind.Label, TargetKind.Label), (new SmoothSvm().Target, new BinaryCrossEntropy().Target));
    }

    [Theory, MemberData(nameof(Places))]
    public void Nothing_is_allocated_in_a_call(int place)
    {
        var it = LossCase.All[place]();
        void Step(float[] outputs) => it.Loss.Gradient(outputs, new([], it.Labels)
        {
            Targets = it.Targets,
            TeacherLogits = it.Teacher,
            LogitOffsets = it.Offsets,
        });
        Step([.. it.Outputs]);
        Assert.Equal(0, Allocations.Least(() => Step(it.Outputs)));
    }

    private static float[] Answer(Loss loss, float[] outputs, int rows)
    {
        float[] answers = [.. outputs];
        loss.Answer(answers, rows);
        return [.. answers.Select(p => MathF.Abs(p - MathF.Round(p, 2)) < 1e-7f && outputs.Length < 9 ? MathF.Round(p, 2) : p)];
    }

    private static void Hand(Loss loss, float[] outputs, in Sample batch, double expected, float[] gradient)
    {
        Assert.Equal(expected, loss.Gradient(outputs, batch), 1e-6);
        for (var o = 0; o < gradient.Length; o++) { Assert.Equal(gradient[o], outputs[o], 2e-7f); }
    }

    private static void Same(IEnumerable<float> expected, IEnumerable<float> actual) =>
        Assert.Equal(expected.Select(BitConverter.SingleToInt32Bits), actual.Select(BitConverter.SingleToInt32Bits));
}
