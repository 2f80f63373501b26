using System.Runtime.InteropServices;

namespace StreamLearn.Learning;

public static partial class ModelFit
{
    private const double Flat = 1e-4;       // bound of the gradient of the mean loss, for scaled features

    /// <summary>Fits softmax regression to its unique minimum by full-batch steps.</summary>
    /// <remarks> Columns are scaled by the moments of the rows. Minimizes Σ loss + penalty / 2 · Σ weight², as scikit-learn's
    /// <c>LogisticRegression</c> with <c>C = 1 / penalty</c>; biases are free. The same rows give the same bits. Cost:
    /// <see cref="ModelPlan.StepMultiplyAdds"/> per row and step; usually 50 to 300 steps. Source: Liu, Nocedal (1989), L-BFGS. </remarks>
    /// <param name="model">Softmax regression: <see cref="Scale"/>, then one exit of a <see cref="Dense"/>. Not modified.</param>
    /// <param name="rows">The rows, with classes.</param>
    /// <param name="penalty">Penalty of squared weights, above 0; default 1.</param>
    /// <param name="maxSteps">Maximum steps, at least 1; default 1,000.</param>
    /// <param name="progress">Receives each step, as an epoch.</param>
    /// <param name="stop">Ends it after a step, with the weights so far.</param>
    /// <param name="cancellationToken">Cancels it after a step.</param>
    /// <exception cref="ArgumentException">The model or rows do not fit, or a number is out of range.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static FitResult FitSoftmax(this Network model, RecordedRows rows, double penalty = 1, int maxSteps = 1000,
        IProgress<FitEpoch>? progress = null, CancellationToken stop = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxSteps, 1);
        if (!(penalty > 0)) { throw new ArgumentException($"expected a penalty above 0, got {penalty}", nameof(penalty)); }
        var plan = model.Plan;
        rows.Check(plan);
        var (weight, bias) = HeadOf(model);
        var running = new RunningMoments(plan.Input);
        for (var r = 0; r < rows.Count; r++) { running.Add(rows.Features.Span.Slice(r * plan.Input.Size, plan.Input.Size)); }
        var moments = running.Take()!;
        var values = model.Initial.Values.ToArray();
        plan.SetScale(moments, values);
        var (gradients, memory) = (plan.Zeros(), new Workspace());
        var descent = new LimitedMemory(Loss, new double[weight.Length + bias.Length]);
        var epochs = new List<FitEpoch>();
        var end = FitEnd.Epochs;
        while (epochs.Count < maxSteps)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (stop.IsCancellationRequested)
            {
                end = FitEnd.Stopped;
                break;
            }

            if (Array.TrueForAll(descent.Gradient, static g => Math.Abs(g) <= Flat) || !descent.Step())
            {
                end = FitEnd.Minimum;
                break;
            }

            epochs.Add(new(epochs.Count + 1, maxSteps, descent.Value, null, epochs.Count + 1));
            progress?.Report(epochs[^1]);
        }

        Put(descent.At);
        return new()
        {
            Weights = new()
            {
                Version = 1,
                SchemaHash = plan.SchemaHash,
                Values = ImmutableCollectionsMarshal.AsImmutableArray(values),
                Scale = moments,
            },
            Epochs = [.. epochs],
            BestEpoch = epochs.Count,
            Steps = epochs.Count,
            End = end,
        };

        double Loss(ReadOnlySpan<double> at, Span<double> gradient)
        {
            Put(at);
            double loss = model.Loss(values, new(rows.Features.Span, rows.Labels.Span), gradients.Span, memory);
            var own = weight.Of(gradients.Span);
            for (var i = 0; i < own.Length; i++)
            {
                loss += penalty / (2 * rows.Count) * at[i] * at[i];
                gradient[i] = own[i] + (penalty / rows.Count * at[i]);
            }

            own = bias.Of(gradients.Span);
            for (var i = 0; i < own.Length; i++) { gradient[weight.Length + i] = own[i]; }
            return loss;
        }

        void Put(ReadOnlySpan<double> from)
        {
            var to = weight.Of(values);
            for (var i = 0; i < to.Length; i++) { to[i] = (float)from[i]; }
            to = bias.Of(values);
            for (var i = 0; i < to.Length; i++) { to[i] = (float)from[weight.Length + i]; }
        }
    }
}
