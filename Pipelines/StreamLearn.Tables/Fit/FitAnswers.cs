using System.Collections.Immutable;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Tables;

namespace Tool;

/// <summary>Answers of a value model with one penalty on held-out devices.</summary>
internal sealed record ValueTrial(double Penalty, int Epochs, FitEnd End, float[] Values, LabelledWindows Held)
{
    /// <summary>Ridge penalties for random convolutions; held-out devices choose, the largest of equals.</summary>
    private static readonly ImmutableArray<double> Penalties = [1, 0.1, 0.01, 0.001];

    /// <summary>Penalties of linear models, chosen by leave-one-out over rows.</summary>
    private static readonly ImmutableArray<double> OfFeatures = [1, 0.3, 0.1, 0.03, 0.01, 3e-3, 1e-3, 3e-4, 1e-4];

    /// <summary>A noiseless signal follows from its own values up to rounding.</summary>
    private static readonly ImmutableArray<double> OfLags = [30, 10, 3, .. OfFeatures, 1e-5, 1e-6, 1e-7, 1e-8];

    /// <summary>For a model trained elsewhere.</summary>
    internal static ValueTrial Of(FleetModel model, Weights weights, LabelledWindows held) =>
        new(1, 1, FitEnd.Minimum, Answers(model, weights, held), held);

    /// <summary>True if stopped at a bound, with the error still falling.</summary>
    internal bool IsCut => End is FitEnd.Steps or FitEnd.Stopped;

    internal static int JudgesOf(IEnumerable<ValueTrial> trials) => trials.Sum(static t => t.Held.Owners.Distinct().Count());

    /// <summary>Null: too few devices judge.</summary>
    internal static ConformalScores? Scores(IReadOnlyCollection<ValueTrial> trials) => ConformalScores.Of(
        [.. trials.SelectMany(static t => t.Values.Zip(t.Held.Targets, static (v, target) => ConformalScores.OfValue(v, target)))],
        [.. trials.SelectMany(static t => t.Held.Owners)]);

    /// <summary>Score: the share of the mean predictor's error that the answers save. <paramref name="spread"/>: that error.</summary>
    internal static Candidate CandidateOf(string model, IEnumerable<ValueTrial> trials, double spread) => Candidate.Over(
        [.. trials.Select(t => new Candidate(model, [.. t.DeviceErrors.Select(e => 1 - (e / spread))], 1 - (t.Error / spread)))]);

    /// <summary>Mean absolute error.</summary>
    internal double Error => ErrorsOf(static _ => true).Average();

    internal double[] DeviceErrors => [.. Held.Owners.Distinct().Select(owner => ErrorsOf(r => Held.Owners[r] == owner).Average())];

    internal static ValueTrial[] Of(
        FleetModel model, LabelledWindows learning, LabelledWindows held, long seed, FitLine line, CancellationToken cancellationToken)
    {
        if (IsLinear(model)) { return [Of(model, Linear(model, learning), held)]; }
        if (IsRidge(model))
        {
            return [.. model.Network.FitRidge(learning.Rows, Penalties)
                .Zip(Penalties, (weights, penalty) => new ValueTrial(penalty, 1, FitEnd.Minimum, Answers(model, weights, held), held))];
        }

        var fit = SteppedFit.UntilDone(model.Network, learning, held, seed, line, cancellationToken);
        return [new(1, fit.BestEpoch, fit.End, Answers(model, fit.Weights, held), held)];
    }

    /// <summary>The trials with the penalty of least error.</summary>
    internal static ValueTrial[] Best(IReadOnlyList<ValueTrial[]> trials) => Enumerable.Range(0, trials[0].Length)
        .Select(p => trials.Select(t => t[p]).ToArray()).MinBy(static same => same.Average(static t => t.Error))!;

    /// <summary>Uses the trials' penalty, or epochs.</summary>
    internal static FinishedFit Finish(
        FleetModel model, LabelledWindows learning, ValueTrial[] trials, long seed, FitLine line, CancellationToken cancellationToken)
    {
        if (IsLinear(model)) { return new(Linear(model, learning), 1, 1, "in closed form"); }
        if (IsRidge(model)) { return new(model.Network.FitRidge(learning.Rows, [trials[0].Penalty])[0], 1, 1, "in closed form"); }
        var fit = SteppedFit.AsOften(model.Network, learning, trials.Select(static t => t.Epochs), seed, line, cancellationToken);
        return new(fit.Weights, fit.BestEpoch, fit.Steps,
            SteppedFit.BoundOf(fit.End) ?? (trials.Any(static t => t.IsCut) ? "where trials ended at a bound of steps or time"
                : "where the error of what was left out stopped falling"));
    }

    internal static float[] Answers(FleetModel model, Weights weights, LabelledWindows windows)
    {
        var values = new float[windows.Labels.Length];
        model.Network.Infer(weights.Values.AsSpan(), windows.Sample, values, new());
        return values;
    }

    private IEnumerable<double> ErrorsOf(Func<int, bool> isMeant) => Enumerable.Range(0, Values.Length).Where(isMeant)
        .Select(r => (double)ConformalScores.OfValue(Values[r], Held.Targets[r]));

    private static Weights Linear(FleetModel model, LabelledWindows learning) => model.Network.FitRidgeLeftOut(
        learning.Rows, model.Source.Preparation.Kind == ModelKind.Lags ? OfLags : OfFeatures, model.Prior);

    private static bool IsRidge(FleetModel model) => model.Source.Preparation.Kind == ModelKind.Rocket;

    private static bool IsLinear(FleetModel model) => model.Source.Preparation.Kind is ModelKind.Linear or ModelKind.Lags;
}
