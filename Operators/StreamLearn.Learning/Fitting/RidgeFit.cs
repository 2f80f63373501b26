using System.Collections.Immutable;
using System.Runtime.InteropServices;
using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>Fits linear classifiers by ridge regression.</summary>
public static class RidgeFit
{
    private static readonly double[] Penalties = [1, 0.1, 0.01, 0.001];     // of the squares of the weights, for each row

    /// <summary>Fits softmax regression in closed form: the scores of a class are as near as they can be to 1 for its rows and to −1
    /// for others. Of many features, it often answers better than the weights of the least log loss do.</summary>
    /// <remarks>
    /// The columns are scaled by the moments of the rows. The same rows give the same bits. Cost: features² / 2 multiply-adds for each
    /// row, and
    /// features³ / 3 for each of four penalties, of which cross-validation chooses; 24 bytes · features² of memory.
    /// Source: Hoerl, Kennard (1970); Golub, Heath, Wahba (1979), generalized cross-validation.
    /// </remarks>
    /// <param name="model">Softmax regression: <see cref="Scale"/>, then one exit of a <see cref="Dense"/>. It stays as it is.</param>
    /// <param name="rows">The rows, with a class each.</param>
    /// <param name="temperature">What all scores are divided by, above 0, so that confidences are as sure as they are right:
    /// <see cref="TemperatureScaling"/>. Default 1.</param>
    /// <exception cref="ArgumentException">The model is another, the rows do not fit it, or a number is out of range.</exception>
    public static Weights FitRidge(this Network model, RecordedRows rows, double temperature = 1)
    {
        if (!(temperature > 0)) { throw new ArgumentException($"expected a temperature above 0, got {temperature}", nameof(temperature)); }
        return Fit(model, rows, temperature,
            sums => [Penalties.Select(penalty => sums.Solve(penalty * rows.Count)).MinBy(static s => s.Distance).Weights])[0];
    }

    /// <summary>Fits softmax regression in closed form with each of several penalties, for a choice by rows of others: cross-validation
    /// of rows that are much alike, as those of one person are, takes too small a penalty.</summary>
    /// <param name="model">Softmax regression, as above.</param>
    /// <param name="rows">The rows, with a class each.</param>
    /// <param name="penalties">Of the squares of the weights, for each row; above 0.</param>
    /// <param name="temperature">What all scores are divided by, above 0; default 1.</param>
    /// <returns>The weights of each penalty, in their order.</returns>
    /// <exception cref="ArgumentException">The model is another, the rows do not fit it, or a number is out of range.</exception>
    public static ImmutableArray<Weights> FitRidge(
        this Network model, RecordedRows rows, ImmutableArray<double> penalties, double temperature = 1)
    {
        if (!(temperature > 0)) { throw new ArgumentException($"expected a temperature above 0, got {temperature}", nameof(temperature)); }
        if (penalties.IsDefaultOrEmpty || !penalties.All(static p => p > 0 && double.IsFinite(p)))
        {
            throw new ArgumentException("expected penalties above 0", nameof(penalties));
        }

        return Fit(model, rows, temperature, sums => penalties.Select(penalty => sums.Weights(penalty * rows.Count)));
    }

    private static ImmutableArray<Weights> Fit(
        Network model, RecordedRows rows, double temperature, Func<NormalEquations, IEnumerable<double[]>> solve)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(rows);
        var plan = model.Plan;
        rows.Check(plan);
        var (weight, bias) = HeadOf(model);
        var (moments, sums, means) = Sum(plan, rows);
        return [.. solve(sums).Select(solution =>
        {
            var values = model.Initial.Values.ToArray();
            plan.SetScale(moments, values);
            Put(solution, weight.Of(values));
            Put(means, bias.Of(values));
            return new Weights()
            {
                Version = 1,
                SchemaHash = plan.SchemaHash,
                Values = ImmutableCollectionsMarshal.AsImmutableArray(values),
                Scale = moments,
            };
        })];

        void Put(ReadOnlySpan<double> from, Span<float> to)
        {
            for (var i = 0; i < to.Length; i++) { to[i] = (float)(from[i] / temperature); }
        }
    }

    /// <summary>Where the weights and biases of softmax regression are.</summary>
    /// <exception cref="ArgumentException">The model is another.</exception>
    internal static (Slice Weight, Slice Bias) HeadOf(Network model)
    {
        var plan = model.Plan;
        return plan.Target == TargetKind.Label && plan.Outputs >= 2 && model.Layers is [Scale] && model.ExitCount == 1
            && plan.Slices.Where(static s => s.Kind == SliceKind.Trained).ToArray() is [var weight, var bias]
            && (weight.Length, bias.Length) == (plan.Input.Size * plan.Outputs, plan.Outputs) ? (weight, bias)
            : throw new ArgumentException($"expected softmax regression on scaled features, got {model.Structure}", nameof(model));
    }

    /// <summary>The sums over scaled rows, and what each class is on average: 1 for its rows and −1 for others.</summary>
    private static (ChannelMoments Moments, NormalEquations Sums, double[] Means) Sum(ModelPlan plan, RecordedRows rows)
    {
        var (features, classes) = (plan.Input.Size, plan.Outputs);
        var running = new RunningMoments(plan.Input);
        for (var r = 0; r < rows.Count; r++) { running.Add(rows.Features.Span.Slice(r * features, features)); }
        var moments = running.Take()!;
        var means = new double[classes];
        foreach (var label in rows.Labels.Span) { means[label] += 2.0 / rows.Count; }
        foreach (ref var mean in means.AsSpan()) { mean--; }
        double[] inverses = [.. Enumerable.Range(0, features).Select(moments.Inverse)];
        var sums = new NormalEquations(features, classes);
        var (scaled, sides) = (new double[features], new double[classes]);
        for (var r = 0; r < rows.Count; r++)
        {
            var row = rows.Features.Span.Slice(r * features, features);
            for (var f = 0; f < features; f++) { scaled[f] = (row[f] - moments.Mean[f]) * inverses[f]; }
            for (var c = 0; c < classes; c++) { sides[c] = (rows.Labels.Span[r] == c ? 1 : -1) - means[c]; }
            sums.Add(scaled, sides);
        }

        return (moments, sums, means);
    }
}
