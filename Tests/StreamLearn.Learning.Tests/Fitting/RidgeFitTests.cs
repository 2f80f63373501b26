namespace StreamLearn.Learning.Tests;

public sealed class RidgeFitTests
{
    private static readonly double[] Penalties = [1, 0.1, 0.01, 0.001];

    /// <summary>Where the gradient of the squares and one of the penalties is 0, they are least.</summary>
    [Fact]
    public void Squares_and_penalty_are_least()
    {
        var (rows, network) = (Rows(count: 90, features: 5), Network(5));
        var weights = network.FitRidge(rows);
        var (w, mean, inverse) = (Slice(weights, network, 2), Slice(weights, network, 0), Slice(weights, network, 1));
        var gradients = Penalties.Select(penalty => Enumerable.Range(0, 15).Max(at =>
        {
            var (f, c, sum) = (at / 3, at % 3, 0.0);
            for (var r = 0; r < rows.Count; r++)
            {
                double X(int feature) => (rows.Features.Span[(r * 5) + feature] - mean[feature]) * inverse[feature];
                var side = (rows.Labels.Span[r] == c ? 1.0 : -1) - Slice(weights, network, 3)[c];
                sum += X(f) * (side - Enumerable.Range(0, 5).Sum(i => X(i) * w[(i * 3) + c]));
            }
            return Math.Abs((sum / rows.Count) - (penalty * w[at]));
        })).ToArray();
        Assert.Single(gradients, static g => g < 1e-6);
        Assert.InRange(Evaluation.Of(network, weights, new(rows.Features.Span, rows.Labels.Span)).Accuracy, 0.9, 1);
    }

    /// <summary>Of targets in hours, far from 0: the penalty alone pulls the slopes, the mean is free.</summary>
    [Fact]
    public void A_value_is_fitted_in_the_unit_of_its_targets()
    {
        var random = new RandomStream(4, "values");
        float[] x = [.. Enumerable.Range(0, 400).Select(_ => (float)random.NextGaussian())];
        float[] hours = [.. Enumerable.Range(0, 200).Select(r => 5000 + (300 * x[2 * r]) - (20 * x[(2 * r) + 1]))];
        var network = new Network(new(2), 1, [new Scale()], [new(0, new Dense(1))], seed: 1, objective: new SquaredError(4800, 350));
        var errors = Evaluation.Of(network, network.FitRidge(new RecordedRows(x, hours)), new(x, 200) { Targets = hours }).Values;
        var strong = Evaluation.Of(network, network.FitRidge(new RecordedRows(x, hours), [1.0])[0], new(x, 200) { Targets = hours }).Values;
        Assert.InRange(errors.MeanAbsolute, 0, 1);
        Assert.Equal(0.75, strong.R2, 0.01);      // slopes are halved
        Assert.Equal(5000, errors.TargetMean, 50.0);
        Assert.Throws<ArgumentException>(() => network.FitRidge(new RecordedRows(x, hours), temperature: 2));
    }

    /// <summary>Cross-validation says of noise that nothing is known: the largest penalty. Of rows that features tell apart, a small
    /// one.</summary>
    [Fact]
    public void The_penalty_follows_from_the_rows()
    {
        var network = Network(40);
        var (known, noise) = (network.FitRidge(Rows(400, 40)), network.FitRidge(Rows(400, 40, noise: 1e6)));
        Assert.InRange(Slice(noise, network, 2).Max(MathF.Abs), 0, 0.2f);
        Assert.InRange(Slice(known, network, 2).Max(MathF.Abs), 0.4f, 1);
    }

    /// <summary>Weights that go through all rows say nothing of others, though they miss none.</summary>
    [Fact]
    public void Where_features_are_as_many_as_rows_the_penalty_is_large()
    {
        var (rows, network) = (Rows(count: 36, features: 40, noise: 2), Network(40));
        var weights = network.FitRidge(rows);
        var largest = ScaledRows.Of(network, rows).Sum().Factor(Penalties[0] * rows.Count).Weights;
        Assert.Equal(largest.Select(static w => (float)w), Slice(weights, network, 2));
    }

    /// <summary>Of a large penalty nothing is left but the newest value; of a small one it is least squares, whatever the prior.</summary>
    [Fact]
    public void A_prior_answers_where_the_penalty_is_large_in_the_unit_of_the_target()
    {
        var random = new RandomStream(5, "prior");
        var features = new float[400 * 8];
        for (var i = 0; i < features.Length; i++) { features[i] = (float)(1000 + (i / 4 % 2 * 50) + (3 * random.NextGaussian())); }
        var targets = Enumerable.Range(0, 400).Select(r => (2 * features[(r * 8) + 3]) - features[r * 8]).ToArray();
        var rows = new RecordedRows(features, targets);
        var network = new Network(new(2, 4), 1, [new Scale()], [new(0, new Dense(1))], objective: new SquaredError(990, 7));

        Assert.All(Answers(1e9, prior: 3), (answer, r) => Assert.Equal(features[(r * 8) + 3] + Drift(), answer, 0.02));
        Assert.All(Answers(1e-9, prior: 3), (answer, r) => Assert.Equal(rows.Targets.Span[r], answer, 0.02));
        Assert.All(Answers(1e-9, prior: null), (answer, r) => Assert.Equal(rows.Targets.Span[r], answer, 0.02));
        Assert.Throws<ArgumentException>(() => Answers(1, prior: 8));

        double Drift() => Enumerable.Range(0, 400).Average(r => (double)rows.Targets.Span[r] - features[(r * 8) + 3]);

        float[] Answers(double penalty, int? prior)
        {
            var answers = new float[400];
            network.Infer(network.FitRidgeLeftOut(rows, [penalty], prior).Values.AsSpan(), new(features, 400), answers, new());
            return answers;
        }
    }

