namespace Acceptance.Tests;

internal static class OneMachine
{
    /// <summary>Accuracy on unseen groups of a model that is fitted, a fifth of the groups held back to find the best epoch.</summary>
    internal static double Fit(Network model, IReadOnlyList<LabeledRows> learning, LabeledRows unseen, long seed)
    {
        var all = LabeledRows.Of(learning);
        int[] groups = [.. learning.SelectMany(static (g, i) => Enumerable.Repeat(i, g.Count))];
        var fit = model.Fit(new(all.Features, all.Labels) { Groups = groups }, new() { Epochs = 60, Seed = seed });
        return unseen.Accuracy(model, fit.Weights.Values.AsSpan());
    }

    /// <summary>
    /// Accuracy of logistic regression on columns of mean 0 and deviation 1: least is the mean loss + ‖w‖² / 2 n, as of scikit-learn with
    /// C = 1. By accelerated gradient descent.
    /// </summary>
    internal static double LogisticRegression(int classes, IReadOnlyList<LabeledRows> learning, LabeledRows unseen)
    {
        var all = LabeledRows.Of(learning);
        var steps = all.Width > 500 ? 150 : 400;
        var (mean, deviation) = Moments(all);
        var (rows, others) = (Scaled(all, mean, deviation), Scaled(unseen, mean, deviation));
        var model = new Network(new(all.Width), classes, [new Scale()], [new(0, new Dense(classes))], seed: 0);
        var (w, before, ahead) = (model.Initial.Values.ToArray(), model.Initial.Values.ToArray(), model.Initial.Values.ToArray());
        var (g, memory, rate) = (new float[w.Length], new Workspace(), 4f / all.Width);
        for (var step = 0; step < steps; step++)
        {
            foreach (var slice in model.Plan.Slices.Where(static s => s.Kind == SliceKind.Trained))
            {
                for (var i = slice.Offset; i < slice.Offset + slice.Length; i++)
                {
                    ahead[i] = w[i] + (step / (step + 3f) * (w[i] - before[i]));
                }
            }

            model.Loss(ahead, new(rows.Features, rows.Labels), g, memory);
            w.CopyTo(before, 0);
            foreach (var slice in model.Plan.Slices.Where(static s => s.Kind == SliceKind.Trained))
            {
                var decay = slice.Name.EndsWith("bias", StringComparison.Ordinal) ? 0 : 1f / rows.Count;
                for (var i = slice.Offset; i < slice.Offset + slice.Length; i++) { w[i] = ahead[i] - (rate * (g[i] + (decay * ahead[i]))); }
            }
        }

        return others.Accuracy(model, w);
    }

    internal static (float[] Mean, float[] Deviation) Moments(LabeledRows rows)
    {
        var (mean, deviation) = (new float[rows.Width], new float[rows.Width]);
        for (var c = 0; c < rows.Width; c++)
        {
            var column = Enumerable.Range(0, rows.Count).Select(r => rows.Features[(r * rows.Width) + c]).ToArray();
            mean[c] = column.Average();
            deviation[c] = MathF.Sqrt(column.Average(v => (v - mean[c]) * (v - mean[c])));
        }

        return (mean, deviation);
    }

    private static LabeledRows Scaled(LabeledRows rows, float[] mean, float[] deviation) => new(
        [.. rows.Features.Select((v, i) => deviation[i % rows.Width] > 1e-6f ? (v - mean[i % rows.Width]) / deviation[i % rows.Width] : 0)],
        rows.Labels);
}
