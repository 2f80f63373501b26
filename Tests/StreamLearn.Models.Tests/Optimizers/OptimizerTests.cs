namespace StreamLearn.Models.Tests;

public sealed class OptimizerTests
{
    private static readonly ModelPlan Plan =
        new(new(1), 2, 1, [("s", SliceKind.Statistic, 1), ("t", SliceKind.Trained, 2), ("n", SliceKind.Counter, 1)]);

    private static readonly Schedule Some = Schedule.LinearWarmUp(2, Schedule.Step(2, 0.5f));

    /// <summary>Optimizers that every check goes over.</summary>
    private static readonly Optimizer[] All =
    [
        new Sgd(0.1f), new Sgd(0.1f, 0, float.PositiveInfinity), new Sgd(0.1f, 0.8f, 0.5f) { Nesterov = true, WeightDecay = 0.1f },
        new Sgd(0.1f, 0, float.PositiveInfinity) { WeightDecay = 0.3f }, new Sgd(0.1f, 0.5f) { Schedule = Some },
        new Adam(0.01f), new Adam(0.01f) { ClipNorm = 0.5f, Schedule = Some }, new AdamW(0.01f),
        new AdamW(0.01f, WeightDecay: 0.5f) { ClipNorm = 1, Schedule = Some },
        new RmsProp(0.01f), new RmsProp(0.01f, 0.5f, 1e-3f) { ClipNorm = 2 },
        new AdaGrad(0.1f), new AdaGrad(0.1f, 1e-3f) { ClipNorm = 0.25f, Schedule = Some },
    ];

    public static TheoryData<int> Places => [.. Enumerable.Range(0, All.Length)];