    /// <summary>A column whose deviation is far below that of the scale counts as one of any other unit.</summary>
    [Fact]
    public void A_column_in_a_large_unit_is_penalized_as_in_a_small_one()
    {
        var random = new RandomStream(6, "units");
        float[] small = [.. Enumerable.Range(0, 200).Select(_ => (float)random.NextGaussian())];
        float[] large = [.. small.Select(static v => v * 1e-6f)];
        float[] targets = [.. small.Select(v => v + (float)random.NextGaussian())];
        var network = new Network(new(1), 1, [new Scale()], [new(0, new Dense(1))], objective: new SquaredError(0, 1));
        Assert.All(Answers(small).Zip(Answers(large)), static pair => Assert.Equal(pair.First, pair.Second, 1e-4f));

        float[] Answers(float[] features)
        {
            var answers = new float[200];
            network.Infer(network.FitRidgeLeftOut(new(features, targets), [1]).Values.AsSpan(), new(features, 200), answers, new());
            return answers;
        }
    }

    [Fact]
    public void What_is_left_out_is_missed_as_by_a_fit_of_all_other_rows()
    {
        const double Penalty = 3;
        var rows = Rows(count: 24, features: 20);
        var scaled = ScaledRows.Of(Network(20), rows);
        var sums = scaled.Sum();
        var (weights, upper) = sums.Factor(Penalty);
        double[][] x = [.. Enumerable.Range(0, 24).Select(r => Enumerable.Range(0, 20).Select(f =>
            (rows.Features.Span[(r * 20) + f] - scaled.Moments.Mean[f]) * scaled.Moments.Inverse(f)).ToArray())];
        double[][] y = [.. Enumerable.Range(0, 24).Select(r => Enumerable.Range(0, 3).Select(c => r % 3 == c ? 1.0 : -1).ToArray())];

        var squares = Enumerable.Range(0, 24).Average(r =>
        {
            int[] others = [.. Enumerable.Range(0, 24).Where(o => o != r)];
            var (meanX, meanY) = (MeanOf(x, others), MeanOf(y, others));
            var fit = new NormalEquations(20, 3);
            foreach (var o in others) { fit.Add(Less(x[o], meanX), Less(y[o], meanY)); }
            var (w, left) = (fit.Factor(Penalty).Weights, Less(x[r], meanX));
            return Enumerable.Range(0, 3).Sum(c =>
                Math.Pow(y[r][c] - meanY[c] - Enumerable.Range(0, 20).Sum(f => left[f] * w[(f * 3) + c]), 2));
        });

        Assert.Equal(squares, scaled.LeftOut(sums, weights, upper, most: 24), 1e-9);
        Assert.NotEqual(squares, scaled.LeftOut(sums, weights, upper, most: 12), 1e-9);
    }

    [Fact]
    public void More_features_than_rows_give_weights_of_the_same_bits_and_a_temperature_divides_them()
    {
        var (rows, network) = (Rows(30, 40), Network(40));
        var (once, again, cool) = (network.FitRidge(rows), network.FitRidge(rows), network.FitRidge(rows, temperature: 0.5));
        Assert.Equal(once.Sha256(), again.Sha256());
        Assert.Equal(Slice(once, network, 2).Select(static w => 2 * w), Slice(cool, network, 2));
    }

    [Fact]
    public void Penalties_may_be_named_and_a_larger_one_gives_smaller_weights()
    {
        var (rows, network) = (Rows(400, 40), Network(40));
        var named = network.FitRidge(rows, [.. Penalties, 100]);
        Assert.Contains(network.FitRidge(rows).Sha256(), named.Select(static w => w.Sha256()));
        Assert.InRange(Slice(named[^1], network, 2).Max(MathF.Abs), 1e-4, 0.02f);
        Assert.Throws<ArgumentException>(() => network.FitRidge(rows, [1, 0]));
        Assert.Throws<ArgumentException>(() => network.FitRidge(rows, []));
    }

    [Fact]
    public void Another_model_is_refused()
    {
        var other = new Network(new(5), 3, [new Scale(), new Dense(4)], [new(1, new Dense(3))], seed: 1);
        Assert.Throws<ArgumentException>(() => other.FitRidge(Rows(30, 5)));
        Assert.Throws<ArgumentException>(() => Network(4).FitRidge(Rows(30, 5)));
        Assert.Throws<ArgumentException>(() => Network(5).FitRidge(Rows(30, 5), temperature: 0));
    }

    private static Network Network(int features) => new(new(features), 3, [new Scale()], [new(0, new Dense(3))], seed: 1);

    private static double[] MeanOf(double[][] values, int[] rows) =>
        [.. Enumerable.Range(0, values[0].Length).Select(i => rows.Average(r => values[r][i]))];

    private static double[] Less(double[] values, double[] mean) => [.. values.Zip(mean, static (v, m) => v - m)];

    /// <summary>A class is where one of the first features is higher.</summary>
    private static RecordedRows Rows(int count, int features, double noise = 0.5)
    {
        var random = new RandomStream(5, "rows");
        int[] labels = [.. Enumerable.Range(0, count).Select(static i => i % 3)];
        return new((float[])[.. labels.SelectMany(label => Enumerable.Range(0, features)
            .Select(f => (float)((f == label ? 3 : 0) + (noise * random.NextGaussian()))))], labels);
    }

    private static float[] Slice(Weights weights, Network network, int slice) =>
        network.Plan.Slices[slice].Of(weights.Values.AsSpan()).ToArray();
}
