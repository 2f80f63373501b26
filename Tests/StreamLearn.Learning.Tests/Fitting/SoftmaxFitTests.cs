namespace StreamLearn.Learning.Tests;

public sealed class SoftmaxFitTests
{
    private static readonly Network Net = new(new(4), 3, [new Scale()], [new(0, new Dense(3))], seed: 1);

    /// <summary>Where the gradient is 0, in float64 and by the formula, a convex loss is least.</summary>
    [Theory, InlineData(1), InlineData(30)]
    public void Loss_and_penalty_are_least(double penalty)
    {
        var rows = Rows(400);
        var fit = Net.FitSoftmax(rows, penalty);

        var (mean, inverse, w, b) = (Slice(fit, 0), Slice(fit, 1), Slice(fit, 2), Slice(fit, 3));
        var gradient = new double[15];
        for (var r = 0; r < rows.Count; r++)
        {
            double[] x = [.. Enumerable.Range(0, 4).Select(f => (double)((rows.Features.Span[(r * 4) + f] - mean[f]) * inverse[f])), 1];
            double[] e = [.. Enumerable.Range(0, 3).Select(c => Math.Exp(b[c] + Enumerable.Range(0, 4).Sum(f => x[f] * w[(f * 3) + c])))];
            for (var c = 0; c < 3; c++)
            {
                for (var f = 0; f < 5; f++) { gradient[(f * 3) + c] += x[f] * ((e[c] / e.Sum()) - (rows.Labels.Span[r] == c ? 1 : 0)); }
            }
        }

        for (var i = 0; i < 12; i++) { gradient[i] += penalty * w[i]; }
        Assert.Equal(FitEnd.Minimum, fit.End);
        Assert.InRange(gradient.Max(Math.Abs) / rows.Count, 0, 1.1e-4);       // it ends at 1e-4, in float32
        Assert.InRange(fit.Steps, 5, 100);
    }

    [Fact]
    public void The_same_rows_give_the_same_bits_and_a_bound_of_steps_or_a_stop_is_said()
    {
        using var stop = new CancellationTokenSource();
        var (once, again, few) = (Net.FitSoftmax(Rows(90)), Net.FitSoftmax(Rows(90)), Net.FitSoftmax(Rows(90), maxSteps: 2));
        stop.Cancel();
        var stopped = Net.FitSoftmax(Rows(90), stop: stop.Token);
        Assert.Equal(once.Weights.Sha256(), again.Weights.Sha256());
        Assert.Equal((2, FitEnd.Epochs, FitEnd.Stopped), (few.Steps, few.End, stopped.End));
        Assert.Contains("the loss is at its minimum", once.ToString(), StringComparison.Ordinal);
        Assert.Throws<OperationCanceledException>(() => Net.FitSoftmax(Rows(90), cancellationToken: stop.Token));
    }

    [Fact]
    public void A_path_of_penalties_ends_near_each_minimum_in_fewer_steps()
    {
        double[] penalties = [0.1, 0.01, 0.001];
        var path = Net.FitSoftmax(Rows(400), [.. penalties]);
        FitResult[] each = [.. penalties.Select(p => Net.FitSoftmax(Rows(400), 400 * p))];

        Assert.All(path.Zip(each), static fits =>
            Assert.All(fits.First.Weights.Values.Zip(fits.Second.Weights.Values), static w => Assert.Equal(w.Second, w.First, 0.1f)));
        Assert.True(path.Sum(static f => f.Steps) < each.Sum(static f => f.Steps));
        Assert.NotEqual(path[0].Weights.Sha256(), path[2].Weights.Sha256());
        Assert.Throws<ArgumentException>(() => Net.FitSoftmax(Rows(30), []));
        Assert.Throws<ArgumentException>(() => Net.FitSoftmax(Rows(30), [0.1, 0]));
    }

    [Fact]
    public void Another_model_or_penalty_is_refused()
    {
        var other = new Network(new(4), 3, [new Scale(), new Dense(4)], [new(1, new Dense(3))], seed: 1);
        Assert.Throws<ArgumentException>(() => other.FitSoftmax(Rows(30)));
        Assert.Throws<ArgumentException>(() => Net.FitSoftmax(Rows(30), penalty: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Net.FitSoftmax(Rows(30), maxSteps: 0));
    }

    /// <summary>Three classes that overlap, of features in units of their own.</summary>
    private static RecordedRows Rows(int count)
    {
        var random = new RandomStream(7, "rows");
        int[] labels = [.. Enumerable.Range(0, count).Select(static i => i % 3)];
        return new((float[])[.. labels.SelectMany(label => Enumerable.Range(0, 4)
            .Select(f => (float)(Math.Pow(10, f) * ((f == label ? 2 : 0) + random.NextGaussian()))))], labels);
    }

    private static float[] Slice(FitResult fit, int slice) => Net.Plan.Slices[slice].Of(fit.Weights.Values.AsSpan()).ToArray();
}
