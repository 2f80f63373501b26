using System.Numerics.Tensors;

namespace StreamLearn.Tables;

/// <summary>A fit to some devices with one penalty, and its answers on others.</summary>
internal sealed record Trial(double Penalty, int Epochs, FitEnd End, float Temperature, FitAnswers Held)
{
    /// <summary>Ridge penalties of random convolutions, per row, chosen on held-out devices.</summary>
    private static readonly ImmutableArray<double> OfClasses = [0.3, 0.1, 0.03, 0.01], OfValues = [1, 0.1, 0.01, 0.001];

    /// <summary>Penalties of softmax regression, chosen likewise: what devices differ by shrinks with their number, not with their
    /// rows, so each row has its share.</summary>
    private static readonly ImmutableArray<double> OfSoftmax = [0.3, 0.1, 0.03, 0.01, 3e-3, 1e-3, 1e-4];

    /// <summary>Penalties of linear models of values, chosen by leave-one-out over rows.</summary>
    private static readonly ImmutableArray<double> OfFeatures = [1, 0.3, 0.1, 0.03, 0.01, 3e-3, 1e-3, 3e-4, 1e-4];

    /// <summary>A signal without noise follows from its own values up to rounding.</summary>
    private static readonly ImmutableArray<double> OfLags = [30, 10, 3, .. OfFeatures, 1e-5, 1e-6, 1e-7, 1e-8];

    /// <summary>True if fitting stopped at a limit while the loss still decreased.</summary>
    internal bool IsCut => End is FitEnd.Steps or FitEnd.Stopped;

    internal static Trial[] Of(
        FitModel model, FitWindows learning, FitWindows held, long seed, FitLine line, CancellationToken cancellationToken)
    {
        if (model.IsRidge)
        {
            var penalties = model.OfValues ? OfValues : OfClasses;
            return [.. model.Network.FitRidge(learning.Rows, penalties).Zip(penalties, (weights, penalty) =>
                Judged(penalty, 1, FitEnd.Minimum, weights, model.OfValues ? 1 : TemperatureOf(model.Network, weights, held)))];
        }

        if (model is { IsLinear: true, OfValues: true }) { return [Judged(1, 1, FitEnd.Minimum, Linear(model, learning))]; }
        if (model.IsLinear)
        {
            using var time = new CancellationTokenSource(SteppedFit.MaxTime, TimeProvider.System);
            return [.. model.Network.FitSoftmax(learning.Rows, OfSoftmax, progress: line, stop: time.Token,
                cancellationToken: cancellationToken).Zip(OfSoftmax, (fit, penalty) => Judged(penalty, 1, fit.End, fit.Weights))];
        }

        var fit = SteppedFit.UntilDone(model.Network, learning, held, seed, line, cancellationToken);
        return [Judged(1, fit.BestEpoch, fit.End, fit.Weights)];

        Trial Judged(double penalty, int epochs, FitEnd end, Weights weights, float temperature = 1) =>
            new(penalty, epochs, end, temperature, FitAnswers.Of(model.Network, weights, held, temperature));
    }

    /// <summary>Returns the trials with the best penalty by mean over held-out devices, on a tie by log loss.</summary>
    internal static Trial[] Best(IReadOnlyList<Trial[]> trials) => Enumerable.Range(0, trials[0].Length)
        .Select(p => trials.Select(t => t[p]).ToArray())
        .MaxBy(static same => (same.SelectMany(static t => t.Held.Ranks).Average(), -same.Average(static t => t.Held.LogLoss)))!;

    /// <summary>Uses the trials' penalty and temperature, or number of epochs.</summary>
    internal static FinishedFit Finish(
        FitModel model, FitWindows learning, Trial[] trials, long seed, FitLine line, CancellationToken cancellationToken)
    {
        if (model.IsRidge)
        {
            var temperature = Math.Exp(trials.Average(static t => Math.Log(t.Temperature)));
            return new(model.Network.FitRidge(learning.Rows, [trials[0].Penalty], temperature)[0], 1, 1, "in closed form");
        }

        if (model is { IsLinear: true, OfValues: true }) { return new(Linear(model, learning), 1, 1, "in closed form"); }
        var fit = model.IsLinear ? Softmax(model, learning, trials[0].Penalty * learning.Count, line, cancellationToken)
            : SteppedFit.AsOften(model.Network, learning, trials.Select(static t => t.Epochs), seed, line, cancellationToken);
        return new(fit.Weights, fit.BestEpoch, fit.Steps, SteppedFit.BoundOf(fit.End) ?? (fit.End == FitEnd.Minimum
            ? "the loss was at its minimum" : model.IsLinear ? "the bound of steps"
            : trials.Any(static t => t.IsCut) ? "at a limit of steps or time, as in the trials"
            : $"where the {(model.OfValues ? "error" : "loss")} on held-out data stopped falling"));
    }

    private static FitResult Softmax(
        FitModel model, FitWindows learning, double penalty, FitLine line, CancellationToken cancellationToken)
    {
        using var time = new CancellationTokenSource(SteppedFit.MaxTime, TimeProvider.System);
        return model.Network.FitSoftmax(learning.Rows, penalty, progress: line, stop: time.Token, cancellationToken: cancellationToken);
    }

    private static Weights Linear(FitModel model, FitWindows learning) => model.Plain is not null
        ? model.PlainWeights(learning.Targets.Average(static t => (double)t)) : model.Network.FitRidgeLeftOut(
        learning.Rows, model.Preparation.Kind == ModelKind.Lags ? OfLags : OfFeatures, model.Prior);

    private static float TemperatureOf(Network network, Weights weights, FitWindows held)
    {
        var logits = new float[held.Count * network.Plan.Outputs];
        network.Infer(weights.Values.AsSpan(), held.Sample, logits, new());
        TensorPrimitives.Log(logits, logits);       // the logarithms of shares are scores, up to a number that is the same for all classes
        return ExitRule.FitTemperature(logits, held.Labels);
    }
}

internal sealed record FinishedFit(Weights Weights, int Epochs, long Steps, string Ended);
