namespace StreamLearn.Models.Tests;

/// <summary>Linear models and k-means: gradients, known solutions, and what a batch has to do with its rows.</summary>
public sealed class LinearModelTests
{
    private const int Features = 13;
    public static TheoryData<string> Names => ["svm", "linreg", "logistic", "k-means"];

    [Theory, MemberData(nameof(Names))]
    public void Gradients_are_those_of_differences_in_float64(string name)
    {
        var model = Of(name);
        var (x, labels, targets) = Data(model, rows: 7, seed: 4);
        float[] weights = Somewhere(model), gradients = new float[weights.Length];
        var loss = model.Loss(weights, Batch(x, labels, targets), gradients, new());
        Assert.Equal(Exact(name, weights, x, labels, targets), loss, 1e-4);
        for (var i = 0; i < weights.Length; i++)
        {
            double[] up = [.. weights.Select(w => (double)w)], down = [.. up];
            up[i] += 1e-5;
            down[i] -= 1e-5;
            var expected = (Exact(name, up, x, labels, targets) - Exact(name, down, x, labels, targets)) / 2e-5;
            Assert.Equal(expected, gradients[i], 2e-4);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void The_gradient_of_a_batch_is_the_mean_of_the_gradients_of_its_rows(string name)
    {
        var model = Of(name);
        var (x, labels, targets) = Data(model, rows: 9, seed: 5);
        float[] weights = Somewhere(model), together = new float[weights.Length], row = new float[weights.Length];
        var mean = new double[weights.Length];
        double losses = 0;
        var loss = model.Loss(weights, Batch(x, labels, targets), together, new());
        for (var r = 0; r < 9; r++)
        {
            var one = Row(x, labels, targets, r);
            losses += model.Loss(weights, Batch(one.X, one.Labels, one.Targets), row, new()) / 9.0;
            for (var i = 0; i < row.Length; i++) { mean[i] += row[i] / 9.0; }
        }

        Assert.Equal(losses, loss, 1e-4);
        for (var i = 0; i < mean.Length; i++) { Assert.Equal(mean[i], together[i], 2e-5); }
    }

    [Theory, InlineData("svm"), InlineData("linreg"), InlineData("logistic")]
    public void Steps_of_a_row_each_differ_from_a_step_of_the_batch_in_the_second_order_of_the_rate(string name)
    {
        var model = Of(name);
        var (x, labels, targets) = Data(model, rows: 8, seed: 6);

        double Difference(float rate)
        {
            float[] batch = Somewhere(model), rows = [.. batch], gradients = new float[batch.Length];
            var memory = new Workspace();
            Step(model, batch, Batch(x, labels, targets), rate, gradients, memory);
            for (var r = 0; r < 8; r++)
            {
                var one = Row(x, labels, targets, r);
                Step(model, rows, Batch(one.X, one.Labels, one.Targets), rate / 8, gradients, memory);
            }
            return Math.Sqrt(batch.Zip(rows, (a, b) => Math.Pow(a - b, 2)).Sum());
        }

        var (whole, half) = (Difference(0.04f), Difference(0.02f));
        Assert.InRange(whole, 1e-5, 1);
        Assert.InRange(whole / half, 3.6, 4.4);
    }

    [Fact]
    public void A_center_comes_to_the_mean_by_one_step_of_the_batch_or_by_macqueens_steps_of_a_row_each()
    {
        var model = new KMeans(Features, 1);
        var (x, labels, targets) = Data(model, rows: 20, seed: 7);
        float[] batch = [.. model.Initial.Values], rows = [.. batch], constant = [.. batch], gradients = new float[Features];
        var memory = new Workspace();

        Step(model, batch, Batch(x, labels, targets), 1, gradients, memory);
        for (var r = 0; r < 20; r++)
        {
            var one = Row(x, labels, targets, r);
            Step(model, rows, Batch(one.X, one.Labels, one.Targets), 1f / (r + 1), gradients, memory);
            Step(model, constant, Batch(one.X, one.Labels, one.Targets), 1f / 20, gradients, memory);
        }

        for (var k = 0; k < Features; k++)
        {
            var mean = Enumerable.Range(0, 20).Average(r => (double)x[(r * Features) + k]);
            Assert.Equal(mean, batch[k], 1e-5);
            Assert.Equal(mean, rows[k], 1e-5);
        }

        Assert.Contains(constant.Zip(batch), p => Math.Abs(p.First - p.Second) > 0.01);
    }

    [Fact]
    public void A_center_moves_by_its_share_of_the_rows_towards_their_mean_and_the_others_stay()
    {
        var model = new KMeans(1, 3);
        float[] weights = [0, 10, 100], gradients = new float[3];
        Step(model, weights, new Sample([1, 2, 12, 3], [0, 0, 0, 0]), 0.5f, gradients, new());
        Assert.Equal([0.75f, 10.25f, 100], weights);        // 0 + ½ · ¾ · 2, 10 + ½ · ¼ · 2
    }

    [Fact]
    public void Linear_regression_recovers_the_weights_that_made_its_targets()
    {
        var model = ReferenceModels.LinReg(Features);
        var (x, labels, targets) = Data(model, rows: 200, seed: 8);
        var weights = Descend(model, x, labels, targets, 0.1f, 400);
        for (var k = 0; k < Features; k++) { Assert.Equal(Truth(k), weights[k], 1e-4); }
    }

    [Fact]
    public void The_support_vector_machine_comes_to_the_optimum_of_its_closed_form()
    {
        // rows ±e_k with the sign as their label: F = Σ (λ/2 w² + (1 − w)²/(2F)) over k, so that w = 1 / (1 + λF)
        var model = ReferenceModels.SvmSmooth(Features);
        var (x, labels) = (new float[2 * Features * Features], new int[2 * Features]);
        for (var k = 0; k < Features; k++)
        {
            x[(2 * k * Features) + k] = 1;
            x[(((2 * k) + 1) * Features) + k] = -1;
            labels[2 * k] = 1;
        }

        var weights = Descend(model, x, labels, [], 1, 400);
        Assert.All(model.Initial.Values, w => Assert.Equal(0, w));
        Assert.All(weights, w => Assert.Equal(1 / (1 + (0.1 * Features)), w, 1e-5));
    }

    [Fact]
    public void Logistic_regression_comes_to_the_odds_of_its_classes()
    {
        // one feature that says nothing, three rows of class 1 for each of class 0: the bias is ln 3
        var model = new LinearModel(1, new BinaryCrossEntropy());
        var weights = Descend(model, [1, -1, 1, -1, 1, -1, 1, -1], [1, 1, 1, 1, 1, 1, 0, 0], [], 1, 500);
        Assert.Equal(0, weights[0], 1e-4);
        Assert.Equal(Math.Log(3), weights[1], 1e-4);
    }

    [Fact]
    public void Centers_find_groups_that_lie_apart()
    {
        var model = new KMeans(2, 3);
        var random = new RandomStream(9, "groups");
        float[][] groups = [[-1, 0], [1.2f, 1], [0.5f, -1.5f]];
        var x = new float[2 * 300];
        for (var r = 0; r < 300; r++)
        {
            for (var k = 0; k < 2; k++) { x[(2 * r) + k] = groups[r % 3][k] + (float)(0.1 * random.NextGaussian()); }
        }

        // from a row of each group: k-means comes to the optimum that it starts near
        var weights = Descend(model, x, new int[300], [], 0.5f, 200, start: x[..6]);
        foreach (var group in groups)
        {
            var nearest = Enumerable.Range(0, 3).Min(c => Math.Abs(weights[2 * c] - group[0]) + Math.Abs(weights[(2 * c) + 1] - group[1]));
            Assert.InRange(nearest, 0, 0.06);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Rows_together_give_the_bits_of_each_row_alone(string name)
    {
        var model = Of(name);
        var (x, labels, targets) = Data(model, rows: 5, seed: 10);
        var (weights, width) = (Somewhere(model), model.Plan.Outputs);
        float[] together = new float[5 * width], alone = new float[width];
        model.Infer(weights, new(x, 5), together, new());
        for (var r = 0; r < 5; r++)
        {
            model.Infer(weights, new(Row(x, labels, targets, r).X, 1), alone, new());
            Assert.Equal(alone, together[(r * width)..((r + 1) * width)]);
        }
    }

    [Fact]
    public void Models_of_one_structure_are_equal_and_others_are_not()
    {
        IModel[] models =
        [
            ReferenceModels.SvmSmooth(3), ReferenceModels.LinReg(3), new LinearModel(3, new BinaryCrossEntropy()),
            new LinearModel(4, new BinaryCrossEntropy()),
            new LinearModel(3, new SmoothSvm()), new LinearModel(3, new SmoothSvm(), bias: false), new KMeans(3, 2),
            new KMeans(3, 2, seed: 1), new KMeans(2, 3),
        ];
        Assert.Equal(models.Length, models.Distinct().Count());
        Assert.Equal(ReferenceModels.SvmSmooth(3), models[0]);
        Assert.Equal(new KMeans(3, 2), models[6]);
        Assert.Equal("linear 3, smooth SVM, decay 0.1", models[0].ToString());
        Assert.Throws<ArgumentOutOfRangeException>(() => new LinearModel(3, new SmoothSvm(), decay: -1));
        Assert.ThrowsAny<ArgumentException>(() => new LinearModel(3, new SoftmaxCrossEntropy()));
    }

    private static IModel Of(string name) => name switch
    {
        "svm" => ReferenceModels.SvmSmooth(Features),
        "linreg" => ReferenceModels.LinReg(Features),
        "logistic" => new LinearModel(Features, new BinaryCrossEntropy()),
        _ => new KMeans(Features, 3),
    };

    private static float Truth(int k) => (k % 3) - (0.25f * k);

    private static float[] Somewhere(IModel model)
    {
        var random = new RandomStream(2, "somewhere");
        return [.. model.Initial.Values.Select(v => v + (0.3f * (float)random.NextGaussian()))];
    }

    private static (float[] X, int[] Labels, float[] Targets) Data(IModel model, int rows, long seed)
    {
        var random = new RandomStream(seed, "linear");
        var (x, labels, targets) = (new float[rows * Features], new int[rows], new float[rows]);
        for (var r = 0; r < rows; r++)
        {
            for (var k = 0; k < Features; k++)
            {
                x[(r * Features) + k] = (float)random.NextGaussian();
                targets[r] += Truth(k) * x[(r * Features) + k];
            }
            labels[r] = targets[r] + random.NextGaussian() > 0 ? 1 : 0;
        }

        return (x, labels, model.Plan.Target == TargetKind.Value ? targets : []);
    }

    private static Sample Batch(float[] x, int[] labels, float[] targets) => new(x, labels) { Targets = targets };

    private static (float[] X, int[] Labels, float[] Targets) Row(float[] x, int[] labels, float[] targets, int row) => (
        x[(row * Features)..((row + 1) * Features)], labels[row..(row + 1)], targets.Length == 0 ? [] : targets[row..(row + 1)]);

    private static void Step(IModel model, float[] weights, in Sample batch, float rate, float[] gradients, Workspace memory) =>
        model.Step(weights, batch, new Sgd(rate, 0, float.PositiveInfinity), new float[weights.Length], 1, gradients, memory);

    private static float[] Descend(IModel model, float[] x, int[] labels, float[] targets, float rate, int steps, float[]? start = null)
    {
        float[] weights = start ?? [.. model.Initial.Values], gradients = new float[weights.Length];
        var memory = new Workspace();
        for (var step = 0; step < steps; step++) { Step(model, weights, Batch(x, labels, targets), rate, gradients, memory); }
        return weights;
    }

    private static double Exact(string name, float[] weights, float[] x, int[] labels, float[] targets) =>
        Exact(name, weights.Select(w => (double)w).ToArray(), x, labels, targets);

    private static double Exact(string name, double[] weights, float[] x, int[] labels, float[] targets)
    {
        double sum = 0;
        for (var r = 0; r < labels.Length; r++)
        {
            var row = x.AsSpan(r * Features, Features);
            double score = 0, least = double.PositiveInfinity;
            for (var k = 0; k < Features; k++) { score += weights[k] * row[k]; }
            if (name == "logistic") { score += weights[Features]; }
            for (var c = 0; name == "k-means" && c < 3; c++)
            {
                double squares = 0;
                for (var k = 0; k < Features; k++) { squares += Math.Pow(row[k] - weights[(c * Features) + k], 2); }
                least = Math.Min(least, squares);
            }

            sum += name switch
            {
                "svm" => 0.5 * Math.Pow(Math.Max(0, 1 - (((2 * labels[r]) - 1) * score)), 2),
                "linreg" => 0.5 * Math.Pow(score - targets[r], 2),
                "logistic" => Math.Log(1 + Math.Exp(score)) - (labels[r] * score),
                _ => 0.5 * least,
            };
        }

        return (sum / labels.Length) + (name == "svm" ? 0.05 * weights.Sum(w => w * w) : 0);
    }
}
