using System.Collections.Immutable;
using System.Numerics.Tensors;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Tables;

namespace Tool;

/// <summary>A fit to some devices with one penalty.</summary>
internal sealed record Trial(double Penalty, int Epochs, FitEnd End, float Temperature, Candidate Candidate, HeldAnswers Answers)
{
    /// <summary>Ridge penalties; held-out devices choose, the largest of equals.</summary>
    private static readonly ImmutableArray<double> Penalties = [0.3, 0.1, 0.03, 0.01];

    /// <summary>True if stopped at a bound, with the loss still falling.</summary>
    internal bool IsCut => End is FitEnd.Steps or FitEnd.Stopped;

    internal static Trial[] Of(
        FleetModel model, LabelledWindows learning, LabelledWindows held, long seed, FitLine line, CancellationToken cancellationToken)
    {
        if (IsRidge(model))
        {
            return [.. model.Network.FitRidge(learning.Rows, Penalties).Zip(Penalties, (weights, penalty) =>
                Judged(penalty, 1, FitEnd.Minimum, TemperatureOf(model.Network, weights, held), weights))];
        }

        var fit = IsLinear(model) ? Softmax(model, learning, line, cancellationToken)
            : SteppedFit.UntilDone(model.Network, learning, held, seed, line, cancellationToken);
        return [Judged(1, fit.BestEpoch, fit.End, 1, fit.Weights)];

        Trial Judged(double penalty, int epochs, FitEnd end, float temperature, Weights weights) => new(penalty, epochs, end, temperature,
            Candidate.Of(model.Name, held, model.Network, weights), HeldAnswers.Of(model.Network, weights, temperature, held));
    }

    /// <summary>The trials with the most accurate penalty on held-out devices.</summary>
    internal static Trial[] Best(IReadOnlyList<Trial[]> trials) => Enumerable.Range(0, trials[0].Length)
        .Select(p => trials.Select(t => t[p]).ToArray()).MaxBy(static same => same.Average(static t => t.Candidate.Accuracy))!;

    /// <summary>Uses the trials' penalty and temperature, or epochs.</summary>
    internal static FinishedFit Finish(
        FleetModel model, LabelledWindows learning, Trial[] trials, long seed, FitLine line, CancellationToken cancellationToken)
    {
        if (IsRidge(model))
        {
            var temperature = Math.Exp(trials.Average(static t => Math.Log(t.Temperature)));
            return new(model.Network.FitRidge(learning.Rows, [trials[0].Penalty], temperature)[0], 1, 1, "in closed form");
        }

        var fit = IsLinear(model) ? Softmax(model, learning, line, cancellationToken)
            : SteppedFit.AsOften(model.Network, learning, trials.Select(static t => t.Epochs), seed, line, cancellationToken);
        return new(fit.Weights, fit.BestEpoch, fit.Steps, SteppedFit.BoundOf(fit.End) ?? (fit.End == FitEnd.Minimum
            ? "the loss was at its minimum" : IsLinear(model) ? "the bound of steps"
            : trials.Any(static t => t.IsCut) ? "where trials ended at a bound of steps or time"
            : "where the loss of what was left out stopped falling"));
    }

    private static FitResult Softmax(FleetModel model, LabelledWindows learning, FitLine line, CancellationToken cancellationToken)
    {
        using var time = new CancellationTokenSource(SteppedFit.MaxTime, TimeProvider.System);
        return model.Network.FitSoftmax(learning.Rows, progress: line, stop: time.Token, cancellationToken: cancellationToken);
    }

    /// <summary>True if held-out devices choose a penalty: needs many people, little time.</summary>
    internal static bool IsRidge(FleetModel model) => model.Source.Preparation.Kind == ModelKind.Rocket;

    private static bool IsLinear(FleetModel model) => model.Source.Preparation.Kind is ModelKind.Linear or ModelKind.Lags;

    private static float TemperatureOf(Network network, Weights weights, LabelledWindows held)
    {
        var logits = new float[held.Labels.Length * network.Plan.Outputs];
        network.Infer(weights.Values.AsSpan(), held.Sample, logits, new());
        TensorPrimitives.Log(logits, logits);       // of shares: scores, but for a number that is the same for all classes
        return TemperatureScaling.Fit(logits, held.Labels);
    }
}

internal sealed record FinishedFit(Weights Weights, int Epochs, long Steps, string Ended);

internal sealed class FitLine(TimeProvider clock, Action<string> say, string name = "") : IProgress<FitEpoch>
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    private long _said = clock.GetTimestamp();

    public void Report(FitEpoch value)
    {
        if (IsDue()) { say($"  fitting  {name}: {value}"); }
    }

    /// <summary>For parallel fleets; thread-safe.</summary>
    internal void Report(string fleet, TimeSpan at, TimeSpan of)
    {
        if (IsDue()) { say(FormattableString.Invariant($"  fitting  {fleet}: {at.TotalSeconds:0} of {of.TotalSeconds:0} s")); }
    }

    private bool IsDue()
    {
        var said = Interlocked.Read(ref _said);
        return clock.GetElapsedTime(said) >= Every && Interlocked.CompareExchange(ref _said, clock.GetTimestamp(), said) == said;
    }
}
