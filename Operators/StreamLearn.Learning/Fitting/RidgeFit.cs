using System.Runtime.InteropServices;

namespace StreamLearn.Learning;

public static partial class ModelFit
{
    private static readonly double[] Penalties = [1, 0.1, 0.01, 0.001];     // penalties for squared weights, per row
    private const int MaxLeftOut = 2000;        // number of rows that choose the penalty; with few columns all rows, up to 1e9 products
    private const double LeftOutProducts = 1e9;

    /// <summary>Fits softmax regression in closed form: scores approach 1 for rows of a class and −1 for others. With many features, this
    /// is often better than log loss. Regression models are fitted to targets.</summary>
    /// <remarks> Columns are scaled by the moments of the rows. Of four penalties, it uses the one with the smallest leave-one-out error
    /// over all rows or, with many features, over 1,000 to 2,000 of them. The same rows give the same bits. Cost: features² / 2
    /// multiply-adds per row; per penalty features³ / 6, and features² / 2 for each row that chooses; 24 bytes · features² of memory.
    /// Source: Hoerl, Kennard (1970); Allen (1974), leave-one-out sum of squares. </remarks>
    /// <param name="model">Softmax regression, or linear regression of one value with <see cref="SquaredError"/>: <see cref="Scale"/>, then
    /// one exit of a <see cref="Dense"/>. Not modified.</param>
    /// <param name="rows">The rows, with a class or a target each.</param>
    /// <param name="temperature">Divisor of class scores that calibrates confidences, above 0: <see cref="ExitRule.FitTemperature"/>.
    /// Default 1, required for regression.</param>
    /// <exception cref="ArgumentException">The model or rows do not fit, or a number is out of range.</exception>
    public static Weights FitRidge(this Network model, RecordedRows rows, double temperature = 1)
    {
        if (!(temperature > 0)) { throw new ArgumentException($"expected a temperature above 0, got {temperature}", nameof(temperature)); }
        return Fit(model, rows, temperature, prior: null, MinLeftOut(rows, Penalties))[0];
    }

    /// <summary>Fits linear regression in closed form, with the penalty that has the smallest leave-one-out error, like scikit-learn's
    /// <c>RidgeCV</c>.</summary>
    /// <param name="model">Linear regression, as above.</param>
    /// <param name="rows">The rows, with targets.</param>
    /// <param name="penalties">Penalties for squared weights, per row; above 0.</param>
    /// <param name="prior">Index of the input that a large penalty makes the answer, in the target's unit; for a forecast, the newest value
    /// of its column. Null (default): the mean of the targets.</param>
    /// <exception cref="ArgumentException">The model or rows do not fit, or a number is out of range.</exception>
    public static Weights FitRidgeLeftOut(this Network model, RecordedRows rows, ImmutableArray<double> penalties, int? prior = null)
    {
        Check(penalties);
        return Fit(model, rows, temperature: 1, prior, MinLeftOut(rows, [.. penalties]))[0];
    }

    /// <summary>Fits a linear model in closed form with each penalty, so that other rows can choose one. Leave-one-out chooses too small a
    /// penalty for similar rows, such as those of one person.</summary>
    /// <param name="model">Softmax or linear regression, as above.</param>
    /// <param name="rows">The rows, with a class or a target each.</param>
    /// <param name="penalties">Penalties for squared weights, per row; above 0.</param>
    /// <param name="temperature">Divisor of all scores, above 0; default 1.</param>
    /// <returns>The weights of each penalty, in order.</returns>
    /// <exception cref="ArgumentException">The model or rows do not fit, or a number is out of range.</exception>
    public static ImmutableArray<Weights> FitRidge(
        this Network model, RecordedRows rows, ImmutableArray<double> penalties, double temperature = 1)
    {
        if (!(temperature > 0)) { throw new ArgumentException($"expected a temperature above 0, got {temperature}", nameof(temperature)); }
        Check(penalties);
        return Fit(model, rows, temperature, prior: null,
            (_, sums) => penalties.Select(penalty => sums.Factor(penalty * rows.Count).Weights));
    }

    private static Func<ScaledRows, NormalEquations, IEnumerable<double[]>> MinLeftOut(RecordedRows rows, double[] penalties)
    {
        var columns = (double)rows.Features.Length / Math.Max(1, rows.Count);
        var most = (int)Math.Max(MaxLeftOut, Math.Min(LeftOutProducts / (columns * columns), rows.Count));
        return (scaled, sums) => [penalties.Select(penalty => sums.Factor(penalty * rows.Count))
            .MinBy(s => scaled.LeftOut(sums, s.Weights, s.Upper, most)).Weights];
    }

    private static void Check(ImmutableArray<double> penalties)
    {
        if (penalties.IsDefaultOrEmpty || !penalties.All(static p => p > 0 && double.IsFinite(p)))
        {
            throw new ArgumentException("expected penalties above 0", nameof(penalties));
        }
    }

    private static ImmutableArray<Weights> Fit(
        Network model, RecordedRows rows, double temperature, int? prior, Func<ScaledRows, NormalEquations, IEnumerable<double[]>> solve)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(rows);
        var plan = model.Plan;
        rows.Check(plan);
        var (weight, bias) = model.Objective is SquaredError && plan.Outputs == 1 ? Head(model) : HeadOf(model);
        if (temperature != 1 && plan.Target == TargetKind.Value)
        {
            throw new ArgumentException($"expected temperature 1 for a value, got {temperature}", nameof(temperature));
        }

        if (prior is { } place && (plan.Target != TargetKind.Value || place < 0 || place >= plan.Input.Size))
        {
            throw new ArgumentException($"expected an input of a model of a value, 0 to {plan.Input.Size - 1}, got {place}", nameof(prior));
        }

        var scaled = ScaledRows.Of(model, rows, prior);
        return [.. solve(scaled, scaled.Sum()).Select(solution =>
        {
            var values = model.Initial.Values.ToArray();
            plan.SetScale(scaled.Moments, values);
            Put(scaled.Settle(solution), bias.Of(values));
            Put(solution, weight.Of(values));
            return new Weights()
            {
                Version = 1,
                SchemaHash = plan.SchemaHash,
                Values = ImmutableCollectionsMarshal.AsImmutableArray(values),
                Scale = scaled.Moments,
            };
        })];

        void Put(ReadOnlySpan<double> from, Span<float> to)
        {
            for (var i = 0; i < to.Length; i++) { to[i] = (float)(from[i] / temperature); }
        }
    }

    internal static (Slice Weight, Slice Bias) HeadOf(Network model)
    {
        var plan = model.Plan;
        return plan.Target == TargetKind.Label && plan.Outputs >= 2 ? Head(model)
            : throw new ArgumentException($"expected softmax regression on scaled features, got {model.Structure}", nameof(model));
    }

    private static (Slice Weight, Slice Bias) Head(Network model)
    {
        var plan = model.Plan;
        return model.Layers is [Scale] && model.ExitCount == 1
            && plan.Slices.Where(static s => s.Kind == SliceKind.Trained).ToArray() is [var weight, var bias]
            && (weight.Length, bias.Length) == (plan.Input.Size * plan.Outputs, plan.Outputs) ? (weight, bias)
            : throw new ArgumentException($"expected a linear model on scaled features, got {model.Structure}", nameof(model));
    }
}