    [Fact]
    public void Every_optimizer_of_the_library_is_checked_here() =>
        Assert.Equal(
            typeof(Optimizer).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Optimizer))).OrderBy(t => t.Name),
            All.Select(o => o.GetType()).Distinct().OrderBy(t => t.Name));

    [Theory, MemberData(nameof(Places))]
    public void Values_of_slices_that_are_not_trained_are_never_touched(int place)
    {
        var random = new RandomStream(place, "optimizer-tests");
        for (var trial = 0; trial < 50; trial++)
        {
            var kinds = Enum.GetValues<SliceKind>();
            var slices = Enumerable.Range(0, 1 + (int)random.NextDouble(0, 8))
                .Select(i => ($"{i}", kinds[(int)random.NextDouble(0, kinds.Length)], (int)random.NextDouble(1, 40)));
            var plan = new ModelPlan(new(1), 2, 1, slices.ToArray());
            var (weights, gradients) = (Normal(random, plan.Values), Normal(random, plan.Values));
            float[] before = [.. weights], state = new float[All[place].StateValues * plan.Values];
            foreach (var slice in plan.Slices.Where(s => s.Kind != SliceKind.Trained))
            {
                slice.Of(gradients.AsSpan()).Fill(1e30f);       // not in the norm either, or the others would stand still
                for (var k = 0; k < All[place].StateValues; k++) { state.AsSpan((k * plan.Values) + slice.Offset, slice.Length).Fill(7); }
            }

            for (var step = 1; step <= 3; step++) { All[place].Step(plan, weights, gradients, state, step); }

            foreach (var slice in plan.Slices)
            {
                var (was, now) = (slice.Of(before.AsSpan()).ToArray(), slice.Of(weights.AsSpan()).ToArray());
                if (slice.Kind == SliceKind.Trained)
                {
                    Assert.All(was.Zip(now), pair => Assert.NotEqual(pair.First, pair.Second));
                    Assert.All(now, value => Assert.True(float.IsFinite(value)));
                    continue;
                }

                Assert.Equal(was, now);
                for (var k = 0; k < All[place].StateValues; k++)
                {
                    Assert.All(state[((k * plan.Values) + slice.Offset)..][..slice.Length], value => Assert.Equal(7, value));
                }
            }
        }
    }

    [Theory, MemberData(nameof(Places))]
    public void Every_value_takes_the_stated_steps_to_the_bit_wherever_it_lies(int place)
    {
        var (optimizer, random) = (All[place], new RandomStream(place, "optimizer-bits"));
        foreach (var length in new[] { 1, 15, 16, 17, 100 })
        {
            var plan = new ModelPlan(new(1), 2, 1, [("s", SliceKind.Statistic, 3), ("t", SliceKind.Trained, length)]);
            var (weights, state) = (Normal(random, 3 + length), new float[optimizer.StateValues * (3 + length)]);
            float[] values = weights[3..], first = new float[length], second = new float[length];
            for (var step = 1; step <= 4; step++)
            {
                var gradients = Normal(random, 3 + length);
                optimizer.Step(plan, weights, gradients, state, step);
                var norm = Math.Sqrt(Chained(gradients[3..]));
                var cut = norm > optimizer.ClipNorm ? (float)(optimizer.ClipNorm / norm) : 1;
                for (var i = 0; i < length; i++)
                {
                    values[i] = Moved(optimizer, values[i], cut * gradients[3 + i], ref first[i], ref second[i], step);
                }
                Assert.Equal(values.Select(BitConverter.SingleToInt32Bits), weights[3..].Select(BitConverter.SingleToInt32Bits));
            }
        }
    }

    [Fact]
    public void Steps_are_as_worked_by_hand()
    {
        // g + ½·w = (1.5, −1); v = g; w − ½·(g + ½·v)
        Hand(new Sgd(0.5f, 0.5f, float.PositiveInfinity) { Nesterov = true, WeightDecay = 0.5f }, [1, -2], [-0.125f, 2.75f], [1.5f, -1]);
        // g + ½·w without a velocity
        Hand(new Sgd(0.5f, 0, float.PositiveInfinity) { WeightDecay = 0.5f }, [1, -2], [0.25f, 2.5f], [0, 0]);
        // (1, 2) keep ¾; then Adam's ½·g / (|g| + 1)
        Hand(new AdamW(0.5f, 0.5f, 0.75f, 1, 0.5f), [1, -3], [0.5f, 1.875f], [0.5f, -1.5f]);
        // √v = ½·|g|
        Hand(new RmsProp(0.5f, 0.75f, 0.5f), [1, -3], [0.5f, 2.75f], [0.25f, 2.25f]);
        Hand(new AdaGrad(0.5f, 1), [1, -3], [0.75f, 2.375f], [1, 9]);
        // ‖(3, −4)‖ = 5, cut to (0.6, −0.8)
        Hand(new Sgd(1, 0, 1) { Nesterov = false, WeightDecay = 0 }, [3, -4], [0.4f, 2.8f], [0, 0]);
        Hand(new AdaGrad(1, 1) { ClipNorm = 1 }, [3, -4], [1 - (0.6f / 1.6f), 2 + (0.8f / 1.8f)], [0.36f, 0.64f]);
        // decay is not cut: g + ½·w = (1.1, 0.2)
        Hand(new Sgd(1, 0, 1) { WeightDecay = 0.5f }, [3, -4], [-0.1f, 1.8f], [0, 0]);

        static void Hand(Optimizer optimizer, float[] gradient, float[] expected, float[] remembered)
        {
            optimizer.Check();
            float[] weights = [9, 1, 2, 9], state = new float[4 * optimizer.StateValues];
            optimizer.Step(Plan, weights, [7, .. gradient, 7], state, 1);
            float[] all = [9, .. expected, 9];
            for (var i = 0; i < 4; i++) { Assert.Equal(all[i], weights[i], 1e-6f); }
            for (var i = 0; i < 2; i++) { Assert.Equal(remembered[i], state[1 + i], 1e-6f); }
        }
    }

    [Theory, MemberData(nameof(Places))]
    public void A_gradient_that_is_not_finite_is_never_hidden_by_a_cut(int place)
    {
        foreach (var bad in new[] { float.NaN, float.PositiveInfinity })
        {
            float[] weights = [9, 1, 2, 9];
            All[place].Step(Plan, weights, [0, bad, 1, 0], new float[4 * All[place].StateValues], 1);
            Assert.False(float.IsFinite(weights[1]) && bad is float.NaN);
            Assert.Contains(weights.Append(All[place].ClipNorm), value => !float.IsFinite(value));
        }
    }

    [Theory, MemberData(nameof(Places))]
    public void A_gradient_that_is_short_enough_is_not_cut(int place)
    {
        float[] cut = [9, 1, 2, 9], whole = [9, 1, 2, 9];
        (All[place] with { ClipNorm = 5.001f }).Step(Plan, cut, [9, 3, -4, 9], new float[8], 1);
        (All[place] with { ClipNorm = float.PositiveInfinity }).Step(Plan, whole, [9, 3, -4, 9], new float[8], 1);
        Assert.Equal(whole, cut);
    }

    [Fact]
    public void Schedules_go_as_they_say()
    {
        float[] Factors(Schedule schedule, int count) => [.. Enumerable.Range(1, count).Select(s => schedule.Factor(s))];
        Assert.Equal([1, 1, 1], Factors(Schedule.Constant, 3));
        Assert.Equal([1, 1, 0.5f, 0.5f, 0.25f], Factors(Schedule.Step(2, 0.5f), 5));
        Assert.Equal([1, 0.5f, 0, 0, 0], Factors(Schedule.Cosine(2), 5));
        Assert.Equal([1, 0.75f, 0.5f, 0.5f], Factors(Schedule.Cosine(2, 0.5f), 4));
        Assert.Equal([0.25f, 0.5f, 0.75f, 1, 1, 1], Factors(Schedule.LinearWarmUp(4), 6));
        Assert.Equal([0.5f, 1, 1, 0.25f, 0.0625f], Factors(Schedule.LinearWarmUp(2, Schedule.Step(1, 0.25f)), 5));
        Assert.Equal(0, Schedule.Step(1, 0.5f).Factor(long.MaxValue));
        Assert.Equal(Factors(Some, 9), Factors(Some, 9));
    }

    [Theory, MemberData(nameof(Places))]
    public void A_step_goes_by_the_rate_of_its_number(int place)
    {
        var optimizer = All[place] with { Schedule = Schedule.Step(1, 0.5f) };
        float[] scheduled = [9, 1, 2, 9], slower = [9, 1, 2, 9], state = new float[8], other = new float[8];
        optimizer.Step(Plan, scheduled, [0, 1, -1, 0], state, 3);
        var quarter = All[place] with { Schedule = Schedule.Constant, LearningRate = All[place].LearningRate / 4 };
        quarter.Step(Plan, slower, [0, 1, -1, 0], other, 3);
        Assert.Equal(slower, scheduled);
        Assert.Equal(optimizer.LearningRate / 4, optimizer.Rate(3));
    }

    [Fact]
    public void Only_plain_descent_may_be_taken_by_the_layers()
    {
        var plain = new Sgd(0.1f, 0.5f, float.PositiveInfinity);
        Assert.Equal((0.1f, 0.5f), plain.FusedUpdate);
        Assert.Equal((0.1f, 0f), (plain with { Momentum = 0 }).FusedUpdate);
        Optimizer[] others =
        [
            plain with { ClipNorm = 1e30f }, plain with { Nesterov = true }, plain with { WeightDecay = 1e-9f },
            plain with { Schedule = Some }, new Adam(0.1f), new AdamW(0.1f), new RmsProp(0.1f), new AdaGrad(0.1f),
        ];
        Assert.All(others, o => Assert.Null(o.FusedUpdate));
    }

    [Fact]
    public void Settings_out_of_range_are_refused()
    {
        Optimizer[] wrong =
        [
            new Sgd(0), new Sgd(float.NaN), new Sgd(float.PositiveInfinity), new Sgd(1, 1), new Sgd(1, -0.1f), new Sgd(1, 0.9f, 0),
            new Sgd(1, 0.9f, float.NaN), new Sgd(1, 0) { Nesterov = true }, new Sgd(1) { WeightDecay = -1 },
            new Sgd(1) { WeightDecay = float.NaN },
            new Adam(0), new Adam(1) { ClipNorm = 0 }, new AdamW(-1), new AdamW(1, 1), new AdamW(1, 0, 1), new AdamW(1, 0, 0, 0),
            new AdamW(1, WeightDecay: -1), new AdamW(1, WeightDecay: float.PositiveInfinity), new AdamW(1) { ClipNorm = -1 },
            new RmsProp(0), new RmsProp(1, 1), new RmsProp(1, 0.5f, 0), new RmsProp(1) { ClipNorm = float.NaN },
            new AdaGrad(0), new AdaGrad(1, 0), new AdaGrad(1) { ClipNorm = 0 },
        ];
        Assert.All(wrong, optimizer => Assert.Throws<ArgumentOutOfRangeException>(optimizer.Check));
        Assert.All(All, optimizer => optimizer.Check());
        Action[] schedules =
        [
            () => Schedule.Step(0, 0.5f), () => Schedule.Step(1, 0), () => Schedule.Step(1, 1.1f), () => Schedule.Step(1, float.NaN),
            () => Schedule.Cosine(0), () => Schedule.Cosine(1, -0.1f), () => Schedule.Cosine(1, 2), () => Schedule.LinearWarmUp(0),
        ];
        Assert.All(schedules, schedule => Assert.Throws<ArgumentOutOfRangeException>(schedule));
    }

    [Fact]
    public void They_compare_and_print_by_their_settings()
    {
        Assert.Equal(new RmsProp(0.1f) { Schedule = Schedule.Cosine(9) }, new RmsProp(0.1f) { Schedule = Schedule.Cosine(9) });
        Assert.NotEqual(new RmsProp(0.1f) { Schedule = Schedule.Cosine(9) }, new RmsProp(0.1f) { Schedule = Schedule.Cosine(8) });
        Assert.NotEqual(new AdaGrad(0.1f), new AdaGrad(0.1f) { ClipNorm = 1 });
        Assert.NotEqual(new Sgd(0.1f), new Sgd(0.1f) { Nesterov = true });
        Assert.Equal("SGD 0.1, momentum 0.9, clip 2", new Sgd(0.1f).ToString());
        Assert.Equal("SGD 0.1, momentum 0.9, clip 1, Nesterov, decay 0.01, times 0.5 every 9 steps",
            new Sgd(0.1f, ClipNorm: 1) { Nesterov = true, WeightDecay = 0.01f, Schedule = Schedule.Step(9, 0.5f) }.ToString());
        Assert.Equal("Adam 0.1, β 0.9 0.999, ε 1E-08, clip 1", new Adam(0.1f) { ClipNorm = 1 }.ToString());
        Assert.Equal("AdamW 0.1, β 0.9 0.999, ε 1E-08, decay 0.01", new AdamW(0.1f).ToString());
        Assert.Equal("RMSprop 0.1, ρ 0.99, ε 1E-08, warm-up over 5 steps, then cosine to 0 over 9 steps",
            new RmsProp(0.1f) { Schedule = Schedule.LinearWarmUp(5, Schedule.Cosine(9)) }.ToString());
        Assert.Equal("AdaGrad 0.1, ε 1E-10", new AdaGrad(0.1f).ToString());
        Assert.Equal("constant", Schedule.Constant.ToString());
    }

    [Theory, MemberData(nameof(Places))]
    public void Nothing_is_allocated_in_a_step(int place)
    {
        var plan = new ModelPlan(new(1), 2, 1, [("t", SliceKind.Trained, 37)]);
        float[] weights = new float[37], gradients = new float[37], state = new float[74];
        All[place].Step(plan, weights, gradients, state, 1);
        Assert.Equal(0, Allocations.Least(() => All[place].Step(plan, weights, gradients, state, 2)));
    }

    /// <summary>One value's step, as the formulas say; g is cut.</summary>
    private static float Moved(Optimizer optimizer, float w, float g, ref float first, ref float second, long step)
    {
        var rate = optimizer.Rate(step);
        switch (optimizer)
        {
            case Sgd sgd:
                if (sgd.WeightDecay > 0) { g = MathF.FusedMultiplyAdd(sgd.WeightDecay, w, g); }
                first = MathF.FusedMultiplyAdd(sgd.Momentum, first, g);
                return MathF.FusedMultiplyAdd(-rate, sgd.Nesterov ? MathF.FusedMultiplyAdd(sgd.Momentum, first, g) : first, w);
            case RmsProp rms:
                first = MathF.FusedMultiplyAdd(rms.Decay, first, (1 - rms.Decay) * g * g);
                return w - (rate * g / (MathF.Sqrt(first) + rms.Epsilon));
            case AdaGrad ada:
                first = MathF.FusedMultiplyAdd(g, g, first);
                return w - (rate * g / (MathF.Sqrt(first) + ada.Epsilon));
        }

        var (beta1, beta2, epsilon, kept) = optimizer is AdamW decoupled
            ? (decoupled.Beta1, decoupled.Beta2, decoupled.Epsilon, (float)(1 - ((double)rate * decoupled.WeightDecay)))
            : (((Adam)optimizer).Beta1, ((Adam)optimizer).Beta2, ((Adam)optimizer).Epsilon, 1);
        first = MathF.FusedMultiplyAdd(beta1, first, (1 - beta1) * g);
        second = MathF.FusedMultiplyAdd(beta2, second, (1 - beta2) * g * g);
        var (own, correction) = ((float)(rate / (1 - Optimizer.Power(beta1, step))), (float)(1 / (1 - Optimizer.Power(beta2, step))));
        return (kept * w) - (own * first / (MathF.Sqrt(correction * second) + epsilon));
    }

    /// <summary>Σ squares in the stated order: sixteen chains, folded in halves.</summary>
    private static double Chained(float[] values)
    {
        var chains = new double[16];
        for (var i = 0; i < values.Length; i++) { chains[i % 16] += (double)values[i] * values[i]; }
        for (var half = 8; half > 0; half /= 2)
        {
            for (var j = 0; j < half; j++) { chains[j] += chains[j + half]; }
        }
        return chains[0];
    }

    private static float[] Normal(RandomStream random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)random.NextGaussian())];
}
