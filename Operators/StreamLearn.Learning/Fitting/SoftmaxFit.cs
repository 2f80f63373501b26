namespace StreamLearn.Learning;

public static partial class ModelFit
{
    private const double Flat = 1e-4, Rough = 2e-3;     // bounds of the gradient of the mean loss, for scaled features

    /// <summary>Fits softmax regression to its unique minimum by full-batch steps.</summary>
    /// <remarks> Columns are scaled by the moments of the rows. Minimizes Σ loss + penalty / 2 · Σ weight², like scikit-learn's
    /// <c>LogisticRegression</c> with <c>C = 1 / penalty</c>; biases have no penalty. The same rows give the same bits. Cost:
    /// <see cref="ModelPlan.StepMultiplyAdds"/> per row and step; usually 50 to 300 steps. Source: Liu, Nocedal (1989), L-BFGS. </remarks>
    /// <param name="model">Softmax regression: <see cref="Scale"/>, then one exit of a <see cref="Dense"/>. Not modified.</param>
    /// <param name="rows">The rows, with classes.</param>
    /// <param name="penalty">Penalty for squared weights, above 0; default 1.</param>
    /// <param name="maxSteps">Maximum steps, at least 1; default 1,000.</param>
    /// <param name="progress">Receives each step, reported as an epoch.</param>
    /// <param name="stop">Ends fitting after a step, with the weights so far.</param>
    /// <param name="cancellationToken">Cancels fitting after a step.</param>
    /// <exception cref="ArgumentException">The model or rows do not fit, or a number is out of range.</exception>
    /// <exception cref="OperationCanceledException">Fitting was canceled.</exception>
    public static FitResult FitSoftmax(this Network model, RecordedRows rows, double penalty = 1, int maxSteps = 1000,
        IProgress<FitEpoch>? progress = null, CancellationToken stop = default, CancellationToken cancellationToken = default)
    {
        if (!(penalty > 0)) { throw new ArgumentException($"expected a penalty above 0, got {penalty}", nameof(penalty)); }
        return Softmax(model, rows, [penalty / Math.Max(1, rows?.Count ?? 1)], Flat, maxSteps, progress, stop, cancellationToken)[0];
    }

    /// <summary>Fits softmax regression with each penalty, from the weights of the one before, so that other rows can choose one.</summary>
    /// <remarks>Ends where answers hardly change: where the gradient is twenty times as large as at the minimum above.</remarks>
    /// <param name="model">Softmax regression, as above.</param>
    /// <param name="rows">The rows, with classes.</param>
    /// <param name="penalties">Penalties for squared weights, per row; above 0, fastest from large to small.</param>
    /// <param name="maxSteps">Maximum steps per penalty, at least 1; default 1,000.</param>
    /// <param name="progress">Receives each step, reported as an epoch.</param>
    /// <param name="stop">Ends fitting after a step, with the weights so far.</param>
    /// <param name="cancellationToken">Cancels fitting after a step.</param>
    /// <returns>A fit for each penalty, in order.</returns>
    /// <exception cref="ArgumentException">The model or rows do not fit, or a number is out of range.</exception>
    /// <exception cref="OperationCanceledException">Fitting was canceled.</exception>
    public static ImmutableArray<FitResult> FitSoftmax(this Network model, RecordedRows rows, ImmutableArray<double> penalties,
        int maxSteps = 1000, IProgress<FitEpoch>? progress = null, CancellationToken stop = default,
        CancellationToken cancellationToken = default)
    {
        Check(penalties);
        return Softmax(model, rows, penalties, Rough, maxSteps, progress, stop, cancellationToken);
    }

    private static ImmutableArray<FitResult> Softmax(Network model, RecordedRows rows, ImmutableArray<double> penalties, double flat,
        int maxSteps, IProgress<FitEpoch>? progress, CancellationToken stop, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxSteps, 1);
        rows.Check(model.Plan);
        var loss = new SoftmaxLoss(model, rows);
        return [.. penalties.Select(Fitted)];

        FitResult Fitted(double penalty)
        {
            var descent = new LimitedMemory((at, gradient) => loss.Of(penalty, at, gradient), loss.Best);
            var (epochs, end) = (new List<FitEpoch>(), FitEnd.Epochs);
            while (epochs.Count < maxSteps)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (stop.IsCancellationRequested)
                {
                    end = FitEnd.Stopped;
                    break;
                }

                if (Array.TrueForAll(descent.Gradient, g => Math.Abs(g) <= flat) || !descent.Step())
                {
                    end = FitEnd.Minimum;
                    break;
                }

                epochs.Add(new(epochs.Count + 1, maxSteps, descent.Value, null, epochs.Count + 1));
                progress?.Report(epochs[^1]);
            }

            loss.Best = descent.At;
            return new() { Weights = loss.ToWeights(), Epochs = [.. epochs], BestEpoch = epochs.Count, Steps = epochs.Count, End = end };
        }
    }

    private sealed class SoftmaxLoss
    {
        private readonly Network _model;
        private readonly RecordedRows _rows;
        private readonly ChannelMoments _moments;
        private readonly float[] _values;
        private readonly Memory<float> _gradients;
        private readonly Workspace _memory = new();
        private readonly Slice _weight, _bias;

        internal SoftmaxLoss(Network model, RecordedRows rows)
        {
            (_model, _rows, var plan) = (model, rows, model.Plan);
            (_weight, _bias) = HeadOf(model);
            var running = new RunningMoments(plan.Input);
            for (var r = 0; r < rows.Count; r++) { running.Add(rows.Features.Span.Slice(r * plan.Input.Size, plan.Input.Size)); }
            _moments = running.Take()!;
            _values = model.Initial.Values.ToArray();
            plan.SetScale(_moments, _values);
            (_gradients, Best) = (plan.Zeros(), new double[_weight.Length + _bias.Length]);
        }

        internal double[] Best { get; set; }

        internal double Of(double penalty, ReadOnlySpan<double> at, Span<double> gradient)
        {
            Put(at);
            double loss = _model.Loss(_values, new(_rows.Features.Span, _rows.Labels.Span), _gradients.Span, _memory);
            var own = _weight.Of(_gradients.Span);
            for (var i = 0; i < own.Length; i++)
            {
                loss += penalty / 2 * at[i] * at[i];
                gradient[i] = own[i] + (penalty * at[i]);
            }

            own = _bias.Of(_gradients.Span);
            for (var i = 0; i < own.Length; i++) { gradient[_weight.Length + i] = own[i]; }
            return loss;
        }

        internal Weights ToWeights()
        {
            Put(Best);
            return new() { Version = 1, SchemaHash = _model.Plan.SchemaHash, Values = [.. _values], Scale = _moments };
        }

        private void Put(ReadOnlySpan<double> from)
        {
            var to = _weight.Of(_values);
            for (var i = 0; i < to.Length; i++) { to[i] = (float)from[i]; }
            to = _bias.Of(_values);
            for (var i = 0; i < to.Length; i++) { to[i] = (float)from[_weight.Length + i]; }
        }
    }
}
